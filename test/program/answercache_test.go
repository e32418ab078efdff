package program

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// withCache starts the program with a cache whose answers last for the whole test.
func withCache(t *testing.T, change func(*config.Config)) *harness.Program {
	t.Helper()
	return harness.Start(t, tableausim.Config{}, func(c *config.Config) {
		c.Cache.TTL = time.Minute
		if change != nil {
			change(c)
		}
	})
}

// outcome is one answer with what it cost Tableau.
type outcome struct {
	*harness.Answer
	calls int
}

// cached reports whether the answer came from the cache.
func (a outcome) cached() bool { return a.Header.Get("Age") != "" }

// ask sends a body, or the query string of a GET, and further headers as pairs.
func ask(t *testing.T, p *harness.Program, token, body string, header ...string) outcome {
	t.Helper()
	r := documentRequest(t.Context(), t, p, "alice", body)
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	before := len(p.Tableau.Log())
	return outcome{harness.Send(t, r), len(p.Tableau.Log()) - before}
}

func bodyOf(query string, variables string) string {
	text, err := json.Marshal(query)
	if err != nil {
		panic(err)
	}
	if variables == "" {
		return fmt.Sprintf(`{"query":%s}`, text)
	}
	return fmt.Sprintf(`{"query":%s,"variables":%s}`, text, variables)
}

const someWorkbooks = `query Some($first: Int!, $filter: WorkbookFilter) {
	site(contentUrl: "") { workbooks(first: $first, filter: $filter) { nodes { name owner { name } } } } }`

// The same question of the same person is answered from the cache, and nothing else is.
func TestAnswersAreKeptForTheirOwner(t *testing.T) {
	t.Parallel()
	p := withCache(t, nil)
	alice, bob, carol := p.Token(t, "alice"), p.Token(t, "bob"), p.Token(t, "carol")
	question := bodyOf(someWorkbooks, `{"first": 5, "filter": {"name": {"eq": "Superstore"}}}`)
	first := ask(t, p, alice, question)
	if first.Codes() != "" || first.cached() || first.calls == 0 {
		t.Fatalf("%+v %s", first, first.Body)
	}
	p.Log.Reset()
	again := ask(t, p, alice, question)
	if !again.cached() || again.calls != 0 || again.Body != first.Body || again.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("asked again: %d calls, %v %s", again.calls, again.Header, again.Body)
	}
	if log := p.Log.String(); !strings.Contains(log, "cached=true") || !strings.Contains(log, "operation=Some") || !strings.Contains(log, "cost=") || !strings.Contains(log, "user=alice") {
		t.Errorf("the log has\n%s", log)
	}
	if renewed := ask(t, p, p.Token(t, "alice"), question); !renewed.cached() {
		t.Error("another token of the same person is not answered from the cache")
	}
	for name, c := range map[string]struct{ token, body string }{
		"bob":                  {bob, question},
		"carol":                {carol, question},
		"another value":        {alice, bodyOf(someWorkbooks, `{"first": 4, "filter": {"name": {"eq": "Superstore"}}}`)},
		"null for nothing":     {alice, bodyOf(someWorkbooks, `{"first": 5, "filter": null}`)},
		"no variable":          {alice, bodyOf(someWorkbooks, `{"first": 5}`)},
		"another document":     {alice, bodyOf(someWorkbooks+" ", `{"first": 5, "filter": {"name": {"eq": "Superstore"}}}`)},
		"the operation's name": {alice, strings.TrimSuffix(question, "}") + `,"operationName":"Some"}`},
	} {
		if got := ask(t, p, c.token, c.body); got.cached() || got.Codes() != "" {
			t.Errorf("%s: %v %s", name, got.Header, got.Body)
		}
		if got := ask(t, p, c.token, c.body); !got.cached() {
			t.Errorf("%s is not kept: %v", name, got.Header)
		}
	}
	spelled := bodyOf(someWorkbooks, "{\"filter\":\n{\"name\":{\"eq\":\"\\u0053uperstore\"}},\t\"first\":5}")
	if got := ask(t, p, alice, spelled); !got.cached() || got.Body != first.Body {
		t.Errorf("variables in another order and spelling: %v", got.Header)
	}
}

// What a request says about caches is obeyed.
func TestRequestsPassTheCacheBy(t *testing.T) {
	t.Parallel()
	p := withCache(t, nil)
	token, question := p.Token(t, "alice"), bodyOf(someWorkbooks, `{"first": 3}`)
	if got := ask(t, p, token, question, "Cache-Control", "no-store"); got.cached() {
		t.Errorf("%v", got.Header)
	}
	if got := ask(t, p, token, question); got.cached() {
		t.Error("no-store was kept")
	}
	for _, c := range []struct {
		name, value string
		cached      bool
	}{
		{"Cache-Control", "no-cache", false},
		{"Cache-Control", "No-Cache , foo=bar", false},
		{"Cache-Control", "max-age=0", false},
		{"Pragma", "no-cache", false},
		{"Cache-Control", "no-store", false},
		{"Cache-Control", "max-age=3600", true},
		{"Cache-Control", "max-age=x, other", true},
		{"Accept-Language", "en", true},
	} {
		if got := ask(t, p, token, question, c.name, c.value); got.cached() != c.cached || (got.calls == 0) != c.cached {
			t.Errorf("%s: %s: %d calls, %v", c.name, c.value, got.calls, got.Header)
		}
	}
}

// Answers that would be wrong a second later, or for another request, are not kept.
func TestSomeAnswersAreNotKept(t *testing.T) {
	t.Parallel()
	p := withCache(t, func(c *config.Config) {
		c.Content.LinkLifetime = 40 * time.Second
		c.Limits.PerPerson = 1_000_000
		withEmbedding(c)
	})
	token := p.Token(t, "alice")
	for name, body := range map[string]string{
		"an error":                 bodyOf(`{ site(contentUrl: "none") { name } }`, ""),
		"data with an error":       bodyOf(`{ viewer { username } nodes(ids: ["bm9wZQ"]) { id } }`, ""),
		"the budget":               bodyOf(`query { viewer { username } ...b } fragment b on Query { left: rateLimit { remaining } }`, ""),
		"the end of the token":     bodyOf(`{ me: viewer { ends: tokenExpiresAt } }`, ""),
		"content links":            bodyOf(`{ site(contentUrl: "") { workbooks(first: 1) { nodes { views { image { url } } } } } }`, ""),
		"a token to embed":         bodyOf(`{ site(contentUrl: "") { views(first: 1) { nodes { embed { token } } } } }`, ""),
		"calls":                    `{"query":"{ viewer { username } }","extensions":{"vitrine":{"calls":true}}}`,
		"the timeline":             `{"query":"{ viewer { username } }","extensions":{"vitrine":{"timeline":true}}}`,
		"a plan":                   `{"query":"{ viewer { username } }","extensions":{"vitrine":{"dryRun":true}}}`,
		"another of the extension": `{"query":"{ viewer { username } }","extensions":{"vitrine":{}}}`,
	} {
		for range 2 {
			if got := ask(t, p, token, body); got.cached() || got.Status != http.StatusOK {
				t.Errorf("%s: %d %v %s", name, got.Status, got.Header, got.Body)
			}
		}
	}
	plain := bodyOf("{ viewer { username } }", "")
	if ask(t, p, token, plain); !ask(t, p, token, plain).cached() {
		t.Error("nothing is kept at all")
	}
	timed := ask(t, p, token, `{"query":"{ site(contentUrl: \"\") { views(first: 1) { totalCount } } }","extensions":{"vitrine":{"timeline":true}}}`)
	if !regexp.MustCompile(`"timeline":\[\{"call":"GET sites/\{site\}/views","startMs":[\d.]+,"waitMs":[\d.]+,"durationMs":[\d.]+\}\]`).MatchString(timed.Body) {
		t.Errorf("%s", timed.Body)
	}
	// Asking for the extensions does not give what is kept without them.
	if got := ask(t, p, token, `{"query":"{ viewer { username } }","extensions":{"vitrine":{"calls":true}}}`); !strings.Contains(got.Body, `"calls"`) {
		t.Errorf("%s", got.Body)
	}
}

// Links that last are kept with their answer, and an answer while Tableau fails is not.
func TestAnswersAreKeptWithTheirLinks(t *testing.T) {
	t.Parallel()
	p := withCache(t, func(c *config.Config) { c.Content.LinkLifetime = time.Hour })
	token, links := p.Token(t, "alice"), bodyOf(`{ site(contentUrl: "") { workbooks(first: 1) { nodes { views { image { url } } } } } }`, "")
	first := ask(t, p, token, links)
	if got := ask(t, p, token, links); !got.cached() || got.Body != first.Body {
		t.Errorf("%v %s", got.Header, got.Body)
	}
	if got := ask(t, p, p.Token(t, "alice"), links); got.cached() {
		t.Error("links that end with one session at the provider are sent to another")
	}
	remove := p.Tableau.Fault(tableausim.Fault{Kind: tableausim.ServerError})
	access := bodyOf(`{ sites { contentUrl access } }`, "")
	if got := ask(t, p, p.Token(t, "bob"), access); !strings.Contains(got.Body, "UNAVAILABLE") {
		t.Fatalf("%s", got.Body)
	}
	remove()
	if got := ask(t, p, p.Token(t, "bob"), access); got.cached() || !strings.Contains(got.Body, "OPEN") {
		t.Errorf("what was unavailable is kept: %s", got.Body)
	}
}

// Every request is counted, whether its answer was kept or not.
func TestKeptAnswersCostTheSame(t *testing.T) {
	t.Parallel()
	p := withCache(t, func(c *config.Config) {
		c.Limits.PerPerson, c.AdminListen = 1000, "127.0.0.1:0"
	})
	token, question := p.Token(t, "alice"), bodyOf(someWorkbooks, `{"first": 100}`)
	cached, refused := 0, 0
	for range 300 {
		got := ask(t, p, token, question)
		switch {
		case got.Status == http.StatusTooManyRequests && got.Header.Get("Retry-After") != "":
			refused++
		case got.cached() && got.Header.Get("RateLimit") != "":
			cached++
		}
	}
	if cached == 0 || refused == 0 {
		t.Errorf("%d answers were kept, %d requests were refused", cached, refused)
	}
	w := &strings.Builder{}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.App.AdminRoutes().ServeHTTP(&textWriter{header: http.Header{}, Writer: w}, r)
	for _, line := range []string{
		fmt.Sprintf("vitrine_answer_cache_hits_total %d\n", cached+refused), "vitrine_answer_cache_misses_total", "vitrine_answer_cache_bytes",
		fmt.Sprintf(`vitrine_graphql_operation_duration_seconds_count{operation="other"} %d`, cached+1),
	} {
		if !strings.Contains(w.String(), line) {
			t.Errorf("the metrics lack %q", line)
		}
	}
}

// textWriter collects an answer.
type textWriter struct {
	header http.Header
	io.Writer
}

func (w *textWriter) Header() http.Header { return w.header }
func (w *textWriter) WriteHeader(int)     {}

// A GET is validated against the tag of what is kept, and against that of what was just made.
func TestGETsAreValidatedFromTheCache(t *testing.T) {
	t.Parallel()
	p := withCache(t, nil)
	token := p.Token(t, "alice")
	get := "?query=" + url.QueryEscape(`{ site(contentUrl: "") { workbooks(first: 2) { nodes { name } } } }`)
	first := ask(t, p, token, get)
	tag := first.Header.Get("ETag")
	if first.cached() || !strings.HasPrefix(tag, `W/"`) || first.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%v", first.Header)
	}
	for _, c := range []struct {
		header []string
		status int
		cached bool
	}{
		{nil, 200, true},
		{[]string{"If-None-Match", tag}, 304, true},
		{[]string{"If-None-Match", tag, "Cache-Control", "no-cache"}, 304, false},
		{[]string{"If-None-Match", tag, "Accept", "application/json"}, 200, true},
		{[]string{"If-None-Match", `"other"`}, 200, true},
	} {
		got := ask(t, p, token, get, c.header...)
		sameType := got.Header.Get("ETag") == tag || strings.Contains(fmt.Sprint(c.header), "application/json")
		if got.Status != c.status || got.cached() != c.cached || !sameType || got.Status == 200 && got.Body != first.Body {
			t.Errorf("%v: %d %v %s", c.header, got.Status, got.Header, got.Body)
		}
	}
	if got := ask(t, p, p.Token(t, "bob"), get, "If-None-Match", `W/"x"`); got.cached() || got.Status != 200 {
		t.Errorf("bob: %d %v", got.Status, got.Header)
	}
	post := bodyOf(`{ site(contentUrl: "") { workbooks(first: 2) { nodes { name } } } }`, "")
	if got := ask(t, p, token, post, "If-None-Match", tag); got.Status != 200 || !got.cached() || got.Header.Get("ETag") != "" {
		t.Errorf("a POST: %d %v", got.Status, got.Header)
	}
	r := documentRequest(t.Context(), t, p, "alice", get)
	r.Method = http.MethodHead
	if got := harness.Send(t, r); got.Status != 200 || got.Body != "" || got.Header.Get("ETag") != tag || got.Header.Get("Age") == "" {
		t.Errorf("HEAD: %d %v", got.Status, got.Header)
	}
}

// Kept answers are sent compressed, and are the same as others.
func TestKeptAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	p := withCache(t, nil)
	token, question := p.Token(t, "alice"), bodyOf(`{ site(contentUrl: "") { workbooks(first: 100) { nodes { id name description owner { name } project { name } } } } }`, "")
	plain := ask(t, p, token, question, "Accept-Encoding", "identity")
	for i := range 3 {
		got := ask(t, p, token, question, "Accept-Encoding", "gzip")
		if got.Header.Get("Content-Encoding") != "gzip" || !got.cached() || got.Header.Get("Content-Length") != fmt.Sprint(len(got.Body)) {
			t.Fatalf("%d: %v", i, got.Header)
		}
		r, err := gzip.NewReader(strings.NewReader(got.Body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || string(text) != plain.Body {
			t.Errorf("%d: %v %s", i, err, text)
		}
	}
	if got := ask(t, p, token, question, "Accept-Encoding", "identity"); !got.cached() || got.Body != plain.Body {
		t.Errorf("%v", got.Header)
	}
}

// Who logs out and signs in again is not shown what was kept before; nobody else is affected.
func TestLogoutEndsKeptAnswers(t *testing.T) {
	t.Parallel()
	p := withCache(t, func(c *config.Config) { c.OIDC[0].LogoutClients = []string{"portal"} })
	logoutEnds(t, []*harness.Program{p}, p)
}

// A logout at one replica ends what all of them keep.
func TestLogoutEndsKeptAnswersInEveryReplica(t *testing.T) {
	f := startReplicas(t, 1)
	var all []*harness.Program
	for _, r := range f.replicas {
		all = append(all, r.Program)
	}
	logoutEnds(t, all, f.replicas[1].Program)
}

func logoutEnds(t *testing.T, all []*harness.Program, at *harness.Program) {
	t.Helper()
	question := bodyOf(`{ site(contentUrl: "") { workbooks(first: 4) { nodes { name } } } }`, "")
	alice, bob := earlier(t, at, "alice"), earlier(t, at, "bob")
	for i, p := range all {
		for _, token := range []string{alice, bob} {
			ask(t, p, token, question)
			if got := ask(t, p, token, question); !got.cached() {
				t.Fatalf("replica %d: nothing is kept: %v %s", i, got.Header, got.Body)
			}
		}
	}
	if got := sendLogout(t, at, url.Values{"logout_token": {logoutToken(t, at, "alice", nil)}}); got.Status != http.StatusOK {
		t.Fatalf("the logout answers %d %s", got.Status, got.Body)
	}
	again, err := at.Provider.TokenWith("alice", func(claims, header map[string]any) {
		harness.Lasting(claims, header)
		claims["iat"] = time.Now().Add(5 * time.Second).Unix() // logouts count in whole seconds
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range all {
		if got := ask(t, p, alice, question); got.Status != http.StatusUnauthorized {
			t.Errorf("replica %d: the old token is answered %d %s", i, got.Status, got.Body)
		}
		if got := ask(t, p, again, question); got.cached() || got.Codes() != "" {
			t.Errorf("replica %d: after the logout: %v %s", i, got.Header, got.Body)
		}
		if got := ask(t, p, again, question); !got.cached() {
			t.Errorf("replica %d: nothing is kept after the logout: %v", i, got.Header)
		}
		if got := ask(t, p, bob, question); !got.cached() {
			t.Errorf("replica %d: the logout of alice ended what is kept for bob", i)
		}
	}
}

// Many people who ask the same at the same time get their own answers.
func TestKeptAnswersUnderLoad(t *testing.T) {
	t.Parallel()
	p := withCache(t, func(c *config.Config) { c.Cache.Bytes = 1_000_000 })
	users := []string{"alice", "bob", "carol"}
	var wg sync.WaitGroup
	for n := range 12 {
		user := users[n%len(users)]
		wg.Go(func() {
			for range 25 {
				got, err := answerFor(t.Context(), t, p, user, bodyOf(`{ viewer { username } site(contentUrl: "") { workbooks(first: 5) { nodes { name } } } }`, ""))
				if err != nil || !bytes.Contains(got, []byte(`"username":"`+user+`"`)) {
					t.Errorf("%s: %v %s", user, err, got)
				}
			}
		})
	}
	wg.Wait()
}

func answerFor(ctx context.Context, t *testing.T, p *harness.Program, user, body string) ([]byte, error) {
	t.Helper()
	res, err := http.DefaultClient.Do(documentRequest(ctx, t, p, user, body))
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}
