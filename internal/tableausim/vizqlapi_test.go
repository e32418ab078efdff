package tableausim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

// vizql asks a method of the VizQL Data Service about a data source; rest goes behind the data
// source in the body.
func (c *client) vizql(method, source, rest string) answer {
	c.t.Helper()
	return c.outside(http.MethodPost, "v1/vizql-data-service/"+method, `{"datasource":{"datasourceLuid":"`+source+`"}`+rest+`}`)
}

func (c *client) orders() string { return c.sim.IDOf("", "datasource", "Orders") }

func TestVizQLAnswersTheExamples(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.28"}).user("alice", "")
	orders := c.orders()
	for _, tt := range []struct{ name, rest, want string }{
		{
			"objects", `,"query":{"fields":[{"fieldCaption":"Region"},{"fieldCaption":"Sales","function":"SUM","maxDecimalPlaces":2,"sortDirection":"DESC","sortPriority":1}]},"options":{"returnFormat":"OBJECTS","debug":true,"disaggregate":false}`,
			`^{"data":\[{"Region":"\w+","SUM\(Sales\)":[\d.]+},.*{"Region":null,"SUM\(Sales\)":[\d.]+}\]}$`,
		},
		{"arrays", `,"query":{"fields":[{"fieldCaption":"Region"},{"fieldCaption":"Sales","function":"SUM"}]},"options":{"returnFormat":"ARRAYS"}`, `^{"data":\[\[("\w+"|null),[\d.]+\],`},
		{
			"alias and part of a date", `,"query":{"fields":[{"fieldCaption":"Order Date","function":"YEAR","fieldAlias":"year","sortPriority":1},{"fieldCaption":"Profit","function":"AVG"}]}`,
			`^{"data":\[{"year":2023,"AVG\(Profit\)":[-\d.]+},{"year":2024,`,
		},
		{"calculation", `,"query":{"fields":[{"fieldCaption":"margin","calculation":"SUM([Profit])/SUM([Sales])"}]}`, `^{"data":\[{"margin":0\.\d+}\]}$`},
		{"saved calculation", `,"query":{"fields":[{"fieldCaption":"Profit Ratio"}]}`, `^{"data":\[{"Profit Ratio":0\.\d+}\]}$`},
		{"filters with context", `,"query":{"fields":[{"fieldCaption":"Region"},{"fieldCaption":"Sales","function":"SUM"}],"filters":[
			{"field":{"fieldCaption":"Category"},"filterType":"SET","values":["Furniture"],"exclude":false,"context":true},
			{"field":{"fieldCaption":"Region"},"filterType":"TOP","howMany":2,"direction":"TOP","fieldToMeasure":{"fieldCaption":"Sales","function":"SUM"}},
			{"field":{"fieldCaption":"Order Date"},"filterType":"QUANTITATIVE_DATE","quantitativeFilterType":"RANGE","minDate":"2024-01-01","maxDate":"2024-12-31"}]}`, `^{"data":\[{[^}]*},{[^}]*}\]}$`},
		{"running total", `,"query":{"fields":[{"fieldCaption":"Region"},{"fieldCaption":"Sales","function":"SUM","fieldAlias":"run","tableCalculation":{"tableCalcType":"RUNNING_TOTAL","aggregation":"SUM","dimensions":[{"fieldCaption":"Region"}]}}]}`, `"run":`},
		{"truncated date", `,"query":{"fields":[{"fieldCaption":"Order Date","function":"TRUNC_MONTH","sortPriority":1}]}`, `^{"data":\[{"TRUNC_MONTH\(Order Date\)":"2023-01-01"}`},
		{"bin and group", `,"query":{"fields":[{"fieldCaption":"Sales (bin)","sortPriority":1},{"fieldCaption":"Region Group"}]}`, `{"Sales \(bin\)":0,"Region Group":"(Coasts|Inland|Other)"}`},
		{"bin of the query", `,"query":{"fields":[{"fieldCaption":"Sales","binSize":500,"sortPriority":1}]}`, `{"Sales":0.0},{"Sales":500.0}`},
		{"limit", `,"query":{"fields":[{"fieldCaption":"Order ID"}]},"options":{"rowLimit":1}`, `^{"data":\[{"Order ID":1001}\]}$`},
		{"events", `,"query":{"fields":[{"fieldCaption":"Region"}]},"options":{"returnServerSentEvents":true}`, `^event: METADATA\ndata: {"rowCount":5}\n\nevent: DATA\n`},
	} {
		a := c.vizql("query-datasource", orders, tt.rest)
		if a.status != http.StatusOK || !regexp.MustCompile(tt.want).MatchString(a.body) {
			t.Errorf("%s: %d %.400s", tt.name, a.status, a.body)
		}
	}
	if a := c.outside(http.MethodGet, "v1/vizql-data-service/simple-request", ""); a.body != "ahoy" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := c.vizql("list-supported-functions", orders, ""); a.status != http.StatusOK || !strings.Contains(a.body, `"overloads":[{"arg_types":["ANY"],"return_type":"REAL"}]`) {
		t.Errorf("%d %.300s", a.status, a.body)
	}
}

// TestVizQLValidates sends what the service refuses, each with its code.
func TestVizQLValidates(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.28"}).user("alice", "")
	field := func(f string) string { return `,"query":{"fields":[` + f + `]}` }
	filter := func(f string) string { return `,"query":{"fields":[{"fieldCaption":"Region"}],"filters":[` + f + `]}` }
	for _, tt := range []struct {
		rest, code string
		status     int
	}{
		{field(`{"fieldCaption":"Sals"}`), "400803", 400},
		{field(``), "400803", 400},
		{`,"query":{}`, "400802", 400},
		{field(`{"fieldCaption":"Region","flavor":1}`), "400802", 400},
		{field(`{"fieldCaption":"Sales","function":"TOTAL"}`), "400802", 400},
		{field(`{"fieldCaption":"Region","function":"SUM"}`), "400803", 400},
		{field(`{"fieldCaption":"Region","function":"YEAR"}`), "400803", 400},
		{field(`{"fieldCaption":"Profit Ratio","function":"SUM"}`), "400804", 400},
		{field(`{"fieldCaption":"x","calculation":"SUM([Sales)"}`), "400800", 400},
		{field(`{"fieldCaption":"x","calculation":"SUM([Sales])/[Profit]"}`), "400804", 400},
		{field(`{"fieldCaption":"x","calculation":"RAWSQL_INT('1')"}`), "400803", 400},
		{field(`{"fieldCaption":"x","calculation":"SUM({INCLUDE [Region] : SUM([Sales])})"}`), "501000", 501},
		{field(`{"fieldCaption":"x","calculation":"SUM({FIXED [Region] : [Sales]})"}`), "400804", 400},
		{field(`{"fieldCaption":"x","calculation":"SUM({FIXED SUM([Sales]) : SUM([Sales])})"}`), "400804", 400},
		{field(`{"fieldCaption":"x","calculation":"SUM({FIXED [Region] SUM([Sales])})"}`), "400800", 400},
		{field(`{"fieldCaption":"x","calculation":"SUM({FIXED [Region] : SUM([Sales])"}`), "400800", 400},
		{field(`{"fieldCaption":"x","calculation":"1","function":"SUM"}`), "400803", 400},
		{field(`{"fieldCaption":"Region"},{"fieldCaption":"Region"}`), "400803", 400},
		{field(`{"fieldCaption":"Region","sortPriority":1},{"fieldCaption":"Category","sortPriority":1}`), "400803", 400},
		{field(`{"fieldCaption":"Region","sortPriority":0}`), "400802", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"SET","values":[]}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"SET","values":[1]}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"SET"}`), "400802", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"LIKE"}`), "400802", 400},
		{filter(`{"field":{"fieldCaption":"Sales"},"filterType":"MATCH","contains":"1"}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"MATCH"}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"QUANTITATIVE_NUMERICAL","quantitativeFilterType":"MIN","min":1}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Sales"},"filterType":"QUANTITATIVE_NUMERICAL","quantitativeFilterType":"RANGE","min":1}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Order Date"},"filterType":"QUANTITATIVE_DATE","quantitativeFilterType":"MIN","minDate":"yesterday"}`), "400802", 400},
		{filter(`{"field":{"fieldCaption":"Order Date"},"filterType":"DATE","periodType":"DAYS","dateRangeType":"LASTN"}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"TOP","howMany":0,"fieldToMeasure":{"fieldCaption":"Sales","function":"SUM"}}`), "400803", 400},
		{filter(`{"field":{"fieldCaption":"Region"},"filterType":"SET","values":["East"]},{"field":{"fieldCaption":"Region"},"filterType":"MATCH","contains":"x"}`), "400803", 400},
		{`,"query":{"fields":[{"fieldCaption":"Region"}],"parameters":[{"parameterCaption":"Top N","value":7}]}`, "400803", 400},
		{`,"query":{"fields":[{"fieldCaption":"Region"}]},"options":{"newOption":true}`, "400000", 404},
	} {
		a := c.vizql("query-datasource", c.orders(), tt.rest)
		if a.status != tt.status || a.text("errorCode") != tt.code || a.text("message") == "" {
			t.Errorf("%s: %d %s, want %d %s", tt.rest, a.status, a.body, tt.status, tt.code)
		}
	}
	if a := c.vizql("query-datasource", c.orders(), field(`{"fieldCaption":"Sals"}`)); a.text("message") != "Unknown Field: Sals." || !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$`).MatchString(a.text("datetime")) {
		t.Errorf("%s", a.body)
	}
	carol := c.user("carol", "")
	if a := carol.vizql("query-datasource", c.sim.IDOf("", "datasource", "SensorReadings"), field(`{"fieldCaption":"Name"}`)); a.text("errorCode") != "404935" || a.status != http.StatusNotFound {
		t.Errorf("a caption of two fields: %d %s", a.status, a.body)
	}
}

// TestVizQLByRelease sends to each release what came with the next one.
func TestVizQLByRelease(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, method, rest, code string
		status                      int
	}{
		{"3.24", "read-metadata", "", "", 404},
		{"3.25", "read-metadata", "", "", 200},
		{"3.25", "read-metadata", `,"options":{"bypassMetadataCache":true}`, "400000", 404},
		{"3.27", "read-metadata", `,"options":{"bypassMetadataCache":true}`, "", 200},
		{"3.27", "read-metadata", `,"options":{"includeHiddenFields":true}`, "400000", 404},
		{"3.26", "get-datasource-model", "", "404950", 404},
		{"3.27", "get-datasource-model", "", "", 200},
		{"3.27", "list-supported-functions", "", "404950", 404},
		{"3.28", "list-supported-functions", "", "", 200},
		{"3.25", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Profit Ratio","function":"AGG"}]}`, "400802", 400},
		{"3.26", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Profit Ratio","function":"AGG"}]}`, "", 200},
		{"3.27", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Region"}]},"options":{"rowLimit":1}`, "400000", 404},
		{"3.28", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Region"}]},"options":{"rowLimit":1}`, "", 200},
		{"3.27", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Region"}],"filters":[{"field":{"fieldCaption":"Order Date","function":"YEAR"},"filterType":"SET","values":[2024]}]}`, "400803", 400},
		{"3.28", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Region"}],"filters":[{"field":{"fieldCaption":"Order Date","function":"YEAR"},"filterType":"SET","values":[2024]}]}`, "", 200},
		{"3.27", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Region"}],"filters":[{"field":{"fieldCaption":"Region"},"filterType":"CONDITION","condition":{"fieldCaption":"Sales","function":"SUM","comparison":">","value":0}}]}`, "400802", 400},
		{"3.28", "query-datasource", `,"query":{"fields":[{"fieldCaption":"Region"}],"filters":[{"field":{"fieldCaption":"Region"},"filterType":"CONDITION","condition":{"fieldCaption":"Sales","function":"SUM","comparison":">","value":0}}]}`, "", 200},
		{"3.29", "nothing", "", "404950", 404},
	} {
		c := start(t, tableausim.Config{APIVersion: tt.version}).user("alice", "")
		if a := c.vizql(tt.method, c.orders(), tt.rest); a.status != tt.status || a.text("errorCode") != tt.code {
			t.Errorf("%s %s %s: %d %.300s, want %d %s", tt.version, tt.method, tt.rest, a.status, a.body, tt.status, tt.code)
		}
	}
}

func TestVizQLRefusesAndFails(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sim := start(t, tableausim.Config{APIVersion: "3.28", Now: func() time.Time { return now }})
	alice, bob := sim.user("alice", ""), sim.user("bob", "")
	const query = `,"query":{"fields":[{"fieldCaption":"Region"}]}`
	ask := func(c *client) answer { return c.vizql("query-datasource", sim.orders(), query) }
	if a := ask(sim); a.status != http.StatusUnauthorized || a.text("errorCode") != "401001" {
		t.Errorf("not signed in: %d %s", a.status, a.body)
	}
	if a := ask(bob); a.status != http.StatusForbidden || a.text("errorCode") != "403800" {
		t.Errorf("without the capability: %d %s", a.status, a.body)
	}
	if a := alice.vizql("read-metadata", sim.sim.IDOf("", "datasource", "Employees"), ""); a.status != http.StatusNotFound || a.at("errorCode") != nil {
		t.Errorf("what alice does not see: %d %s", a.status, a.body)
	}
	for _, tt := range []struct {
		set    tableausim.VizQLDataService
		status int
		code   string
	}{
		{tableausim.VizQLDataService{Off: true}, 403, "403157"},
		{tableausim.VizQLDataService{Timeout: true}, 408, "408000"},
		{tableausim.VizQLDataService{BreakAfter: 2}, 200, ""},
	} {
		sim.sim.SetVizQLDataService(tt.set)
		a := ask(alice)
		if a.status != tt.status || a.text("errorCode") != tt.code {
			t.Errorf("%+v: %d %s", tt.set, a.status, a.body)
		}
		if tt.set.BreakAfter > 0 && (len(a.nodesAt("data")) != 2 || a.text("error", "errorCode") != "500811") {
			t.Errorf("broken off: %s", a.body)
		}
	}
	sim.sim.SetVizQLDataService(tableausim.VizQLDataService{Quota: 4}) // two were used
	var got []int
	for range 4 {
		got = append(got, ask(alice).status)
	}
	now = now.Add(time.Hour)
	if got = append(got, ask(alice).status); !slices.Equal(got, []int{200, 200, 429, 429, 200}) {
		t.Errorf("quota: %v", got)
	}
	sim.sim.Restart()
	if a := ask(alice); a.status != http.StatusUnauthorized || a.code() != "401002" {
		t.Errorf("session ended: %d %s", a.status, a.body)
	}
}

// TestVizQLAnswersAreShapedLikeTheDocuments holds that every member of an answer is one of the
// OpenAPI document of its release, and that recorded members are there.
func TestVizQLAnswersAreShapedLikeTheDocuments(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("VITRINE_RECORDED is not set: there are no documents to compare with")
	}
	read := func(name string) (v map[string]any) {
		text, err := os.ReadFile(filepath.Join(dir, "next", "vds", name))
		if err == nil {
			err = json.Unmarshal(text, &v)
		}
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for version, file := range map[string]string{"3.25": "openapi-20251.0.json", "3.26": "openapi-20252.0.json", "3.27": "openapi-20253.0.json", "3.28": "openapi-20261.0.json"} {
		c := start(t, tableausim.Config{APIVersion: version}).user("alice", "")
		schemas := read(file)["components"].(map[string]any)["schemas"].(map[string]any)
		known := schemas["FieldMetadata"].(map[string]any)["properties"].(map[string]any)
		a := c.vizql("read-metadata", c.orders(), "")
		for _, f := range a.nodesAt("data") {
			for name := range f {
				if known[name] == nil {
					t.Errorf("%s: a field has %s", version, name)
				}
			}
		}
		if version != "3.27" {
			continue
		}
		mine, theirs := map[string]bool{}, map[string]bool{}
		pathsIn(a.json, "", mine)
		pathsIn(read("read-metadata-mcp-mock.json"), "", theirs)
		pathsIn(c.vizql("get-datasource-model", c.orders(), "").json, "", mine)
		pathsIn(read("datasource-model-mcp-mock.json"), "", theirs)
		for path := range theirs { // members of lists are bare values there, and relations have expressions from 2026.1
			if !mine[path] && !strings.Contains(path, "members[]") && !strings.Contains(path, "expression") && !strings.Contains(path, "logicalTables[].description") {
				t.Errorf("there is no %s", path)
			}
		}
	}
}

// TestVizQLAndMetadataAgree compares the fields of a data source in both interfaces.
func TestVizQLAndMetadataAgree(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.28"}).user("admin", "")
	a := c.metadata(`{publishedDatasources{luid fields{name isHidden __typename ...on DataField{dataType role} ...on CalculatedField{formula}}}}`)
	for _, d := range a.nodesAt("data", "publishedDatasources") {
		var want, got []string
		for _, f := range d["fields"].([]any) {
			m := f.(map[string]any)
			want = append(want, fmt.Sprint(m["name"], m["dataType"], m["role"], m["isHidden"], m["formula"]))
		}
		for _, m := range c.vizql("read-metadata", d["luid"].(string), `,"options":{"includeHiddenFields":true}`).nodesAt("data") {
			got = append(got, fmt.Sprint(m["fieldCaption"], m["dataType"], m["fieldRole"], m["hidden"], m["formula"]))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", d["luid"], got, want)
		}
	}
}
