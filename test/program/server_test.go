package program

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

func TestPeopleSeeWhatTableauLetsThemSee(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	alice, bob := p.Post(t, p.Token(t, "alice"), harness.WorkbookNames), p.Post(t, p.Token(t, "bob"), harness.WorkbookNames)
	if alice.Codes()+bob.Codes() != "" || alice.Body == bob.Body {
		t.Errorf("alice and bob: errors %q %q, or the same answer", alice.Codes(), bob.Codes())
	}
	if dave := p.Post(t, p.Token(t, "dave"), harness.WorkbookNames); dave.Codes() != "TABLEAU_USER_UNKNOWN" || dave.Status != http.StatusOK {
		t.Errorf("dave: %d %s", dave.Status, dave.Body)
	}
}

func TestNothingIsParsedWithoutAToken(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.Token(t, "alice")
	for name, token := range map[string]string{"none": "", "broken": "a.b.c", "altered": token[:len(token)-4] + "AAAA"} {
		got := p.Post(t, token, "this is no GraphQL at all {{{")
		if got.Status != http.StatusUnauthorized || got.Codes() != "UNAUTHENTICATED" || strings.Contains(got.Body, "Syntax") {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
		if challenge := got.Header.Get("WWW-Authenticate"); !strings.Contains(challenge, "resource_metadata=") {
			t.Errorf("%s: WWW-Authenticate %q names no resource metadata (RFC 9728, 5.1)", name, challenge)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Address+"/graphql?query="+url.QueryEscape("{viewer{username}}"), nil)
	r.AddCookie(&http.Cookie{Name: "access_token", Value: token})
	if got := harness.Send(t, r); got.Status != http.StatusUnauthorized {
		t.Errorf("a token in a cookie: %d, want 401: no cookie is ever read", got.Status)
	}
}

func TestChangesCannotBeWrittenDown(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.Token(t, "carol")
	for _, document := range []string{"mutation { x }", "subscription { x }"} {
		if got := p.Post(t, token, document); got.Codes() != "GRAPHQL_VALIDATION_FAILED" || got.Data != nil {
			t.Errorf("%s: %s", document, got.Body)
		}
	}
	got := p.Post(t, token, `{ __schema { mutationType { name } subscriptionType { name } types { name } } }`)
	if strings.Contains(got.Body, `"Mutation"`) || strings.Contains(got.Body, `"Subscription"`) || strings.Contains(got.Body, `"mutationType":{`) {
		t.Errorf("introspection shows a root for changes: %s", got.Body)
	}
	for _, call := range p.Tableau.Log() {
		if call.Method != http.MethodGet && call.Template != "POST auth/signin" && call.Template != "POST auth/signin (impersonate)" {
			t.Errorf("%s %s left for Tableau", call.Method, call.Path)
		}
	}
}

// Owner, project and views of a hundred workbooks are a handful of calls, not hundreds (design.md,
// "Fewer calls").
func TestCallsOfAHundredWorkbooks(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{Workbooks: 400}, nil)
	token := p.Token(t, "carol")
	p.Post(t, token, `{ site(contentUrl: "") { access } }`)
	for _, c := range []struct {
		name, query string
		most        int
	}{
		{"owner, project and views of each", `{ site(contentUrl: "") { workbooks(first: 100) { nodes {
			name owner { name fullName } project { name path } views { name path sheetType viewCount } } } } }`, 4},
		{"ten projects, ten workbooks each, their views", `{ site(contentUrl: "") { projects(first: 10) { nodes {
			name workbooks(first: 10) { totalCount nodes { name owner { fullName } views { name workbook { name owner { name } } } } } } } } }`, 4},
		{"views, with workbook and its project", `{ site(contentUrl: "") { views(first: 100) { nodes {
			name workbook { name project { name } owner { name } } } } } }`, 3},
	} {
		p.Tableau.ResetLog()
		got := p.Post(t, token, c.query)
		n := len(p.Tableau.Log())
		if got.Codes() != "" || n > c.most {
			t.Errorf("%s: %d calls, want at most %d; errors %q; %v", c.name, n, c.most, got.Codes(), p.Tableau.Counts())
		}
		reported := 0
		for _, calls := range got.Extensions.Vitrine.Calls {
			reported += calls
		}
		if reported != n {
			t.Errorf("%s: extensions.vitrine reports %d calls, the stand-in saw %d", c.name, reported, n)
		}
	}
	one := fmt.Sprintf(`{ site(contentUrl: "") { workbook(by: {luid: %q}) { name contentUrl project { name } views { name path } } } }`, p.Tableau.WorkbookID("", "Superstore"))
	p.Tableau.ResetLog()
	if got := p.Post(t, token, one); got.Codes() != "" || len(p.Tableau.Log()) != 1 {
		t.Errorf("one workbook by LUID: %d calls, want 1; %s", len(p.Tableau.Log()), got.Codes())
	}
}

func TestFirstRequestsOfOnePersonSignInOnce(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{Latency: 2 * time.Millisecond}, nil)
	token := p.Token(t, "alice")
	const clients = 200
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			if got := p.Post(t, token, `{ site(contentUrl: "marketing") { name } }`); got.Codes() != "" {
				t.Errorf("%s", got.Body)
			}
		})
	}
	wg.Wait()
	want := map[string]int{"POST auth/signin": 1, "GET sites/{site}/users": 1, "POST auth/signin (impersonate)": 1}
	for template, n := range want {
		if got := p.Tableau.Count(template); got != n {
			t.Errorf("%s: %d times, want %d, for %d first requests of one person", template, got, n, clients)
		}
	}
}

func TestClientsNeverNoticeThatSessionsEnd(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	users := []string{"alice", "bob", "carol"}
	want := map[string]string{}
	for _, user := range users {
		want[user] = marshalled(t, p.Post(t, p.Token(t, user), harness.WorkbookNames).Data)
	}
	var answered atomic.Int64
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, user := range users {
		for range 4 {
			token := p.Token(t, user)
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					if got := p.Post(t, token, harness.WorkbookNames); got.Codes() != "" || marshalled(t, got.Data) != want[user] {
						t.Errorf("%s: %d %s", user, got.Status, got.Codes())
						return
					}
					answered.Add(1)
				}
			})
		}
	}
	for range 5 { // in the middle of the load: each time after everybody has been answered with the sessions that now end
		for until := answered.Load() + 60; answered.Load() < until && !t.Failed(); {
			runtime.Gosched()
		}
		if n := p.Tableau.EndSessions(func(tableausim.SessionInfo) bool { return true }); n < len(users) {
			t.Errorf("%d sessions were there to be ended, want at least %d", n, len(users))
		}
	}
	for until := answered.Load() + 60; answered.Load() < until && !t.Failed(); {
		runtime.Gosched()
	}
	close(done)
	wg.Wait()
}

// Two people ask the same, interleaved, while Tableau fails in every way it can: whatever comes
// back is one's own or an error.
func TestNobodyGetsWhatAnotherWasGiven(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	query := `{ viewer { username } site(contentUrl: "") { me { name } workbooks(first: 1000) { totalCount nodes { name owner { name } views { name } } } } }`
	whole := map[string]string{}
	for _, user := range []string{"alice", "bob"} {
		got := p.Post(t, p.Token(t, user), query)
		if got.Codes() != "" {
			t.Fatalf("%s: %s", user, got.Body)
		}
		whole[user] = marshalled(t, got.Data["site"])
	}
	turn := 0
	var mu sync.Mutex
	defer p.Tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 3, 0), Kind: tableausim.Status401002})()
	defer p.Tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 7, 1), Kind: tableausim.CutBody})()
	defer p.Tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 11, 2), Kind: tableausim.HTMLPage})()
	defer p.Tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 13, 3), Kind: tableausim.ServerError})()
	defer p.Tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 17, 4), Kind: tableausim.TooMany, RetryAfter: time.Second})()
	var wg sync.WaitGroup
	for i := range 8 {
		user := []string{"alice", "bob"}[i%2]
		token := p.Token(t, user)
		wg.Go(func() {
			for range 40 {
				got := p.Post(t, token, query)
				if viewer := marshalled(t, got.Data["viewer"]); viewer != fmt.Sprintf(`{"username":%q}`, user) {
					t.Errorf("%s is reported as %s", user, viewer)
				}
				if site := marshalled(t, got.Data["site"]); len(got.Errors) == 0 && site != whole[user] {
					t.Errorf("%s got another answer than their own: %.200s", user, site)
				}
			}
		})
	}
	wg.Wait()
}

// everyNth hits reads alone: sign-ins that fail are another test's matter.
func everyNth(mu *sync.Mutex, turn *int, n, rest int) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if r.Method != http.MethodGet || strings.HasSuffix(r.URL.Path, "/users") {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		*turn++
		return *turn%n == rest
	}
}

func marshalled(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
