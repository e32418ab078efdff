package resolvers_test

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// withDownloads opens everything that these tests ask for.
func withDownloads(t *testing.T) func(*resolvers.Config) {
	t.Helper()
	roles, err := policy.New(resolvers.Schema(), []policy.Role{{Name: "all", Allow: []string{"CATALOG", "CONTENT", "DOWNLOAD"}}})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *resolvers.Config) { c.Policy = roles }
}

// Files have names and types before anybody fetches them, and asking for them costs nothing.
func TestDownloadsHaveNamesBeforeTheyCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, withDownloads(t))
	got := w.ask(t, "carol", `{ site(contentUrl: "") {
		workbook(by: {contentUrl: "Superstore"}) { download { ...f } }
		dataSources(first: 1, filter: {name: {eq: "Superstore Datasource"}}) { nodes { download(includeExtract: false) { ...f } } }
		flows(first: 2, orderBy: [{field: NAME}]) { nodes { name fileType download { ...f } } }
	} } fragment f on ContentLink { fileName contentType }`, nil)
	text := string(got.raw)
	for _, want := range []string{
		`"workbook":{"download":{"fileName":"Superstore.twbx","contentType":"application/octet-stream"}}`,
		`"dataSources":{"nodes":[{"download":{"fileName":"Superstore Datasource.tdsx","contentType":"application/octet-stream"}}]}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	flows := 0
	for _, kind := range []string{"tfl", "tflx"} {
		flows += strings.Count(text, fmt.Sprintf(`.%s","contentType":"application/octet-stream"}`, kind))
		if strings.Count(text, `"fileType":"`+strings.ToUpper(kind)+`"`) != strings.Count(text, "."+kind+`","contentType"`) {
			t.Errorf("names of flows do not end as their kinds: %s", text)
		}
	}
	if flows != 2 || len(got.Errors) > 0 || got.calls() != 3 {
		t.Errorf("%d flows in %d calls: %s", flows, got.calls(), text)
	}
}

// What this server is too old for is an error when it is asked for, not by a link that would not
// work.
func TestOldServersSayWhatTheyLack(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]map[string]string{
		"3.6":  {"crosstab": "3.8", "powerPoint": "3.8", "size": "3.23", "svg": "3.29", "pdf": "", "image": ""},
		"3.22": {"crosstab": "", "powerPoint": "", "size": "3.23", "svg": "3.29", "state": "3.23", "age": "3.23"},
		"3.25": {"size": "", "wide": "3.26", "state": "", "age": ""},
		"3.29": {"size": "", "svg": "", "wide": "", "state": ""},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{APIVersion: version}, nil)
			fields := map[string]string{
				"crosstab": "crosstab { url }", "size": "size: image(size: {width: 10, height: 10}) { url }", "svg": "svg: image(format: SVG) { url }",
				"pdf": "pdf { url }", "image": "image { url }",
				"powerPoint": "workbook { powerPoint { url } }", "wide": "workbook { wide: pdf(size: {width: 10, height: 10}) { url } }",
				"state": `workbook { state: pdf(options: {parameters: [{name: "a", value: "b"}]}) { url } }`,
				"age":   "workbook { age: pdf(options: {maxAgeMinutes: 5}) { url } }",
			}
			for name, needs := range want {
				got := w.ask(t, "alice", `{ site(contentUrl: "") { view(by: {path: "Superstore/Overview"}) { `+fields[name]+` } } }`, nil)
				codes := strings.Join(got.codes(), " ")
				if needs == "" && codes != "" || needs != "" && (codes != "TABLEAU_UNSUPPORTED" || !strings.Contains(got.Errors[0].Message, "REST API "+needs+" ")) {
					t.Errorf("%s: %s", name, got.raw)
				}
			}
		})
	}
}

// A page of data is a part of the whole table, whichever way it is asked for.
func TestDataHasPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	const query = `query($first: Int!, $after: String) { site(contentUrl: "") { view(by: {path: "Superstore/Overview"}) { data(first: $first, after: $after) {
		totalCount rows columns { name numbers } pageInfo { hasNextPage hasPreviousPage endCursor } } } } }`
	whole := w.ask(t, "alice", query, map[string]any{"first": 1000})
	data := func(r *reply) map[string]any {
		site, _ := r.Data["site"].(map[string]any)
		view, _ := site["view"].(map[string]any)
		d, _ := view["data"].(map[string]any)
		if d == nil {
			t.Fatalf("no data: %s", r.raw)
		}
		return d
	}
	all := data(whole)["rows"].([]any)
	var seen []any
	variables := map[string]any{"first": 5}
	for pages := 0; ; pages++ {
		d := data(w.ask(t, "alice", query, variables))
		rows := d["rows"].([]any)
		seen = append(seen, rows...)
		info := d["pageInfo"].(map[string]any)
		if info["hasPreviousPage"] != (pages > 0) || d["totalCount"] != float64(len(all)) || len(d["columns"].([]any)[2].(map[string]any)["numbers"].([]any)) != len(rows) {
			t.Errorf("page %d: %v", pages, d)
		}
		if info["hasNextPage"] != true {
			break
		}
		variables["after"] = info["endCursor"]
	}
	if fmt.Sprint(seen) != fmt.Sprint(all) || len(all) != 12 {
		t.Errorf("pages give %v\nof %v", seen, all)
	}
	none := data(w.ask(t, "alice", query, map[string]any{"first": 0}))
	if len(none["rows"].([]any)) != 0 || len(none["columns"].([]any)) != 4 || none["totalCount"] != float64(12) {
		t.Errorf("no rows: %v", none)
	}
}

// Who may see a view but not its data learns so; a server that has data switched off says that.
func TestRefusedDataVoidsItsFieldAlone(t *testing.T) {
	t.Parallel()
	const query = `{ site(contentUrl: "") { view(by: {path: "Superstore/Overview"}) { name data { totalCount } } } }`
	w := newWorld(t, tableausim.Config{}, nil)
	if err := w.sim.Forbid("", w.sim.ViewID("", "Superstore/sheets/Overview"), "bob", "ExportData"); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, "bob", query, nil); strings.Join(got.codes(), "") != "TABLEAU_FORBIDDEN" || !strings.Contains(string(got.raw), `{"name":"Overview","data":null}`) {
		t.Errorf("%s", got.raw)
	}
	if err := w.sim.SwitchOff("data"); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, "alice", query, nil); strings.Join(got.codes(), "") != "TABLEAU_UNSUPPORTED" {
		t.Errorf("%s", got.raw)
	}
}
