package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/auth"
	"vitrine/internal/content"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// world is the handler in front of a stand-in Tableau. Identities are put in by the test: auth has
// tests of its own.
type world struct {
	sim     *tableausim.Server
	handler *graphqlhttp.Handler
	links   *content.Links
	site    string // the one that most tests look at: the default site, which Cloud does not have
	mail    string // what follows a person's name there
}

var demoRoles = []policy.Role{
	{Name: "everyone", Allow: []string{"CATALOG", "CONTENT"}},
	{Name: "analysts", When: policy.When{Group: "bi-analysts"}, Allow: []string{"PEOPLE", "GOVERNANCE", "PULSE"}},
	{Name: "operators", When: policy.When{Group: "operators"}, Allow: []string{"OPERATIONS", "GOVERNANCE"}},
	{Name: "admins", When: policy.When{Group: "bi-admins"}, Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "PULSE"}},
	{Name: "archivists", When: policy.When{Group: "archivists"}, Allow: []string{"DOWNLOAD"}},
}

// demoPolicy compiles demoRoles once for all worlds: that takes longer than most tests.
var demoPolicy = sync.OnceValues(func() (*policy.Policy, error) { return policy.New(resolvers.Schema(), demoRoles) })

func newWorld(t testing.TB, sim tableausim.Config, change func(*resolvers.Config)) *world {
	t.Helper()
	base := "http://tableau.example.com"
	if sim.Cloud { // what only Tableau Cloud has is asked of nothing else
		base = "https://10ax.online.tableau.com"
	}
	sim.PublicURL = func() string { return base }
	w := &world{sim: tableausim.New(sim)}
	if sim.Cloud {
		w.site, w.mail = tableausim.CloudSite, "@example.com"
	}
	upstream := httptest.NewServer(w.sim)
	t.Cleanup(upstream.Close)
	client, err := tableau.New(tableau.Config{URL: upstream.URL, BrowserURL: base})
	if err != nil {
		t.Fatal(err)
	}
	broker, err := sessions.New(sessions.Config{Client: client, Sites: w.sites()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := broker.Close(context.Background()); err != nil {
			t.Errorf("closing the broker: %v", err)
		}
	})
	roles, err := demoPolicy()
	if err != nil {
		t.Fatal(err)
	}
	links, err := content.New(content.Config{
		PublicURL: "https://bi.example.com", Keys: []tableau.Secret{tableau.NewSecret(strings.Repeat("k", 32))}, Sessions: broker,
		Allowed: func(context.Context, []string, string, string) bool { return true }, Roles: func(*auth.Identity) []string { return nil },
		Identify: func(*http.Request) (*auth.Identity, error) { return nil, errors.New("nobody") },
		Public:   resolvers.ContentRefusal, Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.links = links
	config := resolvers.Config{
		Config:   graphqlhttp.Config{Policy: roles, RequestID: func(context.Context) string { return "request" }},
		Sessions: broker, Tableau: client, Links: links, First: 10_000,
	}
	if change != nil {
		change(&config)
	}
	w.handler = resolvers.New(config)
	return w
}

// sites are the stand-in's, entered by impersonation, or by a connected app where nobody may
// impersonate.
func (w *world) sites() []sessions.Site {
	if w.site == "" {
		admin := sessions.Password{Name: "admin", Password: tableau.NewSecret("admin")}
		return []sessions.Site{{ContentURL: "", Method: admin}, {ContentURL: "marketing", Method: admin}, {ContentURL: "finance", Method: admin}}
	}
	app := w.sim.ConnectedApps()[0]
	method := sessions.ConnectedApp{
		ClientID: app.ClientID, SecretID: app.SecretID, Secret: tableau.NewSecret(app.Secret), Rules: sessions.Rules{Scopes: []string{
			"tableau:content:read", "tableau:flows:read",
			"tableau:insight_definitions_metrics:read", "tableau:insight_metrics:read", "tableau:metric_subscriptions:read", "tableau:insights:read",
		}},
	}
	return []sessions.Site{{ContentURL: w.site, Method: method}, {ContentURL: "marketing", Method: method}}
}

// people are the demo users, as auth would have them.
func person(name string) *auth.Identity {
	groups := map[string][]string{
		"alice": {"bi-analysts"}, "carol": {"bi-admins"}, "maria.gonzalez": {"operators"},
		"alice@example.com": {"bi-analysts"}, "carol@example.com": {"bi-admins"},
	}
	return &auth.Identity{
		Issuer: "https://login.example.com", Subject: "sub-" + name, Username: name, Groups: groups[name],
		Expires: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

type ask struct {
	Query      string         `json:"query"`
	Variables  map[string]any `json:"variables,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// reply is the part of an answer that tests read.
type reply struct {
	status int
	raw    []byte
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions struct {
		Vitrine struct {
			Calls map[string]int `json:"calls"`
		} `json:"vitrine"`
	} `json:"extensions"`
}

func (r *reply) codes() []string {
	var codes []string
	for _, e := range r.Errors {
		codes = append(codes, e.Extensions["code"].(string))
	}
	return codes
}

func (r *reply) calls() int {
	n := 0
	for _, c := range r.Extensions.Vitrine.Calls {
		n += c
	}
	return n
}

func (w *world) ask(t testing.TB, user, query string, variables map[string]any) *reply {
	t.Helper()
	return w.askAs(t, person(user+w.mail), query, variables)
}

func (w *world) askAs(t testing.TB, who *auth.Identity, query string, variables map[string]any) *reply {
	t.Helper()
	body, err := json.Marshal(ask{query, variables, map[string]any{"vitrine": map[string]any{"calls": true}}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r = r.WithContext(auth.NewContext(r.Context(), who))
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	got := &reply{status: rec.Code, raw: rec.Body.Bytes()}
	if err := json.Unmarshal(got.raw, got); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, got.raw)
	}
	return got
}

// TestGolden runs each testdata/name.graphql and compares the whole answer, with the REST calls it
// took, with name.golden.json. A case begins with comments: "# user: alice", "# group: archivists"
// for one more, "# variables: {…}"; "# api: 3.29" for another version of the server, "# cloud: yes"
// for Tableau Cloud; "# calls: 3" for how many REST calls it may take. What a front end would write
// states its number. With "# fetch: yes" all content links of the answer are followed, and
// name.fetched.golden.json says what came.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			t.Parallel()
			query, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, tableausim.Config{APIVersion: header(string(query), "api"), Cloud: header(string(query), "cloud") != ""}, nil)
			who := person(header(string(query), "user") + w.mail)
			if more := header(string(query), "group"); more != "" {
				who.Groups = append(who.Groups, more)
			}
			got := w.askAs(t, who, string(query), variables(t, w, string(query)))
			checkCalls(t, filepath.Base(file), header(string(query), "calls"), got.calls())
			compareGolden(t, strings.TrimSuffix(file, ".graphql")+".golden.json", got.raw)
			if header(string(query), "fetch") != "" {
				compareGolden(t, strings.TrimSuffix(file, ".graphql")+".fetched.golden.json", w.fetched(t, got))
			}
		})
	}
}

// checkCalls compares the REST calls of a case with the number that it states: rewriting goldens
// does not let them grow unnoticed.
func checkCalls(t *testing.T, file, stated string, calls int) {
	t.Helper()
	if stated == "" {
		if strings.HasPrefix(file, "example_") || strings.HasPrefix(file, "front_") {
			t.Errorf("%s states no number of calls; it took %d", file, calls)
		}
		return
	}
	if stated != strconv.Itoa(calls) {
		t.Errorf("%s took %d calls, and states %s", file, calls, stated)
	}
}

func header(query, name string) string {
	for line := range strings.Lines(query) {
		if rest, ok := strings.CutPrefix(line, "# "+name+": "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// variables reads the case's variables. {{workbook NAME}} and the like stand for LUIDs, which tests
// do not repeat.
func variables(t *testing.T, w *world, query string) map[string]any {
	t.Helper()
	text := header(query, "variables")
	if text == "" {
		return nil
	}
	for _, placeholder := range []struct {
		name string
		id   func(string, string) string
	}{
		{"workbook", w.sim.WorkbookID},
		{"view", w.sim.ViewID},
		{"user", w.sim.UserID},
		{"job", w.sim.JobID},
		{"project", w.idOf("project")},
		{"datasource", w.idOf("datasource")},
		{"group", w.idOf("group")},
		{"database", w.idOf("database")},
		{"table", w.idOf("table")},
	} {
		for {
			before, rest, found := strings.Cut(text, "{{"+placeholder.name+" ")
			if !found {
				break
			}
			name, after, _ := strings.Cut(rest, "}}")
			text = before + placeholder.id(w.site, name) + after
		}
	}
	if strings.Contains(text, "{{pulse ") {
		definition, metric, subscription := w.sim.PulseIDs(w.site, "alice"+w.mail)
		text = strings.NewReplacer(
			"{{pulse definition}}", definition, "{{pulse metric}}", metric,
			"{{pulse subscription node}}", tableau.GlobalID(tableau.KindPulseSubscription, w.site, subscription),
			"{{pulse metric node}}", tableau.GlobalID(tableau.KindPulseMetric, w.site, metric),
		).Replace(text)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("variables: %v", err)
	}
	return v
}

func (w *world) idOf(kind string) func(site, name string) string {
	return func(site, name string) string { return w.sim.IDOf(site, kind, name) }
}

// waits is the one figure of an answer that depends on the machine; links are sealed, and say
// nothing to a reader. Prices have tests of their own.
var (
	prices = regexp.MustCompile(`"cost":\d+,("shared")`)
	waits  = regexp.MustCompile(`"waitedMs":\d+`)
	links  = regexp.MustCompile(`/content/[A-Za-z0-9_-]{100,}`)
)

func compareGolden(t *testing.T, file string, raw []byte) {
	t.Helper()
	var pretty bytes.Buffer
	raw = prices.ReplaceAll(raw, []byte("$1"))
	if err := json.Indent(&pretty, links.ReplaceAll(waits.ReplaceAll(raw, []byte(`"waitedMs":0`)), []byte("/content/…")), "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if *harness.Update {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run go test ./resolvers -update", err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
