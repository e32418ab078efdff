package tableau

import (
	"cmp"
	"io"
)

// Capability is what one may be allowed to do.
type Capability string

var capabilities = map[string]string{
	"Read": "READ", "Write": "WRITE", "Filter": "FILTER", "ViewComments": "VIEW_COMMENTS", "AddComment": "ADD_COMMENT",
	"ExportImage": "EXPORT_IMAGE", "ExportData": "EXPORT_DATA", "ViewUnderlyingData": "VIEW_UNDERLYING_DATA", "ShareView": "SHARE_VIEW",
	"WebAuthoring": "WEB_AUTHORING", "WebAuthoringForFlows": "WEB_AUTHORING_FOR_FLOWS", "ExportXml": "EXPORT_XML",
	"ChangeHierarchy": "CHANGE_HIERARCHY", "Delete": "DELETE", "ChangePermissions": "CHANGE_PERMISSIONS",
	"RunExplainData": "RUN_EXPLAIN_DATA", "ExtractRefresh": "EXTRACT_REFRESH", "CreateRefreshMetrics": "CREATE_REFRESH_METRICS",
	"Connect": "CONNECT", "SaveAs": "SAVE_AS", "VizqlDataApiAccess": "VIZQL_DATA_API_ACCESS",
	"PulseMetricDefine": "PULSE_METRIC_DEFINE", "Execute": "EXECUTE", "ProjectLeader": "PROJECT_LEADER",
	"InheritedProjectLeader": "INHERITED_PROJECT_LEADER", "Overwrite": "OVERWRITE", "AiAccess": "AI_ACCESS",
}

// MarshalGQL writes the schema's value; OTHER where Tableau says none, for a rule is always about
// one.
func (c Capability) MarshalGQL(w io.Writer) { writeEnum(w, capabilities, cmp.Or(string(c), "?")) }

// UnmarshalGQL takes one of the schema's values.
func (c *Capability) UnmarshalGQL(v any) error { return readEnum((*string)(c), capabilities, v) }

// DefaultPermissionType is a kind of content that a project has default permissions for, as it is
// written in paths.
type DefaultPermissionType string

var defaultPermissionTypes = map[string]string{
	"workbooks": "WORKBOOKS", "datasources": "DATA_SOURCES", "flows": "FLOWS", "dataroles": "DATA_ROLES", "databases": "DATABASES",
	"tables": "TABLES", "virtualconnections": "VIRTUAL_CONNECTIONS", "metrics": "METRICS", "lenses": "LENSES",
}

// MarshalGQL writes the schema's value.
func (k DefaultPermissionType) MarshalGQL(w io.Writer) {
	writeEnum(w, defaultPermissionTypes, string(k))
}

// UnmarshalGQL takes one of the schema's values.
func (k *DefaultPermissionType) UnmarshalGQL(v any) error {
	return readEnum((*string)(k), defaultPermissionTypes, v)
}
