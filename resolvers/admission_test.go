package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/budget"
	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// noon is a clock that does not move, ten seconds into a minute.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC) }

// send asks and gives the answer with its header.
func (w *world) send(t testing.TB, ctx context.Context, user string, a ask) (*reply, http.Header) { //nolint:revive // the test comes first
	t.Helper()
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r.WithContext(auth.NewContext(ctx, person(user))))
	got := &reply{status: rec.Code, raw: rec.Body.Bytes()}
	if err := json.Unmarshal(got.raw, got); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, got.raw)
	}
	return got, rec.Header()
}

func TestBudgetOfAPersonIsHeldAndTold(t *testing.T) {
	t.Parallel()
	var charged []int
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) {
		c.Budget = budget.New("person", 100, nil, noon)
		c.Charged = func(_ context.Context, points int) { charged = append(charged, points) }
	})
	// site, workbooks with a call, and three items: 1 + 10 + 3 points.
	const query = `{ rateLimit { limit remaining used resetAt cost } site(contentUrl: "") { workbooks(first: 3) { nodes { name } } } }`
	got, header := w.send(t, t.Context(), "alice", ask{Query: query})
	want := `{"limit":100,"remaining":86,"used":14,"resetAt":"2026-03-01T12:01:00Z","cost":14}`
	if raw, _ := json.Marshal(got.Data["rateLimit"]); got.status != http.StatusOK || !equalJSON(t, string(raw), want) {
		t.Errorf("%d %s", got.status, got.raw)
	}
	if p, l := header.Get("RateLimit-Policy"), header.Get("RateLimit"); p != `"person";q=100;w=60` || l != `"person";r=86;t=50` {
		t.Errorf("RateLimit-Policy: %s, RateLimit: %s", p, l)
	}
	// A document that is refused costs a point, and a dry run too.
	_, header = w.send(t, t.Context(), "alice", ask{Query: "{ nothing }"})
	if l := header.Get("RateLimit"); l != `"person";r=85;t=50` {
		t.Errorf("after an invalid document: %s", l)
	}
	_, header = w.send(t, t.Context(), "alice", ask{Query: query, Extensions: dry})
	if l := header.Get("RateLimit"); l != `"person";r=84;t=50` {
		t.Errorf("after a dry run: %s", l)
	}
	// What does not fit is refused as a whole, and takes nothing.
	got, header = w.send(t, t.Context(), "alice", ask{Query: `{ site(contentUrl: "") { workbooks(first: 74) { nodes { name } } } }`})
	if got.status != http.StatusTooManyRequests || !slices.Equal(got.codes(), []string{"RATE_LIMITED"}) || header.Get("Retry-After") != "50" ||
		got.Errors[0].Extensions["retryAfter"] != 50.0 || header.Get("RateLimit") != `"person";r=84;t=50` || got.Data != nil {
		t.Errorf("%d %v %s", got.status, header, got.raw)
	}
	// Others have budgets of their own.
	// The extensions have the same as the field, on request.
	got, _ = w.send(t, t.Context(), "bob", ask{Query: query, Extensions: map[string]any{"vitrine": map[string]any{"calls": true}}})
	want = `"cost":14,"rateLimit":{"limit":100,"remaining":86,"resetAt":"2026-03-01T12:01:00Z","used":14}`
	if got.status != http.StatusOK || !strings.Contains(string(got.raw), want) {
		t.Errorf("bob: %d %s", got.status, got.raw)
	}
	if !slices.Equal(charged, []int{14, 1, 1, 85, 14}) {
		t.Errorf("charged %v", charged)
	}
}

func TestWithoutABudgetThereIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	got, header := w.send(t, t.Context(), "alice", ask{Query: "{ rateLimit { cost } }"})
	if got.Data["rateLimit"] != nil || len(got.Errors) > 0 || header.Get("RateLimit") != "" {
		t.Errorf("%v %s", header, got.raw)
	}
}

var dry = map[string]any{"vitrine": map[string]any{"dryRun": true}}

func TestDryRunAnswersTheCostAndRunsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.Limits.Cost = 100 })
	for _, c := range []struct {
		first int
		cost  float64
	}{{10, 10 + 1 + 10 + 10*(1+1) + 10}, {10_000, 10 + 1 + 10 + 10_000*2 + 10}} { // workbooks and owners are a call each
		got, _ := w.send(t, t.Context(), "alice", ask{
			Query:     `query($n: Int!) { site(contentUrl: "") { access workbooks(first: $n) { nodes { name owner { id } } } } }`,
			Variables: map[string]any{"n": c.first}, Extensions: dry,
		})
		var answer struct {
			Extensions struct {
				Vitrine struct {
					Cost   float64
					Depth  int
					Limits map[string]int
				}
			}
		}
		if err := json.Unmarshal(got.raw, &answer); err != nil {
			t.Fatal(err)
		}
		v := answer.Extensions.Vitrine
		if got.status != http.StatusOK || got.Data != nil || len(got.Errors) > 0 || v.Cost != c.cost || v.Depth != 5 || v.Limits["cost"] != 100 {
			t.Errorf("first: %d: want %v, got %s", c.first, c.cost, got.raw)
		}
	}
	if got := w.ask(t, "alice", `{ site(contentUrl: "") { workbooks(first: 100) { nodes { name } } } }`, nil); got.status != http.StatusBadRequest ||
		!slices.Equal(got.codes(), []string{"QUERY_TOO_COSTLY"}) {
		t.Errorf("and without it: %d %s", got.status, got.raw)
	}
	if n := len(w.sim.Log()); n > 0 {
		t.Errorf("%d requests reached Tableau", n)
	}
}

func TestWhatIsOnlyMeasuredIsToldAndRun(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]any{}
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) {
		c.Budget = budget.New("person", 10, nil, noon)
		c.Limits = policy.Limits{Cost: 10, Depth: 3, Aliases: 1, Measure: []string{"cost", "depth", "perPerson"}}
		c.Observe = func(_ context.Context, attrs ...slog.Attr) {
			mu.Lock()
			defer mu.Unlock()
			for _, a := range attrs {
				seen[a.Key] = a.Value.Any()
			}
		}
	})
	for range 2 { // the second time the document is known already
		clear(seen)
		got, _ := w.send(t, t.Context(), "alice", ask{Query: `{ site(contentUrl: "") { workbooks(first: 1) { nodes { name } } } }`})
		if got.status != http.StatusOK || len(got.Errors) > 0 {
			t.Errorf("%d %s", got.status, got.raw)
		}
		if over, _ := seen["overLimits"].([]string); !slices.Equal(over, []string{"depth", "cost", "perPerson"}) || seen["cost"] != int64(12) {
			t.Errorf("observed %v", seen)
		}
	}
	if got, _ := w.send(t, t.Context(), "alice", ask{Query: `{ a: viewer { username } b: viewer { username } }`}); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("what is not measured alone is refused: %d %s", got.status, got.raw)
	}
}

func equalJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return string(p) == string(q)
}

// A client that goes away, and a deadline, stop the work: what is under way at Tableau is broken
// off there.
func TestWorkStopsWithTheClientAndAtTheDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deadline time.Duration
		leave    bool
		status   int
	}{"the client goes": {time.Minute, true, 0}, "the deadline passes": {50 * time.Millisecond, false, http.StatusServiceUnavailable}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{}, func(rc *resolvers.Config) { rc.Deadline = c.deadline })
			first := w.ask(t, "alice", `{ site(contentUrl: "") { luid } }`, nil)
			for slices.Contains(first.codes(), "RATE_LIMITED") { // the schema is not compiled yet
				first = w.ask(t, "alice", `{ site(contentUrl: "") { luid } }`, nil)
			}
			if c.leave && len(first.Errors) > 0 {
				t.Fatalf("%s", first.raw) // the session is there
			}
			arrived, broken := make(chan struct{}), make(chan struct{})
			var once sync.Once
			defer w.sim.Fault(tableausim.Fault{
				Match: func(r *http.Request) bool {
					if !strings.HasSuffix(r.URL.Path, "/workbooks") {
						return false
					}
					once.Do(func() {
						close(arrived)
						go func() { <-r.Context().Done(); close(broken) }()
					})
					return true
				},
				Kind: tableausim.Slow, Delay: time.Hour,
			})()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan *reply, 1)
			go func() {
				got, _ := w.send(t, ctx, "alice", ask{Query: `{ site(contentUrl: "") { workbooks { nodes { name } } } }`})
				done <- got
			}()
			if c.leave {
				<-arrived
				cancel()
			}
			if got := <-done; !slices.Contains(got.codes(), "DEADLINE_EXCEEDED") { // Tableau does not answer: work that goes on never ends
				t.Errorf("%d %s", got.status, got.raw)
			}
			select {
			case <-arrived:
				<-broken
			default: // the deadline passed before anything was asked
			}
		})
	}
}

// Answers that would not fit beside those under way wait for their turn, and are refused when it
// does not come; small ones go past.
func TestLargeAnswersWaitForRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.UnderWay = 10_000 })
	if got := w.ask(t, "alice", `{ site(contentUrl: "") { luid } }`, nil); len(got.Errors) > 0 {
		t.Fatalf("%s", got.raw) // the session is there
	}
	arrived := make(chan struct{})
	var once sync.Once
	remove := w.sim.Fault(tableausim.Fault{
		Match: func(r *http.Request) bool {
			slow := strings.HasSuffix(r.URL.Path, "/workbooks")
			if slow {
				once.Do(func() { close(arrived) })
			}
			return slow
		},
		Kind: tableausim.Slow, Delay: time.Hour,
	})
	const large = `{ site(contentUrl: "") { workbooks(first: 5000) { nodes { name luid } } } }`
	done := make(chan *reply, 1)
	first, leave := context.WithCancel(t.Context())
	defer leave()
	go func() {
		got, _ := w.send(t, first, "alice", ask{Query: large})
		done <- got
	}()
	<-arrived
	if got, _ := w.send(t, t.Context(), "alice", ask{Query: `{ viewer { username } }`}); got.status != http.StatusOK || len(got.Errors) > 0 {
		t.Errorf("a small one: %d %s", got.status, got.raw)
	}
	over, cancel := context.WithDeadline(t.Context(), noon()) // real time: it has passed already
	defer cancel()
	got, header := w.send(t, over, "bob", ask{Query: large})
	if got.status != http.StatusServiceUnavailable || !slices.Equal(got.codes(), []string{"RATE_LIMITED"}) || header.Get("Retry-After") == "" {
		t.Errorf("a second large one: %d %s", got.status, got.raw)
	}
	leave()
	<-done
	remove()
	if got, _ := w.send(t, t.Context(), "bob", ask{Query: `{ site(contentUrl: "") { workbooks(first: 5000) { totalCount } } }`}); got.status != http.StatusOK {
		t.Errorf("when there is room again: %d %s", got.status, got.raw)
	}
}

// BenchmarkLargeAnswersSideBySide is eight people who each ask for 10,000 workbooks at once: peakMB
// is the most memory that was in use, above what is in use before.
func BenchmarkLargeAnswersSideBySide(b *testing.B) {
	for name, underWay := range map[string]int{"as many as come": 100_000_000, "two million fields": 2_000_000, "three hundred thousand": 300_000} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, tableausim.Config{Workbooks: 10_000}, func(c *resolvers.Config) { c.UnderWay = underWay })
			const query = `{ site(contentUrl: "") { workbooks(first: 10000) { nodes { id luid name description contentUrl createdAt updatedAt sizeMegabytes url webUrl tags { label } } } } }`
			if got := w.ask(b, "carol", query, nil); len(got.Errors) > 0 {
				b.Fatalf("%.300s", got.raw)
			}
			var peak uint64
			for b.Loop() {
				peak = max(peak, peakOf(func() {
					var wg sync.WaitGroup
					for range 8 {
						wg.Go(func() {
							body, _ := json.Marshal(ask{Query: query})
							r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
							r.Header.Set("Content-Type", "application/json")
							w.handler.ServeHTTP(discard{http.Header{}}, r.WithContext(auth.NewContext(r.Context(), person("carol"))))
						})
					}
					wg.Wait()
				}))
			}
			b.ReportMetric(float64(peak)/(1<<20), "peakMB")
		})
	}
}

// discard is a client that reads at once and keeps nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// peakOf is how much memory work takes at most, looked at every few milliseconds.
func peakOf(work func()) uint64 {
	runtime.GC()
	heap := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before, peak := heap(), uint64(0)
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	for tick := time.NewTicker(5 * time.Millisecond); ; { // real time: fewer looks see less memory, never more
		select {
		case <-done:
			tick.Stop()
			return peak - min(peak, before)
		case <-tick.C:
			peak = max(peak, heap())
		}
	}
}
