package program

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// reads takes requests of people, not look-ups of them, nor sign-ins.
func reads(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.HasSuffix(r.URL.Path, "/users") && !strings.HasSuffix(r.URL.Path, "/serverinfo")
}

// manyReads is a document of several reads that go out side by side: one for each project.
const manyReads = `{ site(contentUrl: "") { me { name } projects(first: 1000) { totalCount } workbooks(first: 1000) { totalCount }
	views(first: 1000) { totalCount } dataSources(first: 1000) { totalCount } } }`

// However many ask, Tableau has no more to do at a time than was agreed.
func TestTableauHasNoMoreToDoThanAgreed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		limits config.TableauLimits
		users  []string
		most   int
	}{
		{"in all", config.TableauLimits{PerUser: 5, PerSite: 5, Total: 5}, []string{"alice", "bob", "carol"}, 5},
		{"of one site", config.TableauLimits{PerUser: 4, PerSite: 4, Total: 100}, []string{"alice", "bob", "carol"}, 4},
		{"of one person", config.TableauLimits{PerUser: 3, PerSite: 100, Total: 100}, []string{"alice"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tableausim.Config{Latency: time.Millisecond}, func(s *config.Config) {
				s.Tableau.Limits.PerUser, s.Tableau.Limits.PerSite, s.Tableau.Limits.Total = c.limits.PerUser, c.limits.PerSite, c.limits.Total
				s.Tableau.Limits.Wait = time.Minute
			})
			for _, user := range c.users { // signed in, and the version is known
				p.Post(t, p.Token(t, user), harness.WorkbookNames)
			}
			p.Tableau.ResetLog()
			var wg sync.WaitGroup
			for i := range 40 {
				token := p.Token(t, c.users[i%len(c.users)])
				wg.Go(func() {
					if got := p.Post(t, token, manyReads); got.Codes() != "" {
						t.Error(got.Body)
					}
				})
			}
			wg.Wait()
			if got := p.Tableau.MaxInFlight(); got != c.most {
				t.Errorf("%d requests were under way at once, want %d", got, c.most)
			}
		})
	}
}

// What does not fit into the queue is refused with the code that says so, and nothing hangs.
func TestFullQueueIsToldAsRateLimited(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(s *config.Config) {
		l := &s.Tableau.Limits
		l.PerUser, l.PerSite, l.Total, l.Queue, l.Wait = 1, 1, 1, 1, time.Minute
	})
	token := p.Token(t, "alice")
	p.Post(t, token, harness.WorkbookNames)
	hold, held := make(chan struct{}), make(chan struct{}, 10)
	defer p.Tableau.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
		if reads(r) {
			held <- struct{}{}
			<-hold
		}
		return false
	}})()
	var refused atomic.Int64
	var wg sync.WaitGroup
	ask := func() {
		wg.Go(func() {
			got := p.Post(t, token, harness.WorkbookNames)
			switch got.Codes() {
			case "":
			case "TABLEAU_RATE_LIMITED":
				if got.Errors[0].Extensions["retryAfter"] != 1.0 || got.Errors[0].Extensions["tableau"] != nil {
					t.Errorf("it does not say how long to wait, or blames Tableau: %s", got.Body)
				}
				if refused.Add(1) == 8 {
					close(hold)
				}
			default:
				t.Error(got.Body)
			}
		})
	}
	ask()
	<-held
	for range 9 { // one waits, eight find the queue full
		ask()
	}
	wg.Wait()
	if n := refused.Load(); n != 8 {
		t.Errorf("%d were refused, want 8", n)
	}
}

// A moment's failure of a read is nobody's business but the operator's.
func TestMomentsOfFailureAreNotNoticed(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]tableausim.Fault{
		"429":                  {Kind: tableausim.TooMany, Times: 2},
		"429 with Retry-After": {Kind: tableausim.TooMany, Times: 1, RetryAfter: time.Second},
		"503":                  {Kind: tableausim.Away, Times: 2},
		"503 with Retry-After": {Kind: tableausim.Away, Times: 1, RetryAfter: time.Second},
		"cut":                  {Kind: tableausim.CutBody, Times: 2},
		"dropped":              {Kind: tableausim.Drop, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tableausim.Config{}, nil)
			token := p.Token(t, "alice")
			want := marshalled(t, p.Post(t, token, harness.WorkbookNames).Data)
			f.Match = reads
			p.Tableau.ResetLog()
			defer p.Tableau.Fault(f)()
			began := time.Now()
			got := p.Post(t, token, harness.WorkbookNames)
			if got.Codes() != "" || marshalled(t, got.Data) != want {
				t.Fatal(got.Body)
			}
			// real time: waiting longer is no fault
			if took := time.Since(began); f.RetryAfter > 0 && took < f.RetryAfter {
				t.Errorf("it took %s, less than Tableau asked to wait", took)
			}
			if again := got.Extensions.Vitrine.Retried; again != f.Times && f.Kind != tableausim.Drop { // net/http may have sent that again itself
				t.Errorf("extensions.vitrine.retried is %d, want %d", again, f.Times)
			}
			if said := fmt.Sprintf("tableauRetried=%d", got.Extensions.Vitrine.Retried); !strings.Contains(p.Log.String(), said) {
				t.Errorf("the log does not say %s", said)
			}
		})
	}
}

// A sign-in is sent once, whatever comes of it.
func TestSignInsAreNotSentAgain(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	defer p.Tableau.Fault(tableausim.Fault{Kind: tableausim.Away, Match: func(r *http.Request) bool { return r.Method == http.MethodPost }})()
	got := p.Post(t, p.Token(t, "alice"), harness.WorkbookNames)
	if n := p.Tableau.Count("POST auth/signin"); got.Codes() != "TABLEAU_UNAVAILABLE" || n != 1 {
		t.Errorf("%d sign-ins; %s", n, got.Body)
	}
}
