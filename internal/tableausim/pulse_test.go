package tableausim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// startCloud starts a stand-in of Tableau Cloud and signs somebody in to its first site.
func startCloud(t *testing.T, name string) *client {
	t.Helper()
	c := start(t, tableausim.Config{Cloud: true, APIVersion: "3.28"})
	return c.as(credentials(tableausim.CloudSite, "", "name", name+"@example.com", "password", name+"@example.com"))
}

func (c *client) pulse(path string) answer {
	c.t.Helper()
	return c.outside(http.MethodGet, "-/pulse/"+path, "")
}

func (c *client) postPulse(path, body string) answer {
	c.t.Helper()
	return c.outside(http.MethodPost, "-/pulse/"+path, body)
}

// followed is the LUID at the end of some keys of the first item of a list.
func (a answer) first(list string, path ...string) string {
	items := a.nodesAt(list)
	if len(items) == 0 {
		return ""
	}
	return answer{json: items[0]}.text(path...)
}

func TestPulsePagesByToken(t *testing.T) {
	t.Parallel()
	c := startCloud(t, "carol")
	var names []string
	token := ""
	for {
		a := c.pulse("definitions?view=DEFINITION_VIEW_BASIC&page_token=" + token)
		page := a.nodesAt("definitions")
		if a.status != http.StatusOK || len(page) > 10 || a.at("offset") != float64(len(names)) {
			t.Fatalf("%d %.300s", a.status, a.body)
		}
		for _, d := range page {
			names = append(names, answer{json: d}.text("metadata", "id"))
		}
		if token = a.text("next_page_token"); token == "" {
			if a.at("total_available") != float64(len(names)) || len(names) < 11 {
				t.Errorf("%d definitions of %v", len(names), a.at("total_available"))
			}
			break
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(names) {
		t.Error("a definition came twice")
	}
	token = c.pulse("definitions?page_size=2").text("next_page_token")
	for path, code := range map[string]string{
		"definitions?page_token=x": "400740", "definitions?page_size=0": "400959", "definitions?page_size=x": "400959", "definitions?order_by=name": "400733",
		"definitions?filter=x": "400736", "definitions?view=DEFINITION_VIEW_FULL&page_token=" + token: "400740", "subscriptions?page_token=" + token: "400740",
	} {
		if a := c.pulse(path); a.status != http.StatusBadRequest || a.text("code") != code || !strings.HasPrefix(a.text("message"), "0x") {
			t.Errorf("%s: %d %s, want %s", path, a.status, a.body, code)
		}
	}
}

// The calls of tableau-mcp, with %3A for the colon.
func TestPulseAnswersTableauMCP(t *testing.T) {
	t.Parallel()
	c := startCloud(t, "alice")
	a := c.pulse("definitions")
	id := a.first("definitions", "metadata", "id")
	a = c.postPulse("definitions%3AbatchGet?view=DEFINITION_VIEW_BASIC", `{"definition_ids":["`+id+`","`+strings.ToUpper(id)+`","ffff"]}`)
	if a.status != http.StatusCreated || len(a.nodesAt("definitions")) != 2 || a.first("errors", "id") != "ffff" {
		t.Errorf("%d %.300s", a.status, a.body)
	}
	if a := c.pulse("definitions:batchGet?definition_ids=" + id + "&view=DEFINITION_VIEW_FULL"); a.status != http.StatusOK || len(a.nodesAt("definitions")) != 1 || !strings.Contains(a.body, `"metric_version":"3"`) {
		t.Errorf("%d %.300s", a.status, a.body)
	}
	metrics := c.pulse("definitions/" + id + "/metrics")
	metric := metrics.first("metrics", "id")
	if a := c.postPulse("metrics%3AbatchGet", `{"metric_ids":["`+metric+`"]}`); a.status != http.StatusCreated || a.first("metrics", "id") != metric {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := c.pulse("metrics/" + metric); a.text("metric", "definition_id") != id {
		t.Errorf("%d %s", a.status, a.body)
	}
	subscriptions := c.pulse("subscriptions?user_id=" + c.userID + "&page_size=1000")
	if len(subscriptions.nodesAt("subscriptions")) == 0 {
		t.Errorf("%s", subscriptions.body)
	}
	followed := subscriptions.first("subscriptions", "metric_id")
	if a := c.pulse("subscriptions:batchGetMetricFollowerCounts?metric_ids=" + followed + "," + metric); a.nodesAt("follower_counts")[0]["follower_count"].(float64) < 1 {
		t.Errorf("%s", a.body)
	}
	if a := c.pulse("metrics:followedMetricsGroups?group_by=GROUP_BY_DATASOURCE_LABEL"); len(a.nodesAt("metric_groups")) == 0 {
		t.Errorf("%s", a.body)
	}
	for _, path := range []string{"user/preferences", "entitlements", "subscriptions:batchGet?subscription_ids=" + subscriptions.first("subscriptions", "id"), "subscriptions/" + subscriptions.first("subscriptions", "id")} {
		if a := c.pulse(path); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := c.postPulse("insights/brief", `{"messages":[]}`); a.status != http.StatusCreated || a.at("not_enough_information") != true {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// bundle is the request for the insights of a metric, made of the definition and the metric.
func (c *client) bundle(name, definition string, metric int, options string) string {
	c.t.Helper()
	d := c.pulse("definitions/" + definition + "?view=DEFINITION_VIEW_FULL")
	m := answer{json: d.json["definition"].(map[string]any)}.nodesAt("metrics")[metric]
	b, err := json.Marshal(map[string]any{"bundle_request": map[string]any{
		"version": 1, "options": json.RawMessage(options), "input": map[string]any{
			"metadata": map[string]any{"name": name, "metric_id": m["id"], "definition_id": definition},
			"metric": map[string]any{
				"definition": d.at("definition", "specification"), "metric_specification": m["specification"], "extension_options": d.at("definition", "extension_options"),
				"representation_options": d.at("definition", "representation_options"), "insights_options": d.at("definition", "insights_options"),
			},
		},
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// definitionOf finds a definition by its name.
func (c *client) definitionOf(name string) string {
	c.t.Helper()
	for _, d := range c.pulse("definitions?page_size=100").nodesAt("definitions") {
		if (answer{json: d}).text("metadata", "name") == name {
			return answer{json: d}.text("metadata", "id")
		}
	}
	c.t.Fatalf("there is no definition %q", name)
	return ""
}

// TestInsightsAreComputedFromTheData compares the number of a metric with the same question to the
// VizQL Data Service.
func TestInsightsAreComputedFromTheData(t *testing.T) {
	t.Parallel()
	c := startCloud(t, "carol")
	orders := c.sim.IDOf(tableausim.CloudSite, "datasource", "Orders")
	sum := func(function, from, to string) any {
		caption := map[string]string{"SUM": `"fieldCaption":"Sales","function":"SUM"`, "AGG": `"fieldCaption":"Profit Ratio"`}[function]
		a := c.vizql("query-datasource", orders, `,"query":{"fields":[{`+caption+`}],"filters":[{"field":{"fieldCaption":"Order Date"},"filterType":"QUANTITATIVE_DATE",
			"quantitativeFilterType":"RANGE","minDate":"`+from+`","maxDate":"`+to+`"}]},"options":{"returnFormat":"ARRAYS"}`)
		return a.at("data").([]any)[0].([]any)[0]
	}
	for _, tt := range []struct {
		name, function, now   string
		metric                int
		from, to              string
		comparing, comparedTo string
	}{
		{"Orders: Sales", "SUM", "2025-05-20", 0, "2025-05-01", "2025-05-20", "2025-04-01", "2025-04-20"},
		{"Orders: Sales", "SUM", "2025-05-20", 1, "2025-01-01", "2025-03-31", "2024-01-01", "2024-03-31"},
		{"Orders: Profit Ratio", "AGG", "2025-05-20", 0, "2025-05-01", "2025-05-20", "2025-04-01", "2025-04-20"},
		{"Orders: Sales", "SUM", "", 0, "2025-08-01", "2025-08-31", "2025-07-01", "2025-07-31"}, // the last day of the data
	} {
		options := `{"output_format":"OUTPUT_FORMAT_TEXT","now":"` + tt.now + `","time_zone":"UTC"}`
		a := c.postPulse("insights/ban", c.bundle("Sales", c.definitionOf(tt.name), tt.metric, options))
		group := answer{json: a.json}.nodesAt("bundle_response", "result", "insight_groups")
		if a.status != http.StatusCreated || len(group) == 0 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		insight := answer{json: answer{json: group[0]}.nodesAt("insights")[0]}
		value, before := insight.at("result", "facts", "target_period_value", "raw"), insight.at("result", "facts", "comparison_period_value", "raw")
		if value != sum(tt.function, tt.from, tt.to) || before != sum(tt.function, tt.comparing, tt.comparedTo) || strings.Contains(insight.text("result", "markup"), "<") {
			t.Errorf("%+v: %v, %v: %s", tt, value, before, a.body)
		}
	}
	a := c.postPulse("insights/springboard", c.bundle("Sales", c.definitionOf("Orders: Sales"), 0, `{"output_format":"OUTPUT_FORMAT_HTML"}`))
	if !strings.Contains(a.body, `top-contributors`) || !strings.Contains(a.body, `data-type=`) || !strings.Contains(a.body, `"type":"ban"`) {
		t.Errorf("%s", a.body)
	}
	a = c.postPulse("insights/ban", c.bundle("Sales", c.definitionOf("Orders: Sales"), 0, `{"now":"2030-01-01"}`))
	if a.status != http.StatusCreated || strings.Contains(a.body, "target_period_value") {
		t.Errorf("without data: %s", a.body)
	}
}

func TestPulseRefusesInItsOwnForm(t *testing.T) {
	t.Parallel()
	c := startCloud(t, "carol")
	id := c.definitionOf("Orders: Sales")
	good := c.bundle("Sales", id, 0, `{}`)
	for _, tt := range []struct{ from, to, code string }{
		{`"field":"sales"`, `"field":"Sales"`, "404932"},
		{`"field":"order_date"`, `"field":"Order Date"`, "404933"},
		{"AGGREGATION_SUM", "AGGREGATION_X", "400901"},
		{"GRANULARITY_BY_MONTH\",\"range", "GRANULARITY_BY_X\",\"range", "400732"},
		{c.sim.IDOf(tableausim.CloudSite, "datasource", "Orders"), "nothing", "404939"},
		{`"options":{}`, `"options":{"now":"today"}`, "400700"},
		{`"options":{}`, `"options":{"time_zone":"Nowhere/None"}`, "400700"},
	} {
		if a := c.postPulse("insights/ban", strings.Replace(good, tt.from, tt.to, 1)); a.text("code") != tt.code || good == strings.Replace(good, tt.from, tt.to, 1) {
			t.Errorf("%s: %d %s, want %s", tt.to, a.status, a.body, tt.code)
		}
	}
	for path, code := range map[string]string{"definitions/none": "404900", "metrics/none": "404901", "nothing": "404950", "subscriptions?user_id=none": "400701"} {
		if a := c.pulse(path); a.text("code") != code {
			t.Errorf("%s: %d %s, want %s", path, a.status, a.body, code)
		}
	}
	for _, tt := range []struct {
		set    tableausim.PulseAPI
		path   string
		status int
		code   string
	}{
		{tableausim.PulseAPI{Deadline: true}, "insights/ban", 408, "408901"},
		{tableausim.PulseAPI{AIOff: true}, "insights/brief", 400, "400955"},
		{tableausim.PulseAPI{InsightErrors: true}, "insights/ban", 201, ""},
		{tableausim.PulseAPI{Off: true}, "insights/ban", 400, "400999"},
	} {
		c.sim.SetPulse(tt.set)
		a := c.postPulse(tt.path, good)
		if a.status != tt.status || a.text("code") != tt.code || tt.set.InsightErrors && !strings.Contains(a.body, `"has_errors":true`) ||
			tt.set.Off && a.header.Get("validation_code") != "400999" {
			t.Errorf("%+v: %d %s", tt.set, a.status, a.body)
		}
	}
	server := start(t, tableausim.Config{}).user("carol", "")
	if a := server.pulse("definitions"); a.status != http.StatusNotFound || a.body != "" {
		t.Errorf("on a Tableau Server: %d %s", a.status, a.body)
	}
}

// What one sees of Pulse are the data sources that one may connect to.
func TestPulseShowsWhatTheCallerMaySee(t *testing.T) {
	t.Parallel()
	alice := startCloud(t, "alice")
	sees := map[string]bool{}
	for _, d := range alice.get("datasources", "pageSize", "1000").items("datasources", "datasource") {
		sees[d["id"].(string)] = true
	}
	for _, d := range alice.pulse("definitions?page_size=1000").nodesAt("definitions") {
		if id := (answer{json: d}).text("specification", "datasource", "id"); !sees[id] {
			t.Errorf("alice sees %v", d)
		}
	}
	carol := startCloud(t, "carol")
	if a := alice.pulse("definitions/" + carol.definitionOf("Employees: Salary")); a.status != http.StatusForbidden || a.text("code") != "403901" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := alice.pulse("subscriptions?user_id=" + carol.userID); a.text("code") != "403900" {
		t.Errorf("%d %s", a.status, a.body)
	}
	a := carol.metadata(`{metricDefinitions{luid name fields{name} }}`)
	if len(a.nodesAt("data", "metricDefinitions")) == 0 || !strings.Contains(a.body, "Orders: Sales") {
		t.Errorf("%.300s", a.body)
	}
}

func TestPulseAnswersAreShapedLikeRecordedOnes(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("VITRINE_RECORDED is not set: there are no recorded answers to compare with")
	}
	c := startCloud(t, "alice")
	definitions := c.pulse("definitions")
	id := definitions.first("definitions", "metadata", "id")
	for file, mine := range map[string]any{
		"definitions": definitions.at("definitions"), "metrics": c.pulse("definitions/" + id + "/metrics").at("metrics"), "subscriptions": c.pulse("subscriptions").at("subscriptions"),
	} {
		text, err := os.ReadFile(filepath.Join(dir, "next", "pulse", file+".json"))
		var recorded any
		if err == nil {
			err = json.Unmarshal(text, &recorded)
		}
		if err != nil {
			t.Fatal(err)
		}
		had, want := map[string]bool{}, map[string]bool{}
		pathsIn(mine, "", had)
		pathsIn(recorded, "", want)
		for path := range want { // the version of a metric is a text here, which both documents allow
			if !had[path] && path != "[].metric_version float64" {
				t.Errorf("%s: there is no %s", file, path)
			}
		}
	}
}
