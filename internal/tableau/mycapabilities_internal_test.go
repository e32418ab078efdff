package tableau

import "testing"

// TestOnlyCertainCapabilitiesAreListed holds that no answer allows what rules may take away.
func TestOnlyCertainCapabilitiesAreListed(t *testing.T) {
	t.Parallel()
	for kind, all := range capabilitiesOf {
		for _, c := range all {
			if capabilities[string(c)] == "" {
				t.Errorf("%s: the capability %s is not in the schema", kind, c)
			}
		}
		for role := range siteRoles {
			administers := role == "ServerAdministrator" || role == "SiteAdministratorCreator" || role == "SiteAdministratorExplorer"
			publishes := role == "Creator" || role == "ExplorerCanPublish"
			for _, isOwner := range []bool{true, false} {
				my := certainCapabilities(kind, SiteRole(role), isOwner)
				listed := map[Capability]bool{}
				for _, c := range my.Allowed {
					listed[c] = true
				}
				for i, c := range all {
					want := i == 0 || administers || publishes && isOwner && c != "ChangePermissions"
					if listed[c] != want {
						t.Errorf("%s, %s, owner %t: %s is %t", kind, role, isOwner, c, listed[c])
					}
				}
				if my.IsComplete != (len(listed) == len(all)) || len(my.Denied) > 0 {
					t.Errorf("%s, %s, owner %t: %+v", kind, role, isOwner, my)
				}
			}
		}
	}
}
