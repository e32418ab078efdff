package tableausim

import "slices"

// capabilities are what can be allowed or denied for a kind of thing, in the order in which rules
// are listed (ts-api_3_29.xsd; REST API reference, "Permissions").
var capabilities = map[string][]string{
	"project": {"Read", "Write", "ProjectLeader", "InheritedProjectLeader"},
	"workbook": {
		"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData", "WebAuthoring",
		"RunExplainData", "ExportXml", "Write", "ChangeHierarchy", "Delete", "ChangePermissions", "ExtractRefresh",
	},
	"view": {
		"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData", "WebAuthoring",
		"Delete", "ChangePermissions",
	},
	"datasource": {
		"Read", "Connect", "ExportXml", "Write", "SaveAs", "ChangeHierarchy", "Delete", "ChangePermissions", "VizqlDataApiAccess",
		"PulseMetricDefine", "ExtractRefresh",
	},
	"flow":              {"Read", "ExportXml", "Execute", "WebAuthoringForFlows", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"virtualConnection": {"Read", "Connect", "ExportXml", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"database":          {"Read", "Write", "ChangeHierarchy", "ChangePermissions"},
	"table":             {"Read", "Write", "ChangeHierarchy", "ChangePermissions"},
	"collection":        {"Read", "Write", "ChangePermissions"},
	"dataRole":          {"Read", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"lens":              {"Read", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"metric":            {"Read", "ViewComments", "AddComment", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
}

// What people are given by name: to look at things, to work with them, and to publish as well.
var (
	viewing   = []string{read, connect, "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView"}
	exploring = []string{"ViewUnderlyingData", "WebAuthoring", "RunExplainData", "SaveAs", "VizqlDataApiAccess", "Execute"}
)

// grants are the rules of a line for the content of a project. Everybody may look; who is named by
// a group of their own may work with it. A denial denies the sight alone: nothing else is left
// without it.
func (s *site) grants(line string) []rule {
	var out []rule
	for _, r := range s.access(line, read) {
		given := viewing
		switch {
		case !r.allow:
			given = []string{read, connect}
		case r.user != nil || r.group == nil || r.group.name != allUsers:
			given = slices.Concat(viewing, exploring)
		}
		for _, capability := range given {
			r.capability = capability
			out = append(out, r)
		}
	}
	return out
}

// teams are the groups that publish into the projects that they are named for.
var teams = []string{"Sales Team", "Marketing Team", "Finance Team", "Supply Chain"}

// projectGrants are the rules for a project itself.
func (s *site) projectGrants(line string) []rule {
	var out []rule
	for _, r := range s.access(line, read) {
		out = append(out, r)
		if r.allow && r.group != nil && slices.Contains(teams, r.group.name) {
			r.capability = "Write"
			out = append(out, r)
		}
	}
	return out
}

// managesProject reports whether u leads a project: owns it, is its leader by a rule, or leads one
// around it, whatever is denied below.
func (u *user) managesProject(p *project) bool {
	for ; p != nil; p = p.parent {
		if p.owner == u {
			return true
		}
		if allowed, _ := decide(p.rules, u, "ProjectLeader"); allowed {
			return true
		}
	}
	return false
}

// manages reports whether u may read and change the rules of a thing.
func (u *user) manages(owner *user, p *project, rules []rule) bool {
	if u.admin() || owner == u || u.managesProject(p) {
		return true
	}
	allowed, _ := decide(rules, u, "ChangePermissions")
	return allowed
}

// Modes of projects: who sets the permissions of their content.
const (
	byOwners    = "ManagedByOwner"
	locked      = "LockedToProject"
	lockedAlone = "LockedToProjectWithoutNested"
)

// controller is the locked project whose rules apply to the content of p: the uppermost one around
// it that is locked with all nested ones, else p where it is locked; nil where things have rules of
// their own.
func (p *project) controller() *project {
	var found *project
	if p != nil && p.permissions != byOwners {
		found = p
	}
	for q := p; q != nil; q = q.parent {
		if q.permissions == locked {
			found = q
		}
	}
	return found
}
