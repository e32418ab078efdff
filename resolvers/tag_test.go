package resolvers_test

import (
	"fmt"
	"testing"

	"vitrine/internal/tableausim"
)

// The content of each tag of a list is its own: the lists of tags beside each other differ by their
// tag alone, which is no argument.
func TestTagsBesideEachOtherHaveTheirOwnContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	all := w.ask(t, "alice", `{ site(contentUrl: "") { workbooks(first: 100) { nodes { tags { label workbooks { totalCount } views { totalCount } dataSources { totalCount } } } } } }`, nil)
	counts := map[string]bool{}
	for _, workbook := range all.Data["site"].(map[string]any)["workbooks"].(map[string]any)["nodes"].([]any) {
		for _, tag := range workbook.(map[string]any)["tags"].([]any) {
			tag := tag.(map[string]any)
			query := fmt.Sprintf(`{ site(contentUrl: "") { tag(by: {label: %q}) { label workbooks { totalCount } views { totalCount } dataSources { totalCount } } } }`, tag["label"])
			one := w.ask(t, "alice", query, nil).Data["site"].(map[string]any)["tag"]
			if fmt.Sprint(one) != fmt.Sprint(tag) {
				t.Fatalf("%v in a list, %v by itself", tag, one)
			}
			counts[fmt.Sprint(tag["workbooks"])] = true
		}
	}
	if len(counts) < 2 {
		t.Errorf("all tags have as many workbooks: %v", counts)
	}
}
