package tableau

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Tableau's containers, such as tags/tag, and the name of the items in them. Answers are decoded by shapes that have just this
// form; see straighten for the others.
var containers = map[string]string{
	"backgroundJobs": "backgroundJob", "extracts": "extract", "intervals": "interval", "schedules": "schedule", "tasks": "task",
	"dataAlerts": "dataAlert", "recipients": "recipient", "sites": "site", "subscriptions": "subscription",
	"webhooks":    "webhook",
	"datasources": "datasource", "projects": "project", "tags": "tag", "users": "user", "views": "view", "workbooks": "workbook",
	"downgradeInfo": "downgradedFeature",
	"contentItems":  "contentItem", "customViews": "customView", "flowOutputSteps": "flowOutputStep", "flows": "flow",
	"parameters": "parameter", "virtualConnections": "virtualConnection",
	"domainList": "domain", "favorites": "favorite", "recents": "recent", "recommendations": "recommendation",
	"groups": "group", "groupSets": "groupSet", "personalAccessTokens": "personalAccessToken",
	"permissions": "granteeCapabilities", "capabilities": "capability", "connections": "connection",
	"virtualConnectionConnections": "connection", "revisions": "revision",
	"databases": "database", "tables": "table", "columns": "column", "labelList": "label", "labelValueList": "labelValue",
	"labelCategoryList": "labelCategory", "dataQualityWarningList": "dataQualityWarning", "dataQualityTriggerList": "dataQualityTrigger",
	"dataQualityIndicatorList": "dataQualityIndicator",
}

// straighten brings JSON into the form that answers should have, where servers and proxies are known to write it otherwise: one
// item instead of an array of one, an array without the container, "" for an empty container, a number where a text is meant. It
// is the slow way, for answers that do not decode without.
func straighten(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(straight(v))
}

func straight(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if item, ok := containers[key]; ok {
				value = container(value, item)
			}
			v[key] = straight(value)
		}
	case []any:
		for i := range v {
			v[i] = straight(v[i])
		}
	case json.Number: // every type that takes a number takes it as a text too
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return v
}

// container gives {"item": […]} for whatever stands in the place of a container.
func container(v any, item string) any {
	switch v := v.(type) {
	case []any:
		return map[string]any{item: v}
	case map[string]any:
		switch one := v[item].(type) {
		case []any:
		case map[string]any:
			v[item] = []any{one}
		default:
			delete(v, item)
		}
		return v
	default:
		return nil
	}
}
