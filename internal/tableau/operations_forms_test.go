package tableau

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vitrine/internal/tableau/rest"
)

// TestJobsWithoutATotal reads a list whose pagination says no total: it goes on while pages are
// full, and so finds the total.
func TestJobsWithoutATotal(t *testing.T) {
	t.Parallel()
	const jobs = 25
	u := serve(t, func(r *http.Request) reply {
		var number, size int
		_, _ = fmt.Sscan(r.URL.Query().Get("pageNumber"), &number)
		_, _ = fmt.Sscan(r.URL.Query().Get("pageSize"), &size)
		var items []string
		for i := (number - 1) * size; i < min(number*size, jobs); i++ {
			items = append(items, fmt.Sprintf(`{"id":"j%d","status":"Success"}`, i))
		}
		if len(items) == 0 && number > 1 {
			return code(400, "400006")
		}
		return reply{body: fmt.Sprintf(`{"pagination":{"pageNumber":"%d","pageSize":"%d"},"backgroundJobs":{"backgroundJob":[%s]}}`,
			number, size, strings.Join(items, ","))}
	})
	for _, tt := range []struct {
		offset, first, items, total int
		open                        bool
	}{
		{0, 10, 10, 25, false}, {10, 10, 10, 25, false}, {20, 10, 5, 25, false}, {0, 25, 25, 25, false}, {0, 100, 25, 25, false}, {30, 10, 0, 25, false},
	} {
		page, err := u.session(t).Jobs(context.Background(), ListQuery[Job]{}, tt.offset, tt.first)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) != tt.items || page.Total != tt.total || page.Open != tt.open {
			t.Errorf("%d from %d: %d items, total %d, open %t", tt.first, tt.offset, len(page.Items), page.Total, page.Open)
		}
	}
}

// TestJobsTryTheOtherNameOfTheEnd: documents disagree on completedAt and endedAt.
func TestJobsTryTheOtherNameOfTheEnd(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if strings.Contains(r.URL.RawQuery, "completedAt") {
			return code(400, "400065")
		}
		return reply{body: `{"pagination":{"pageNumber":"1","pageSize":"1","totalAvailable":"1"},"backgroundJobs":{"backgroundJob":[{"id":"j1","endedAt":"2025-01-01T00:00:00Z"}]}}`}
	})
	q := ListQuery[Job]{Filters: []Filter[Job]{{Field: "completedAt", Op: "gt", Values: []string{"2024-01-01T00:00:00Z"}}}, Sort: []Sort{{Field: "completedAt"}}}
	page, err := u.session(t).Jobs(context.Background(), q, 0, 1)
	if err != nil || page.Total != 1 || page.Items[0].CompletedAt().IsZero() {
		t.Fatalf("%v %v", page, err)
	}
	want := []string{
		"jobs?filter=completedAt:gt:2024-01-01T00:00:00Z&pageNumber=1&pageSize=1&sort=completedAt:asc",
		"jobs?filter=endedAt:gt:2024-01-01T00:00:00Z&pageNumber=1&pageSize=1&sort=endedAt:asc",
	}
	if diff := cmp.Diff(want, u.paths()); diff != "" {
		t.Error(diff)
	}
}

// TestSelfNestedListsInAllForms: container and items have one name, in JSON with and without
// either, and in XML.
func TestSelfNestedListsInAllForms(t *testing.T) {
	t.Parallel()
	const steps = `{"linkedTaskSteps":[{"id":"s1","stepNumber":"1","stopDownstreamTasksOnFailure":true,"task":{"flowRun":{"id":"f1","priority":"50","flow":{"id":"w1"}}}}]}`
	task := `{"id":"t1","numSteps":"1","schedule":{"frequency":"Daily","nextRunAt":"2023-06-08T17:05:00-0700"},"linkedTaskSteps":` + steps + `}`
	for name, body := range map[string]string{
		"container":   `{"linkedTasks":{"linkedTasks":[` + task + `]}}`,
		"one":         `{"linkedTasks":{"linkedTasks":` + task + `}}`,
		"bare":        `{"linkedTasks":[` + task + `]}`,
		"single":      `{"linkedTask":` + task + `}`,
		"numbers":     strings.ReplaceAll(`{"linkedTasks":{"linkedTasks":[`+task+`]}}`, `"1"`, `1`),
		"xml":         `<tsResponse><linkedTasks><linkedTasks id="t1" numSteps="1"><schedule frequency="Daily" nextRunAt="2023-06-08T17:05:00-0700"/><linkedTaskSteps><linkedTaskSteps id="s1" stepNumber="1" stopDownstreamTasksOnFailure="true"><task><flowRun id="f1" priority="50"><flow id="w1"/></flowRun></task></linkedTaskSteps></linkedTaskSteps></linkedTasks></linkedTasks></tsResponse>`,
		"xml, single": `<tsResponse><linkedTask id="t1" numSteps="1"><schedule frequency="Daily" nextRunAt="2023-06-08T17:05:00-0700"/><linkedTaskSteps><linkedTaskSteps id="s1" stepNumber="1" stopDownstreamTasksOnFailure="true"><task><flowRun id="f1" priority="50"><flow id="w1"/></flowRun></task></linkedTaskSteps></linkedTaskSteps></linkedTask></tsResponse>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(*http.Request) reply { return reply{body: body} })
			lt, err := u.session(t).LinkedTask(context.Background(), "t1")
			if err != nil {
				t.Fatal(err)
			}
			r, err := lt.Recurrence(context.Background(), false)
			if err != nil || r.NextRunAt.Format("15:04") != "00:05" || r.FrequencyRaw() != "Daily" {
				t.Errorf("recurrence %+v, %v", r, err)
			}
			if c, err := lt.Schedule(context.Background(), func(*Schedule) bool { return false }); c != nil || err != nil {
				t.Errorf("a schedule without id is one: %v %v", c, err)
			}
			if s := lt.Steps(); len(s) != 1 || s[0].Number.V != 1 || s[0].StopsOnFailure != Yes || len(s[0].FlowTasks()) != 1 || s[0].FlowTasks()[0].FlowRef.LUID != "w1" {
				t.Errorf("steps %+v", s)
			}
		})
	}
	for _, body := range []string{`{"flowRuns":{}}`, `{"flowRuns":""}`, `{"flowRuns":null}`, `<tsResponse><flowRuns/></tsResponse>`} {
		u := serve(t, func(*http.Request) reply { return reply{body: body} })
		page, err := u.session(t).FlowRuns(context.Background(), ListQuery[FlowRun]{}, 0, 10)
		if err != nil || len(page.Items) != 0 || page.Total != 0 {
			t.Errorf("%s: %v %v", body, page, err)
		}
	}
}

// TestStatusOfAJobThatWasLookedUp: Tableau does not say it, so it follows from times and code.
func TestStatusOfAJobThatWasLookedUp(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]JobStatus{
		`"createdAt":"2025-01-01T00:00:00Z"`:                  "Pending",
		`"startedAt":"2025-01-01T00:00:00Z","finishCode":"1"`: "InProgress", // a publishing job says 1 while it runs
		`"progress":"40"`: "InProgress",
		`"completedAt":"2025-01-01T00:00:00Z","finishCode":"0"`:          "Success",
		`"completedAt":"2025-01-01T00:00:00Z","finishCode":1`:            "Failed",
		`"completedAt":"2025-01-01T00:00:00Z","finishCode":"2"`:          "Cancelled",
		`"completedAt":"2025-01-01T00:00:00Z","finishCode":"3"`:          "Success",
		`"completedAt":"2025-01-01T00:00:00Z","finishCode":"9"`:          "",
		`"completedAt":"2025-01-01T00:00:00Z"`:                           "",
		`"completedAt":"","startedAt":"","progress":"0"`:                 "Pending",
		`"completedAt":"2025-01-01T00:00:00Z","status":"Never heard of"`: "Never heard of",
	} {
		u := serve(t, func(*http.Request) reply { return reply{body: `{"job":{"id":"j1",` + body + `}}`} })
		j, err := u.session(t).Job(context.Background(), "j1")
		if err != nil || j.Status() != want {
			t.Errorf("%s: %q, want %q (%v)", body, j.Status(), want, err)
		}
	}
}

// TestEventsOfWebhooksInBothForms: new servers have an attribute, old ones the name of an element.
func TestEventsOfWebhooksInBothForms(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"webhook":{"id":"w","name":"n","event":"WorkbookRefreshFailed"}}`,
		`{"webhook":{"id":"w","name":"n","webhook-source":{"webhook-source-event-workbook-refresh-failed":{}}}}`,
		`<tsResponse><webhook id="w" name="n"><webhook-source><webhook-source-event-workbook-refresh-failed/></webhook-source></webhook></tsResponse>`,
	} {
		u := serve(t, func(*http.Request) reply { return reply{body: body} })
		w, err := u.session(t).Webhook(context.Background(), "w")
		if err != nil || w.Event() != "WorkbookRefreshFailed" {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestSecretsNeverComeIn reads answers that hold secrets, as no documented one does.
func TestSecretsNeverComeIn(t *testing.T) {
	t.Parallel()
	body := `{"siteOIDCConfiguration":{"clientId":"c","clientSecret":"MARKED","tokenValue":"MARKED","passphrase":"MARKED","signing_key":"MARKED","storageAccountKey":"MARKED","idpConfigurationName":"n","refresh_token":"MARKED","tokenEndpoint":"https://t"},
		"scimConfigurations":{"scimConfiguration":[{"id":"s","enabled":"True","token":"MARKED","baseUrl":"https://b"}]},
		"connectedApplications":{"connectedApplication":[{"clientId":"a","name":"n","enabled":"true","secret":[{"id":"i","value":"MARKED"}],"projectIds":{"projectId":["p1"]}}]},
		"settings":[{"key":"apiKey","value":"MARKED"},{"key":"k","value":"v"}]}`
	u := serve(t, func(*http.Request) reply { return reply{body: body} })
	s := client(t, Config{URL: u.URL, APIVersion: "3.29"}).Session(context.Background(), &keeper{})
	oidc, err1 := s.OidcConfiguration(context.Background(), "")
	scim, err2 := s.ScimConfigurations(context.Background())
	apps, err3 := s.ConnectedApps(context.Background())
	mcp, err4 := s.MCPSettings(context.Background())
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	if len(scim) != 1 || len(apps) != 1 || len(mcp) != 1 || oidc.ClientID != "c" || scim[0].IsEnabled != Yes || len(apps[0].projects) != 1 {
		t.Errorf("got %+v %+v %+v %+v", oidc, scim, apps, mcp)
	}
	if diff := cmp.Diff([]*rest.NamedValue{{Name: "tokenEndpoint", Value: "https://t"}}, oidc.Other); diff != "" {
		t.Error(diff)
	}
	v, err := rest.Get(t.Context(), s.reader, rest.SiteRead{Template: "connected-apps/direct-trust"}, func(*rest.ElementAnswer) {})
	if err != nil || strings.Contains(fmt.Sprintf("%+v", flat(&v.Element)), "MARKED") {
		t.Errorf("a secret was taken in: %v", err)
	}
}

func flat(b *rest.Element) []string {
	all := []string{b.Text}
	for _, v := range b.Values {
		all = append(all, v.Value)
	}
	for _, kids := range b.Kids {
		for _, kid := range kids {
			all = append(all, flat(kid)...)
		}
	}
	return all
}

// TestAdministrationInOddForms takes lists with and without container, names with underscores, and
// lists at the top.
func TestAdministrationInOddForms(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"connectionList":[{"connection_luid":"x","connection_brief":{"connection_name":"n","connection_type":"TABPY","host":"h","port":9004,"is_ssl_enabled":true}}]}`,
		`[{"connectionLuid":"x","connectionBrief":{"connectionName":"n","connectionType":"TABPY","host":"h","port":"9004","isSslEnabled":"True"}}]`,
		`{"connection_luid":"x","connection_name":"n","connection_type":"TABPY","host":"h","port":9004,"is_ssl_enabled":true}`,
	} {
		u := serve(t, func(*http.Request) reply { return reply{body: body} })
		got, err := u.session(t).AnalyticsExtensions(context.Background())
		want := []*AnalyticsExtension{{LUID: "x", Name: "n", Type: "TABPY", Host: "h", Port: NewInt(9004), IsSecure: Yes}}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(AnalyticsExtension{})); diff != "" || err != nil {
			t.Errorf("%s: %v %s", body, err, diff)
		}
	}
	for _, body := range []string{`{"customDomains":[{"domain":"d","status":"ACTIVE"}]}`, `[{"domain":"d","status":"ACTIVE"}]`, `{"domain":"d","status":"ACTIVE"}`} {
		u := serve(t, func(*http.Request) reply { return reply{body: body} })
		got, err := u.session(t).CustomDomains(context.Background())
		if diff := cmp.Diff([]*CustomDomain{{Domain: "d", Status: "ACTIVE"}}, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", body, err, diff)
		}
	}
	u := serve(t, func(*http.Request) reply { return code(403, "403157") })
	if _, err := u.session(t).Embedding(context.Background()); !IsKind(err, Unsupported) {
		t.Errorf("switched off: %v", err)
	}
	u = serve(t, func(*http.Request) reply {
		return reply{body: `{"error":{"code":"404008","summary":"s","detail":"d"}}`}
	})
	if _, err := u.session(t).Embedding(context.Background()); !IsKind(err, Unsupported) {
		t.Errorf("an error with status 200: %v", err)
	}
}

// TestTokensHaveIDsOfTheirUser holds that tokens of one name do not share an id in client caches.
func TestTokensHaveIDsOfTheirUser(t *testing.T) {
	t.Parallel()
	s := client(t, Config{URL: "https://tableau.example.com", APIVersion: "3.29"}).Session(context.Background(), &keeper{})
	ids := map[string]bool{}
	for _, user := range []LUID{"u1", "u2"} {
		for _, token := range []PersonalAccessToken{{Name: "a"}, {Name: "b"}, {Name: "a", LUID: "g"}} {
			token.s, token.of = s, user
			ids[token.ID()] = true
		}
	}
	if len(ids) != 6 {
		t.Errorf("%d ids of 6 tokens", len(ids))
	}
}

// TestScheduleBefore38IsFoundInTheList: one schedule could not be asked for.
func TestScheduleBefore38IsFoundInTheList(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply {
		return reply{body: `{"pagination":{"pageNumber":"1","pageSize":"1000","totalAvailable":"1"},"schedules":{"schedule":[{"id":"c1","name":"n","frequency":"Daily"}]}}`}
	})
	s := client(t, Config{URL: u.URL, APIVersion: "3.7"}).Session(context.Background(), &keeper{})
	c, err := s.Schedule(context.Background(), "c1")
	if err != nil || c.Name != "n" {
		t.Errorf("%v %v", c, err)
	}
	if _, err := s.Schedule(context.Background(), "c2"); !IsKind(err, Missing) {
		t.Errorf("another one: %v", err)
	}
}
