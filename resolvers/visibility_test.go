package resolvers_test

import (
	"bytes"
	"testing"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// Where people of a site may not know of each other, nothing of others reaches who does not
// administer it: not through owners, rules, groups, publishers or labels, and not by looking them
// up.
func TestLimitedVisibilityLetsNothingOfOthersThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	if err := w.sim.SetUserVisibility("", "LIMITED"); err != nil {
		t.Fatal(err)
	}
	const query = `query($maria: LUID!, $ids: [ID!]!) {
		site(contentUrl: "") {
			me { name fullName }
			workbooks { nodes { owner { luid name fullName email } permissions { ...P } revisions { nodes { publisher { name } } } labels { setBy owner { name } } } }
			views(first: 200) { nodes { owner { luid name fullName } } }
			projects { nodes { owner { name } permissions { ...P } defaultPermissions(contentType: WORKBOOKS) { ...P } } }
			dataSources { nodes { owner { name } permissions { ...P } labels { setBy owner { fullName } } dataQualityWarnings { setBy owner { name } } } }
			flows { nodes { owner { name } } }
			databases { nodes { contact { name fullName } certifier { name } owner { name } } }
			tables { nodes { contact { fullName } certifier { name } } }
			users { nodes { name } } groups { nodes { users { nodes { name } } } }
			byLuid: user(by: {luid: $maria}) { name fullName email } byName: user(by: {name: "maria.gonzalez"}) { fullName }
		}
		nodes(ids: $ids) { ... on User { name fullName email groups { nodes { name } } ownedWorkbooks { nodes { name } } } }
	}
	fragment P on Permissions { grantees { grantee { __typename ... on User { luid name fullName email siteRole } ... on Group { name users { nodes { name } } } } } }`
	maria := w.sim.UserID("", "maria.gonzalez")
	ids := []any{}
	for _, name := range []string{"maria.gonzalez", "bob"} {
		ids = append(ids, tableau.GlobalID(tableau.KindUser, "", w.sim.UserID("", name)))
	}
	got := w.ask(t, "alice", query, map[string]any{"maria": maria, "ids": ids})
	if got.Data == nil || !bytes.Contains(got.raw, []byte("Alice Cook")) {
		t.Fatalf("alice does not even see herself: %.600s", got.raw)
	}
	if !bytes.Contains(got.raw, []byte(maria)) {
		t.Errorf("the LUID of an owner is not shown, and it may be: the test shows less than it should")
	}
	for _, other := range []string{"maria", "María", "jonas", "Jonas", "bob", "Bob Smith", "James Miller", "Chen Wei", "gonzalez", "smith"} {
		if i := bytes.Index(got.raw, []byte(other)); i >= 0 {
			t.Errorf("the answer reveals %q: …%s…", other, got.raw[max(i-150, 0):min(i+50, len(got.raw))])
		}
	}
}
