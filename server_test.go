package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/tableausim"
)

// program is the server on port 0 against the stand-ins, wired as demo wires it.
type program struct {
	*standIns
	app     *app
	address string
	log     *lockedBuffer
	halt    func() // stops it, once, and waits until it has stopped
}

// lockedBuffer takes the log of many goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs the program until the test ends, and then expects it to stop without an error.
func start(t testing.TB, world tableausim.Config, change func(*config.Config)) *program {
	t.Helper()
	stand, err := startStandIns("127.0.0.1:0", "127.0.0.1:0", world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.close)
	return serve(t, stand, change)
}

// serve runs one more program beside those that the stand-ins have already.
func serve(t testing.TB, stand *standIns, change func(*config.Config)) *program {
	t.Helper()
	return serveLogging(t, stand, change, func(w io.Writer) *slog.Logger {
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
}

// serveLogging is serve with a logger of its own.
func serveLogging(t testing.TB, stand *standIns, change func(*config.Config), newLogger func(io.Writer) *slog.Logger) *program {
	t.Helper()
	settings := demoSettings(stand, "127.0.0.1:0")
	if change != nil {
		change(settings)
	}
	if err := config.Validate(settings); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{standIns: stand, address: schemeOf(settings) + listener.Addr().String(), log: &lockedBuffer{}}
	if p.app, err = newApp(settings, p.address, newLogger(p.log)); err != nil {
		t.Fatal(err)
	}
	keepPrinted(t, stand, p.log)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- p.app.serve(ctx, listener) }()
	p.halt = sync.OnceFunc(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	t.Cleanup(p.halt)
	return p
}

func (p *program) token(t testing.TB, user string) string {
	t.Helper()
	return lastingToken(t, p.provider, user)
}

// lastingToken returns an access token that is valid for a day. Parallel subtests may wait for a processor for longer than the five
// minutes that the stand-in's tokens are valid.
func lastingToken(t testing.TB, provider *devidp.Provider, user string) string {
	t.Helper()
	token, err := provider.TokenWith(user, lasting)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// lasting changes the claims of a token so that it is valid for a day.
func lasting(claims, _ map[string]any) {
	claims["exp"] = time.Now().Add(24 * time.Hour).Unix()
}

// graphqlAnswer is an answer as tests look into it.
type graphqlAnswer struct {
	status int
	header http.Header
	body   string
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions struct {
		Vitrine struct {
			Calls   map[string]int `json:"calls"`
			Retried int            `json:"retried"`
		} `json:"vitrine"`
	} `json:"extensions"`
}

func (a *graphqlAnswer) codes() string {
	var codes []string
	for _, e := range a.Errors {
		codes = append(codes, fmt.Sprint(e.Extensions["code"]))
	}
	return strings.Join(codes, " ")
}

// post asks with a token, or with none where it is empty.
func (p *program) post(t testing.TB, token, query string) *graphqlAnswer {
	t.Helper()
	r, err := p.query(t.Context(), token, query)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, r)
}

// query returns the request that asks a query and how many calls it cost.
func (p *program) query(ctx context.Context, token, query string) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{
		"query": query, "extensions": map[string]any{"vitrine": map[string]any{"calls": true}},
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, nil
}

func send(t testing.TB, r *http.Request) *graphqlAnswer {
	t.Helper()
	a, err := exchange(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// exchange sends a request and decodes the answer. Unlike send it may be called from any goroutine.
func exchange(r *http.Request) (*graphqlAnswer, error) {
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	a := &graphqlAnswer{status: res.StatusCode, header: res.Header, body: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") && res.Header.Get("Content-Encoding") == "" && r.Method != http.MethodHead {
		if err := json.Unmarshal(raw, a); err != nil {
			return nil, fmt.Errorf("not JSON: %w\n%s", err, raw)
		}
	}
	return a, nil
}

const workbookNames = `{ site(contentUrl: "") { workbooks(first: 1000) { totalCount nodes { name } } } }`

func TestPeopleSeeWhatTableauLetsThemSee(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	alice, bob := p.post(t, p.token(t, "alice"), workbookNames), p.post(t, p.token(t, "bob"), workbookNames)
	if alice.codes()+bob.codes() != "" || alice.body == bob.body {
		t.Errorf("alice and bob: errors %q %q, or the same answer", alice.codes(), bob.codes())
	}
	if dave := p.post(t, p.token(t, "dave"), workbookNames); dave.codes() != "TABLEAU_USER_UNKNOWN" || dave.status != http.StatusOK {
		t.Errorf("dave: %d %s", dave.status, dave.body)
	}
}

func TestNothingIsParsedWithoutAToken(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.token(t, "alice")
	for name, token := range map[string]string{"none": "", "broken": "a.b.c", "altered": token[:len(token)-4] + "AAAA"} {
		got := p.post(t, token, "this is no GraphQL at all {{{")
		if got.status != http.StatusUnauthorized || got.codes() != "UNAUTHENTICATED" || strings.Contains(got.body, "Syntax") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if challenge := got.header.Get("WWW-Authenticate"); !strings.Contains(challenge, "resource_metadata=") {
			t.Errorf("%s: WWW-Authenticate %q names no resource metadata (RFC 9728, 5.1)", name, challenge)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.address+"/graphql?query="+url.QueryEscape("{viewer{username}}"), nil)
	r.AddCookie(&http.Cookie{Name: "access_token", Value: token})
	if got := send(t, r); got.status != http.StatusUnauthorized {
		t.Errorf("a token in a cookie: %d, want 401: no cookie is ever read", got.status)
	}
}

func TestChangesCannotBeWrittenDown(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.token(t, "carol")
	for _, document := range []string{"mutation { x }", "subscription { x }"} {
		if got := p.post(t, token, document); got.codes() != "GRAPHQL_VALIDATION_FAILED" || got.Data != nil {
			t.Errorf("%s: %s", document, got.body)
		}
	}
	got := p.post(t, token, `{ __schema { mutationType { name } subscriptionType { name } types { name } } }`)
	if strings.Contains(got.body, `"Mutation"`) || strings.Contains(got.body, `"Subscription"`) || strings.Contains(got.body, `"mutationType":{`) {
		t.Errorf("introspection shows a root for changes: %s", got.body)
	}
	for _, call := range p.tableau.Log() {
		if call.Method != http.MethodGet && call.Template != "POST auth/signin" && call.Template != "POST auth/signin (impersonate)" {
			t.Errorf("%s %s left for Tableau", call.Method, call.Path)
		}
	}
}

// Owner, project and views of a hundred workbooks are a handful of calls, not hundreds (design.md, "Fewer calls").
func TestCallsOfAHundredWorkbooks(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{Workbooks: 400}, nil)
	token := p.token(t, "carol")
	p.post(t, token, `{ site(contentUrl: "") { access } }`)
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
		p.tableau.ResetLog()
		got := p.post(t, token, c.query)
		n := len(p.tableau.Log())
		if got.codes() != "" || n > c.most {
			t.Errorf("%s: %d calls, want at most %d; errors %q; %v", c.name, n, c.most, got.codes(), p.tableau.Counts())
		}
		reported := 0
		for _, calls := range got.Extensions.Vitrine.Calls {
			reported += calls
		}
		if reported != n {
			t.Errorf("%s: extensions.vitrine reports %d calls, the stand-in saw %d", c.name, reported, n)
		}
	}
	one := fmt.Sprintf(`{ site(contentUrl: "") { workbook(by: {luid: %q}) { name contentUrl project { name } views { name path } } } }`, p.tableau.WorkbookID("", "Superstore"))
	p.tableau.ResetLog()
	if got := p.post(t, token, one); got.codes() != "" || len(p.tableau.Log()) != 1 {
		t.Errorf("one workbook by LUID: %d calls, want 1; %s", len(p.tableau.Log()), got.codes())
	}
}

func TestFirstRequestsOfOnePersonSignInOnce(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{Latency: 2 * time.Millisecond}, nil)
	token := p.token(t, "alice")
	const clients = 200
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			if got := p.post(t, token, `{ site(contentUrl: "marketing") { name } }`); got.codes() != "" {
				t.Errorf("%s", got.body)
			}
		})
	}
	wg.Wait()
	want := map[string]int{"POST auth/signin": 1, "GET sites/{site}/users": 1, "POST auth/signin (impersonate)": 1}
	for template, n := range want {
		if got := p.tableau.Count(template); got != n {
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
		want[user] = marshalled(t, p.post(t, p.token(t, user), workbookNames).Data)
	}
	var answered atomic.Int64
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, user := range users {
		for range 4 {
			token := p.token(t, user)
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					if got := p.post(t, token, workbookNames); got.codes() != "" || marshalled(t, got.Data) != want[user] {
						t.Errorf("%s: %d %s", user, got.status, got.codes())
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
		if n := p.tableau.EndSessions(func(tableausim.SessionInfo) bool { return true }); n < len(users) {
			t.Errorf("%d sessions were there to be ended, want at least %d", n, len(users))
		}
	}
	for until := answered.Load() + 60; answered.Load() < until && !t.Failed(); {
		runtime.Gosched()
	}
	close(done)
	wg.Wait()
}

// Two people ask the same, interleaved, while Tableau fails in every way it can: whatever comes back is one's own or an error.
func TestNobodyGetsWhatAnotherWasGiven(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	query := `{ viewer { username } site(contentUrl: "") { me { name } workbooks(first: 1000) { totalCount nodes { name owner { name } views { name } } } } }`
	whole := map[string]string{}
	for _, user := range []string{"alice", "bob"} {
		got := p.post(t, p.token(t, user), query)
		if got.codes() != "" {
			t.Fatalf("%s: %s", user, got.body)
		}
		whole[user] = marshalled(t, got.Data["site"])
	}
	turn := 0
	var mu sync.Mutex
	defer p.tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 3, 0), Kind: tableausim.Status401002})()
	defer p.tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 7, 1), Kind: tableausim.CutBody})()
	defer p.tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 11, 2), Kind: tableausim.HTMLPage})()
	defer p.tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 13, 3), Kind: tableausim.ServerError})()
	defer p.tableau.Fault(tableausim.Fault{Match: everyNth(&mu, &turn, 17, 4), Kind: tableausim.TooMany, RetryAfter: time.Second})()
	var wg sync.WaitGroup
	for i := range 8 {
		user := []string{"alice", "bob"}[i%2]
		token := p.token(t, user)
		wg.Go(func() {
			for range 40 {
				got := p.post(t, token, query)
				if viewer := marshalled(t, got.Data["viewer"]); viewer != fmt.Sprintf(`{"username":%q}`, user) {
					t.Errorf("%s is told to be %s", user, viewer)
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
