package tableau

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// books are LUIDs of workbooks.
func books(n int) (ids []LUID) {
	for i := range n {
		ids = append(ids, LUID(fmt.Sprintf("b0000000-0000-4000-8000-%012d", i)))
	}
	return ids
}

// bookNode is the JSON of a workbook with one flow upstream of it.
func bookNode(id LUID) string {
	return fmt.Sprintf(`{"luid":%q,"targets":[{"luid":"f%s","name":"Flow"}]}`, id, id[1:])
}

func lineageAnswer(nodes []string, next string) reply {
	pageInfo := `{"hasNextPage":false,"endCursor":null}`
	if next != "" {
		pageInfo = fmt.Sprintf(`{"hasNextPage":true,"endCursor":%q}`, next)
	}
	return reply{body: `{"data":{"list":{"nodes":[` + strings.Join(nodes, ",") + `],"pageInfo":` + pageInfo + `}}}`}
}

// TestLineageIsReadPageByPage reads an edge of more parents than one query is about, from a server
// with small pages.
func TestLineageIsReadPageByPage(t *testing.T) {
	t.Parallel()
	parents := books(maxLineageParents + 3)
	var u *upstream
	u = serve(t, func(*http.Request) reply {
		u.mu.Lock()
		body := u.bodies[len(u.bodies)-1]
		u.mu.Unlock()
		var asked struct {
			Variables struct {
				LUIDs []LUID
				After string
			}
		}
		if err := json.Unmarshal([]byte(body), &asked); err != nil {
			t.Error(err)
		}
		from := 0
		if asked.Variables.After != "" {
			if _, err := fmt.Sscanf(asked.Variables.After, "after %d", &from); err != nil {
				t.Error(err)
			}
		}
		to, next := min(from+200, len(asked.Variables.LUIDs)), ""
		if to < len(asked.Variables.LUIDs) {
			next = fmt.Sprint("after ", to)
		}
		var nodes []string
		for _, id := range asked.Variables.LUIDs[from:to] {
			nodes = append(nodes, bookNode(id))
		}
		return lineageAnswer(nodes, next)
	})
	all, err := u.session(t).readLineage(t.Context(), "WorkbookUpstreamFlows", parents)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range parents {
		if n := all.nodes[id]; n == nil || len(n.Targets.items) != 1 {
			t.Errorf("%s: %v", id, n)
		}
	}
	if len(all.nodes) != len(parents) || all.gap != GapNone || u.count("metadata/graphql") != 4 {
		t.Errorf("%d parents, gap %q, %d calls", len(all.nodes), all.gap, u.count("metadata/graphql"))
	}
}

// TestLineageIsNeverSilentlyIncomplete holds that each answer that lacks something has a gap or is
// an error, and that what is right of it is used.
func TestLineageIsNeverSilentlyIncomplete(t *testing.T) {
	t.Parallel()
	ids := books(2)
	first, second := bookNode(ids[0]), bookNode(ids[1])
	page := func(nodes, pageInfo, more string) string {
		return `{"data":{"list":{"nodes":` + nodes + `,"pageInfo":` + pageInfo + `}}` + more + `}`
	}
	const last = `{"hasNextPage":false,"endCursor":null}`
	failed := func(code string) string {
		return `,"errors":[{"message":"m","extensions":{"severity":"ERROR","code":"` + code + `"}}]`
	}
	for _, tt := range []struct {
		name, body string
		gap        Gap
		edges      int
		kind       Kind
		fails      bool
	}{
		{"whole", page("["+first+","+second+"]", last, ""), GapNone, 2, 0, false},
		{"a parent is not in the catalog", page("["+first+"]", last, ""), GapAbsent, 1, 0, false},
		{"a page without a cursor to the next", page("["+first+","+second+"]", `{"hasNextPage":true,"endCursor":null}`, ""), GapBroken, 2, 0, false},
		{"no word of more pages", page("["+first+","+second+"]", `{}`, ""), GapBroken, 2, 0, false},
		{"a parent of another form", page("["+first+`,"x"]`, last, ""), GapBroken, 1, 0, false},
		{"no list of parents", page("null", last, ""), GapBroken, 0, 0, false},
		{"no list of targets", page(`[`+first+`,{"luid":"`+string(ids[1])+`"}]`, last, ""), GapBroken, 1, 0, false},
		{"a null in place of targets", page(`[`+first+`,{"luid":"`+string(ids[1])+`","targets":null}]`, last, ""), GapBroken, 1, 0, false},
		{"a target of another form", page(strings.Replace("["+first+","+second+"]", `"targets":[`, `"targets":[7,`, 1), last, ""), GapBroken, 2, 0, false},
		{"a target with an odd id", page(strings.Replace("["+first+","+second+"]", `"targets":[`, `"targets":[{"luid":"../x"},`, 1), last, ""), GapBroken, 2, 0, false},
		{"a target without an id", page(strings.Replace("["+first+","+second+"]", `"targets":[`, `"targets":[{"name":"embedded"},{"luid":"","name":"hidden"},`, 1), last, ""), GapNone, 2, 0, false},
		{"a warning", page("["+first+","+second+"]", last, failed("NODE_LIMIT_EXCEEDED")), GapLimit, 2, 0, false},
		{"errors of another form", page("["+first+","+second+"]", last, `,"errors":"x"`), GapBroken, 2, 0, false},
		{"the list is refused", `{"data":{"list":null}` + failed("ACCESS_DENIED") + `}`, "", 0, Refused, true},
		{"the list is throttled", `{"data":{"list":null}` + failed("RATE_EXCEEDED") + `}`, "", 0, RateLimited, true},
		{"all is throttled", `{"data":null` + failed("RATE_EXCEEDED") + `}`, "", 0, RateLimited, true},
		{"an unknown field", `{"errors":[{"message":"Validation error of type FieldUndefined","extensions":null}]}`, "", 0, BadRequest, true},
		{"neither data nor error", `{}`, "", 0, Malformed, true},
		{"not an object", `[]`, "", 0, Malformed, true},
	} {
		u := serve(t, func(*http.Request) reply { return reply{body: tt.body} })
		all, err := u.session(t).readLineage(t.Context(), "WorkbookUpstreamFlows", ids)
		if tt.fails {
			if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != tt.kind {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		edges := 0
		for _, n := range all.nodes {
			targets, _ := n.targets()
			edges += len(targets)
		}
		if all.gap != tt.gap || edges != tt.edges {
			t.Errorf("%s: gap %q, %d edges", tt.name, all.gap, edges)
		}
	}
}

// TestLineageLeavesOutHiddenSheets: the REST API does not list them.
func TestLineageLeavesOutHiddenSheets(t *testing.T) {
	t.Parallel()
	const sheets = `{"luid":"d1","sheets":[{"luid":"v1","name":"Shown","path":"Book/Shown"},{"luid":"v2","name":"Hidden","path":""},{"luid":"v3","name":"Old"}],"dashboards":[]}`
	n := &lineageNode{}
	if err := json.Unmarshal([]byte(sheets), n); err != nil {
		t.Fatal(err)
	}
	targets, whole := n.targets()
	if want := []lineageTarget{{"v1", "Shown"}, {"v3", "Old"}}; !slices.Equal(targets, want) || !whole {
		t.Errorf("%v, whole %t", targets, whole)
	}
}

// asAsked gives recorded answers of others' queries the names that our queries give to their parts.
var asAsked = strings.NewReplacer(
	`"dashboardsConnection":`, `"list":`, `"publishedDatasourcesConnection":`, `"list":`, `"databaseTablesConnection":`, `"list":`, `"workbooksConnection":`, `"list":`,
	`"upstreamDatabases":`, `"targets":`, `"folderName":`, `"folder":`, `"__typename":`, `"kind":`, `"columns":`, `"targets":`,
)

// recordedMetadata reads a recorded answer, with the parts named as our queries name them.
func recordedMetadata(t *testing.T, file string) string {
	t.Helper()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	text, err := os.ReadFile(filepath.Join(dir, "next", "metadata", file))
	if err != nil {
		t.Fatal(err)
	}
	return asAsked.Replace(strings.ReplaceAll(string(text), `": `, `":`))
}

// TestRecordedAnswersOfTheMetadataAPIDecode decodes every recorded answer as ours are decoded.
func TestRecordedAnswersOfTheMetadataAPIDecode(t *testing.T) {
	t.Parallel()
	type counts struct{ Nodes, WithID, Whole, Targets, Sheets, Fields int }
	for _, tt := range []struct {
		file string
		want counts
		gap  Gap
	}{
		{"dashboardsConnection_all.json", counts{Nodes: 4, WithID: 1, Sheets: 18}, GapNone},
		{"publishedDatasourcesConnection_all.json", counts{Nodes: 2, WithID: 2, Whole: 2, Targets: 2, Fields: 42}, GapNone},
		{"databaseTablesConnection_all.json", counts{Nodes: 21, Whole: 18, Targets: 605}, GapNone},
		{"node_limit_error.json", counts{}, GapLimit},
	} {
		var page lineagePage
		gap, err := decodeMetadata([]byte(recordedMetadata(t, tt.file)), &page)
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
			continue
		}
		var got counts
		for _, n := range page.List.Nodes.items {
			got.Nodes++
			got.Targets, got.Sheets, got.Fields = got.Targets+len(n.Targets.items), got.Sheets+len(n.Sheets.items), got.Fields+len(n.Fields.items)
			if n.LUID != "" {
				got.WithID++
			}
			if n.whole() {
				got.Whole++
			}
			if n.Fields.keep(func(f *CatalogField) bool { return f.Name != "" && f.Kind != "" }); n.Fields.lost {
				t.Errorf("%s: a field is lost", tt.file)
			}
		}
		if got != tt.want || gap != tt.gap || page.List.Nodes.lost {
			t.Errorf("%s: %+v, gap %q", tt.file, got, gap)
		}
	}
	var none lineagePage
	_, err := decodeMetadata([]byte(recordedMetadata(t, "permission_mode_switched_error.json")), &none)
	if e := (*Error)(nil); !errors.As(err, &e) || e.Code != "PERMISSIONS_MODE_SWITCHED" { // it was recorded without the data beside it
		t.Errorf("a warning alone: %v", err)
	}
	text := recordedMetadata(t, "permission_mode_switched_error.json")
	whole := strings.Replace(text, "{", `{"data":{"list":{"nodes":[],"pageInfo":{"hasNextPage":false}}},`, 1)
	if gap, err := decodeMetadata([]byte(whole), &none); err != nil || gap != GapNone {
		t.Errorf("a warning that lacks nothing: %q %v", gap, err)
	}
	var mock struct {
		Data struct{ PublishedDatasources json.RawMessage }
	}
	if err := json.Unmarshal([]byte(recordedMetadata(t, "field-descriptions-mcp-mock.json")), &mock); err != nil {
		t.Fatal(err)
	}
	var described lineagePage
	page := `{"data":{"list":{"pageInfo":{"hasNextPage":false},"nodes":` + string(mock.Data.PublishedDatasources) + `}}}`
	if gap, err := decodeMetadata([]byte(page), &described); err != nil || gap != GapNone {
		t.Errorf("fields with descriptions: %q %v", gap, err)
	} else if fields := described.List.Nodes.items[0].Fields.items; len(fields) < 2 || fields[0].Formula == "" || fields[0].Description == "" {
		t.Errorf("%+v", fields)
	}
}
