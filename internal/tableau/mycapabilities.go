package tableau

import (
	"context"
	"slices"
)

// MyCapabilities are what the caller may certainly do with an object.
type MyCapabilities struct {
	Allowed    []Capability
	Denied     []Capability
	IsComplete bool // nothing is left to rules that the caller may not read
}

// capabilitiesOf are the capabilities of each kind of content.
var capabilitiesOf = map[string][]Capability{
	KindProject: {"Read", "Write", "ProjectLeader"},
	KindWorkbook: {
		"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData", "WebAuthoring",
		"RunExplainData", "ExportXml", "Write", "ChangeHierarchy", "Delete", "ChangePermissions", "ExtractRefresh",
	},
	KindView: {"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData"},
	KindDataSource: {
		"Connect", "Read", "ExportXml", "Write", "SaveAs", "ChangeHierarchy", "Delete", "ChangePermissions", "VizqlDataApiAccess",
		"PulseMetricDefine", "ExtractRefresh",
	},
	KindFlow: {
		"Read", "ExportXml", "Execute", "WebAuthoringForFlows", "Write", "ChangeHierarchy", "Delete", "ChangePermissions",
	},
}

var (
	// administrators have all capabilities on all content of the site.
	administrators = []SiteRole{"ServerAdministrator", "SiteAdministratorCreator", "SiteAdministratorExplorer"}
	// publishers have all capabilities on what they own, but those that a locked project takes away.
	// Owners with a lesser role have fewer, and Tableau does not list which.
	publishers = []SiteRole{"Creator", "ExplorerCanPublish"}
)

// myCapabilities returns what is certain of an object of a kind that Tableau returned to the caller.
// Tableau has no method for effective permissions, so only the session's user is read: one call for
// a site, and none that may be refused for each object. GET sessions/current.
func (s *Session) myCapabilities(ctx context.Context, kind string, owner *User) (*MyCapabilities, error) {
	current, err := nilIfDenied(s.Current(ctx))
	if err != nil && !IsKind(err, Unsupported) {
		return nil, err
	}
	if current == nil || current.User == nil {
		return certainCapabilities(kind, "", false), nil
	}
	id, err := s.UserLUID(ctx)
	if err != nil {
		return nil, err
	}
	return certainCapabilities(kind, current.User.SiteRole, owner != nil && owner.LUID == id), nil
}

// certainCapabilities returns what is certain for a site role.
func certainCapabilities(kind string, role SiteRole, isOwner bool) *MyCapabilities {
	all := capabilitiesOf[kind]
	my := &MyCapabilities{Allowed: all[:1:1], Denied: []Capability{}} // it was returned
	switch {
	case slices.Contains(administrators, role):
		my.Allowed = all
	case isOwner && slices.Contains(publishers, role):
		my.Allowed = slices.DeleteFunc(slices.Clone(all), func(c Capability) bool { return c == "ChangePermissions" })
	}
	my.IsComplete = len(my.Allowed) == len(all)
	return my
}

// MyCapabilities are what the caller may do with the workbook.
func (w *Workbook) MyCapabilities(ctx context.Context) (*MyCapabilities, error) {
	return w.s.myCapabilities(ctx, KindWorkbook, w.OwnerRef)
}

// MyCapabilities are what the caller may do with the view.
func (v *View) MyCapabilities(ctx context.Context) (*MyCapabilities, error) {
	return v.s.myCapabilities(ctx, KindView, v.OwnerRef)
}

// MyCapabilities are what the caller may do with the data source.
func (d *DataSource) MyCapabilities(ctx context.Context) (*MyCapabilities, error) {
	return d.s.myCapabilities(ctx, KindDataSource, d.OwnerRef)
}

// MyCapabilities are what the caller may do with the flow.
func (f *Flow) MyCapabilities(ctx context.Context) (*MyCapabilities, error) {
	return f.s.myCapabilities(ctx, KindFlow, f.OwnerRef)
}

// MyCapabilities are what the caller may do with the project. Lists say whether it may be published
// to, if they are asked.
func (p *Project) MyCapabilities(ctx context.Context) (*MyCapabilities, error) {
	my, err := p.s.myCapabilities(ctx, KindProject, p.OwnerRef)
	if err != nil || my.IsComplete {
		return my, err
	}
	writable, err := p.IsWritable(ctx)
	switch {
	case err != nil:
		return nil, err
	case writable == Yes:
		my.Allowed = append(slices.Clone(my.Allowed), "Write")
	case writable == No:
		my.Denied = []Capability{"Write"}
	}
	return my, nil
}
