package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/policy"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

func newCloud(t *testing.T, change func(*resolvers.Config)) *world {
	t.Helper()
	return newWorld(t, tableausim.Config{APIVersion: "3.29", Cloud: true}, change)
}

// pulseList is a page of definitions, as tests read it.
type pulseList struct {
	TotalCount *int
	PageInfo   struct {
		HasNextPage bool
		EndCursor   string
	}
	Nodes []struct {
		LUID, Name string
		Metrics    *pulseList
	}
}

// pulseOf asks for a page of definitions of the site.
func pulseOf(t *testing.T, w *world, user, query string) (list pulseList, calls map[string]int) {
	t.Helper()
	got, calls := askCalls(t, w, user+w.mail, `{site(contentUrl: "acme") {pulseDefinitions`+query+`}}`)
	if len(got.Errors) > 0 {
		t.Fatalf("%s: %s", query, got.raw)
	}
	var body struct {
		Data struct {
			Site struct{ PulseDefinitions pulseList }
		}
	}
	if err := json.Unmarshal(got.raw, &body); err != nil {
		t.Fatal(err)
	}
	return body.Data.Site.PulseDefinitions, calls
}

func TestPulseListsTakeFewCalls(t *testing.T) {
	t.Parallel()
	w := newCloud(t, nil)
	list, calls := pulseOf(t, w, "alice", `(first: 20) {totalCount nodes {luid name dataSource {name} metrics(first: 3) {totalCount nodes {luid followerCount definition {name}}}}}`)
	if len(list.Nodes) < 5 || list.TotalCount == nil || *list.TotalCount < len(list.Nodes) {
		t.Errorf("%d definitions, in all %v", len(list.Nodes), list.TotalCount)
	}
	if len(calls) != 3 || calls["GET -/pulse/definitions"] != 1 || calls["GET -/pulse/subscriptions:batchGetMetricFollowerCounts"] != 1 {
		t.Errorf("calls: %v", calls)
	}
	nodes, calls := askCalls(t, w, "alice"+w.mail, `{site(contentUrl: "acme") {pulseSubscriptions(first: 50) {nodes {metric {luid definition {name metrics(first: 5) {nodes {luid}}}}}}}}`)
	if len(nodes.Errors) > 0 || calls["GET -/pulse/metrics:batchGet"] != 1 || calls["GET -/pulse/definitions:batchGet"] != 2 || len(calls) != 3 {
		t.Errorf("calls: %v: %s", calls, nodes.raw)
	}
}

// All pages together are the whole list, whatever their size.
func TestPagesOfPulseAreTheList(t *testing.T) {
	t.Parallel()
	w := newCloud(t, nil)
	whole, _ := pulseOf(t, w, "alice", `(first: 100) {totalCount nodes {luid metrics(first: 100) {totalCount nodes {luid}}}}`)
	if whole.TotalCount == nil || *whole.TotalCount != len(whole.Nodes) || whole.PageInfo.HasNextPage {
		t.Fatalf("%d of %v", len(whole.Nodes), whole.TotalCount)
	}
	size := len(whole.Nodes)/3 + 1
	var ids []string
	for after := ""; ; {
		page, _ := pulseOf(t, w, "alice", fmt.Sprintf(`(first: %d, after: %q) {totalCount pageInfo {hasNextPage endCursor} nodes {luid}}`, size, after))
		for _, d := range page.Nodes {
			ids = append(ids, d.LUID)
		}
		if after = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage || len(ids) > len(whole.Nodes) {
			break
		}
	}
	for i, d := range whole.Nodes {
		if len(ids) != len(whole.Nodes) || ids[i] != d.LUID {
			t.Fatalf("pages have %d definitions, the list %d", len(ids), len(whole.Nodes))
		}
	}
	first := whole.Nodes[0]
	for after, i := "", 0; i < len(first.Metrics.Nodes); i++ {
		page, _ := pulseOf(t, w, "alice", fmt.Sprintf(`(first: 1) {nodes {metrics(first: 1, after: %q) {totalCount pageInfo {hasNextPage endCursor} nodes {luid}}}}`, after))
		m := page.Nodes[0].Metrics
		if len(m.Nodes) != 1 || m.Nodes[0].LUID != first.Metrics.Nodes[i].LUID || m.PageInfo.HasNextPage != (i+1 < len(first.Metrics.Nodes)) {
			t.Fatalf("metric %d: %+v, want %s", i, m, first.Metrics.Nodes[i].LUID)
		}
		after = m.PageInfo.EndCursor
	}
}

func TestFaultsOfPulseHaveCodes(t *testing.T) {
	t.Parallel()
	w := newCloud(t, nil)
	const definitions, values = `{pulseDefinitions(first: 1) {nodes {name}}}`, `{pulseDefinitions(first: 1) {nodes {metrics(first: 1) {nodes {isDefault headline {text} insights {text}}}}}}`
	for _, c := range []struct {
		name, query string
		how         tableausim.PulseAPI
		codes, has  string
	}{
		{"off", definitions, tableausim.PulseAPI{Off: true}, "TABLEAU_UNSUPPORTED", `"pulseDefinitions":null`},
		{"slow", values, tableausim.PulseAPI{Deadline: true}, "TABLEAU_TIMEOUT TABLEAU_TIMEOUT", `"isDefault":true,"headline":null,"insights":null`},
		{"broken", values, tableausim.PulseAPI{InsightErrors: true}, "TABLEAU_UNAVAILABLE TABLEAU_PARTIAL", `"headline":null,"insights":[]`},
		{"whole", values, tableausim.PulseAPI{}, "", `"headline":{"text":"`},
	} {
		w.sim.SetPulse(c.how)
		got := w.ask(t, "alice", `{site(contentUrl: "acme") `+c.query+`}`, nil)
		codes := codesOf(got)
		if codes != c.codes && codes != "TABLEAU_PARTIAL TABLEAU_UNAVAILABLE" || !strings.Contains(string(got.raw), c.has) {
			t.Errorf("%s: %s", c.name, got.raw)
		}
	}
	for name, query := range map[string]string{
		"no zone":      `headline(timeZone: "Europe/Atlantis") {text}`,
		"not a name":   `headline(timeZone: "<script>") {text}`,
		"a long name":  `insights(timeZone: "` + strings.Repeat("x", 65) + `") {text}`,
		"an odd after": `definition {metrics(after: "x") {totalCount}}`,
	} {
		got := w.ask(t, "alice", `{site(contentUrl: "acme") {pulseDefinitions(first: 1) {nodes {metrics(first: 1) {nodes {isDefault `+query+`}}}}}}`, nil)
		if codesOf(got) != "BAD_USER_INPUT" || !strings.Contains(string(got.raw), `"isDefault":true`) {
			t.Errorf("%s: %s", name, got.raw)
		}
	}
}

// What a role lacks does not exist, and what is on another site is not found.
func TestPulseOfOthersIsMissing(t *testing.T) {
	t.Parallel()
	w := newCloud(t, nil)
	_, metric, _ := w.sim.PulseIDs("acme", "")
	id := tableau.GlobalID(tableau.KindPulseMetric, "acme", metric)
	const node = `query($id: ID!) {node(id: $id) {id}}`
	if got := w.ask(t, "alice", node, map[string]any{"id": id}); len(got.Errors) > 0 {
		t.Errorf("%s", got.raw)
	}
	closed, calls := w.ask(t, "bob", node, map[string]any{"id": id}), 0
	for _, n := range closed.Extensions.Vitrine.Calls {
		calls += n
	}
	if codesOf(closed) != "NOT_FOUND" || calls > 0 {
		t.Errorf("bob: %s", closed.raw)
	}
	if got := w.ask(t, "bob", `{site(contentUrl: "acme") {pulseDefinitions {totalCount}}}`, nil); codesOf(got) != "GRAPHQL_VALIDATION_FAILED" || strings.Contains(string(got.raw), `"data"`) {
		t.Errorf("bob: %s", got.raw)
	}
	for _, query := range []string{
		`query($id: LUID!) {site(contentUrl: "marketing") {pulseMetric(by: {luid: $id}) {luid}}}`,
		`query($id: LUID!) {site(contentUrl: "marketing") {pulseDefinition(by: {luid: $id}) {luid}}}`,
	} {
		if got := w.ask(t, "carol", query, map[string]any{"id": metric}); codesOf(got) != "NOT_FOUND" && codesOf(got) != "SITE_UNKNOWN" {
			t.Errorf("%s: %s", query, got.raw)
		}
	}
}

// Values count as queries to data: a caller who has used them up still reads definitions.
func TestValuesOfPulseCountAsQueries(t *testing.T) {
	t.Parallel()
	w := newCloud(t, func(c *resolvers.Config) {
		c.DataQueries = func(context.Context, *auth.Identity, string, int) (resolvers.DataQueryQuota, bool) {
			return resolvers.DataQueryQuota{Limit: 1, Used: 1, In: time.Minute, Refused: true}, true
		}
	})
	got := w.ask(t, "alice", `{site(contentUrl: "acme") {pulseDefinitions(first: 1) {nodes {name metrics(first: 1) {nodes {isDefault headline {text}}}}}}}`, nil)
	if codesOf(got) != "TABLEAU_RATE_LIMITED" || !strings.Contains(string(got.raw), `"isDefault":true,"headline":null`) {
		t.Errorf("%s", got.raw)
	}
}

// A session from a JWT gets the scopes of Pulse only where a role has the area.
func TestScopesOfPulseFollowTheArea(t *testing.T) {
	t.Parallel()
	for areas, want := range map[string]bool{"CATALOG CONTENT PEOPLE OPERATIONS GOVERNANCE DOWNLOAD": false, "CATALOG PULSE": true} {
		roles, err := policy.New(resolvers.Schema(), []policy.Role{{Name: "all", Allow: strings.Fields(areas)}})
		if err != nil {
			t.Fatal(err)
		}
		scopes, err := resolvers.Scopes(roles)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(scopes, " ")
		for _, scope := range []string{"insight_definitions_metrics", "insight_metrics", "metric_subscriptions", "insights"} {
			if got := strings.Contains(all, "tableau:"+scope+":read"); got != want {
				t.Errorf("%s: the scope %s is asked for: %v", areas, scope, got)
			}
		}
		if strings.Contains(all, "brief") || strings.Contains(all, ":create") {
			t.Errorf("%s: %s", areas, all)
		}
	}
}
