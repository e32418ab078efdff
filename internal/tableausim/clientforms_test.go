package tableausim_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// TestParametersOfFewValuesTakeAnyCase asks as other clients write them.
func TestParametersOfFewValuesTakeAnyCase(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{APIVersion: "3.29"}).user("alice", "")
	view := "views/" + alice.sim.ViewID("", "Superstore/sheets/Overview")
	good := map[string][]string{
		"pdf?type=":        {"a3", "A4", "a4", "a5", "b4", "B4", "b5", "executive", "EXECUTIVE", "folio", "ledger", "legal", "letter", "Letter", "note", "quarto", "tabloid", "unspecified", "Unspecified"},
		"pdf?orientation=": {"portrait", "Portrait", "PORTRAIT", "landscape", "LANDSCAPE"},
		"image?format=":    {"svg", "SVG", "Svg", "png", "PNG"}, "image?resolution=": {"high", "High", "HIGH"},
	}
	bad := map[string][]string{"pdf?type=": {"a6", "A4 "}, "pdf?orientation=": {"upright"}, "image?format=": {"gif"}, "image?resolution=": {"low"}}
	for path, values := range good {
		for _, v := range values {
			if a := alice.do(http.MethodGet, "sites/"+alice.siteID+"/"+view+"/"+path+v, ""); a.status != http.StatusOK {
				t.Errorf("%s%s: %d %s", path, v, a.status, a.body)
			}
		}
	}
	for path, values := range bad {
		for _, v := range values {
			if a := alice.get(view+"/"+strings.TrimSuffix(path[:strings.Index(path, "?")], "?"), path[strings.Index(path, "?")+1:len(path)-1], v); a.status != http.StatusBadRequest {
				t.Errorf("%s%s: %d", path, v, a.status)
			}
		}
	}
	for _, v := range []string{"true", "True", "FALSE"} {
		if a := alice.get("views", "includeUsageStatistics", v); a.status != http.StatusOK {
			t.Errorf("includeUsageStatistics=%s: %d", v, a.status)
		}
	}
}

// TestPathsHaveTwoSpellings asks for lists and things with a slash at the end, and with the capital
// letters of the Python client.
func TestPathsHaveTwoSpellings(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	id := carol.get("virtualconnections").items("virtualConnections", "virtualConnection")[0]["id"].(string)
	project := carol.get("projects").items("projects", "project")[0]["id"].(string)
	for _, path := range []string{
		"users/" + carol.userID, "favorites/" + carol.userID, "workbooks", "virtualconnections", "virtualconnections/" + id,
		"virtualconnections/" + id + "/connections", "virtualconnections/" + id + "/permissions", "virtualconnections/" + id + "/revisions",
		"virtualconnections/" + id + "/revisions/1", "projects/" + project + "/default-permissions/virtualconnections", "flows", "flows/runs",
		"tasks/runFlow", "recommendations?type=view", "workbooks?pageSize=2",
	} {
		path, query, _ := strings.Cut(path, "?")
		plain := carol.do(http.MethodGet, "sites/"+carol.siteID+"/"+path+"?"+query, "")
		if plain.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, plain.status, plain.body)
		}
		for _, other := range []string{path + "/", strings.Replace(path, "virtualconnections", "virtualConnections", 1)} {
			if a := carol.do(http.MethodGet, "sites/"+carol.siteID+"/"+other+"?"+query, ""); a.body != plain.body {
				t.Errorf("%s: %d %.200s", other, a.status, a.body)
			}
		}
	}
	for _, path := range []string{"serverinfo", "serverInfo", "serverInfo/"} {
		if a := carol.do(http.MethodGet, path, ""); a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := carol.do(http.MethodPost, "auth/signout/", ""); a.status != http.StatusNoContent {
		t.Errorf("auth/signout/: %d", a.status)
	}
}

// TestEveryReadOfTheReferenceIsServed walks the table of REST methods and the list of omitted
// methods below it: the stand-in has all of them but those that hand out a secret or do something.
func TestEveryReadOfTheReferenceIsServed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/schema/rest-methods.md")
	if err != nil {
		t.Fatal(err)
	}
	left := []string{"-/pulse/…", "webhooks/{}/test", "connected-apps/direct-trust/{}/secrets/{}"}
	on := map[string]*client{}
	for name, config := range map[string]tableausim.Config{"server": {APIVersion: "3.29"}, "old": {APIVersion: "3.15"}, "older": {APIVersion: "3.21"}} {
		on[name] = start(t, config).user("admin", "")
	}
	on["cloud"] = start(t, tableausim.Config{APIVersion: "3.29", Cloud: true}).user("carol@example.com", tableausim.CloudSite)
	methods := 0
	for _, line := range regexp.MustCompile("(?m)^\\| `GET ([^`]+)`").FindAllStringSubmatch(string(text), -1) {
		prefix, rest, braced := strings.Cut(line[1], "{auth-configurations")
		paths := strings.Split(line[1], ", ")
		if braced {
			paths = nil
			for _, last := range strings.Split("auth-configurations"+strings.TrimSuffix(rest, "}"), ", ") {
				paths = append(paths, prefix+last)
			}
		}
		for _, path := range paths {
			path = regexp.MustCompile(`\{[a-zA-Z]*\}`).ReplaceAllString(path, "{}")
			if slices.Contains(left, path) {
				continue
			}
			methods++
			served := false
			for _, c := range on {
				address := strings.ReplaceAll(path, "recyclebin/{}", "recyclebin/workbooks")
				address = strings.ReplaceAll(address, "default-permissions/{}", "default-permissions/workbooks")
				address = strings.ReplaceAll(address, "{}", "00000000-0000-4000-8000-000000000000")
				switch {
				case strings.HasPrefix(address, "-/"):
					address = "../" + address
				case strings.HasPrefix(path, "exp/sites/{}"):
					address = "../exp/sites/" + c.siteID + strings.TrimPrefix(address, "exp/sites/00000000-0000-4000-8000-000000000000")
				case strings.HasPrefix(address, "/"):
					address = address[1:]
				default:
					address = "sites/" + c.siteID + "/" + address
				}
				base := *c
				if rest, beside := strings.CutPrefix(address, "../"); beside {
					base.base, address = c.base[:strings.LastIndex(c.base, "/")], rest
				}
				a := base.do(http.MethodGet, address, "")
				served = served || a.code() != "404003" && !strings.Contains(a.body, `"404003"`)
			}
			if !served {
				t.Errorf("GET %s is not served", path)
			}
		}
	}
	if methods < 100 {
		t.Errorf("only %d methods were found", methods)
	}
}

// TestFlowRunsHavePagesWithoutAPagination reads runs in pages and orders.
func TestFlowRunsHavePagesWithoutAPagination(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	all := carol.get("flows/runs", "pageSize", "1000").items("flowRuns", "flowRuns")
	second := carol.get("flows/runs", "pageSize", "2", "pageNumber", "2")
	if got := second.items("flowRuns", "flowRuns"); second.at("pagination") != nil || len(got) != 2 || got[0]["id"] != all[2]["id"] {
		t.Errorf("second page: %s", second.body)
	}
	for code, query := range map[string][]string{
		"400006": {"pageSize", "1000", "pageNumber", "2"}, "403014": {"pageSize", "1001"}, "400007": {"pageSize", "0"}, "400066": {"sort", "flow:desc"},
		"404027": {"filter", "flowId:eq:00000000-0000-4000-8000-000000000000"},
	} {
		if a := carol.get("flows/runs", query...); a.code() != code {
			t.Errorf("%v: %d %s", query, a.status, a.code())
		}
	}
	sorted := carol.get("flows/runs", "sort", "startedAt:desc", "pageSize", "1000").items("flowRuns", "flowRuns")
	if !slices.IsSortedFunc(sorted, func(a, b map[string]any) int {
		return strings.Compare(b["startedAt"].(string), a["startedAt"].(string))
	}) {
		t.Error("not sorted")
	}
	taken := 0
	for _, run := range c.user("alice", "").get("flows/runs", "pageSize", "1000").items("flowRuns", "flowRuns") {
		flow := run["flowId"].(string)
		if err := c.sim.Forbid("", flow, "alice", "Execute"); err != nil {
			t.Fatal(err)
		}
		if a := c.user("alice", "").get("flows/runs", "filter", "flowId:eq:"+flow); len(a.items("flowRuns", "flowRuns")) == 0 {
			taken++
		}
	}
	if taken == 0 {
		t.Error("runs of flows that may not be executed are shown")
	}
}

// TestWildcardsInFilters: a star at the beginning, at the end or at both, in eq and in, and for
// tags.
func TestWildcardsInFilters(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]tableausim.Config{
		"new": {}, "first": {APIVersion: "3.15", Maintenance: 14}, "before": {APIVersion: "3.15", Maintenance: 13}, "old": {APIVersion: "3.9"},
	} {
		c := start(t, config).user("carol", "")
		wild := name == "new" || name == "first"
		for filter, want := range map[string]int{"name:eq:Super*": 1, "name:eq:*store": 1, "name:eq:*erstor*": 1, "name:in:[Super*,Nothing]": 1, "tags:eq:cust*": 1, "name:eq:Sup*store": 0} {
			if !wild {
				want = 0
			}
			if got := len(c.get("workbooks", "filter", filter).items("workbooks", "workbook")); got < want || want == 0 && got > 0 {
				t.Errorf("%s, %s: %d workbooks", name, filter, got)
			}
		}
	}
}

// TestSortSaysWhatIsWrong distinguishes a wrong form from a field that is not sortable.
func TestSortSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	for sort, part := range map[string]string{"name:desc": "no field 'name'", "notes:asc": "cannot be sorted", "priority": "form", "priority:up": "form"} {
		if a := carol.get("jobs", "sort", sort); a.code() != "400066" || !strings.Contains(a.text("error", "detail"), part) {
			t.Errorf("%s: %s", sort, a.body)
		}
	}
}

// TestValuesOfViewFilters reads them back as they are escaped.
func TestValuesOfViewFilters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`a,b`: {"a", "b"}, `a\,b`: {"a,b"}, `a\\,b`: {`a\`, "b"}, `a\\\,b`: {`a\,b`}, `a\b`: {`a\b`}, `a\`: {`a\`}, ``: {""}, `,`: {"", ""},
	} {
		if got := tableausim.ViewFilterValues(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}
