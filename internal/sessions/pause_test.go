package sessions

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/internal/upstream"
)

// inProcess sends requests to a handler without a network, so that time in a synctest bubble can
// pass.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// pausing is a broker behind a gate, in a bubble.
type pausing struct {
	*Broker
	sim *tableausim.Server
}

func startPausing(t *testing.T) *pausing {
	t.Helper()
	sim := tableausim.New(tableausim.Config{Now: time.Now})
	gate, err := upstream.New(upstream.Limits{PerUser: 6, PerSite: 40, Total: 80, LongRunning: 10, Queue: 200, Wait: time.Minute, Tries: 3})
	if err != nil {
		t.Fatal(err)
	}
	gate.LogTo(slog.New(slog.DiscardHandler))
	client, err := tableau.New(tableau.Config{
		URL: "http://tableau.example.com", APIVersion: "3.24", HTTP: &http.Client{Transport: inProcess{sim}}, Gate: gate,
	})
	if err != nil {
		t.Fatal(err)
	}
	broker, err := New(Config{Client: client, Sites: []Site{{ContentURL: "", Method: password}}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := broker.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &pausing{broker, sim}
}

// read reads who a person is, twice, in one operation.
func (p *pausing) read(t *testing.T, name string) {
	t.Helper()
	s, err := p.Session(t.Context(), identity(name), "")
	if err != nil {
		t.Error(err)
		return
	}
	if got, err := readSelf(t.Context(), s); err != nil || got != name {
		t.Errorf("%s is %q, %v", name, got, err)
	}
}

// A session that ends during a pause that Tableau asked for, or that ends and whose renewed read is
// then asked to wait, is not noticed: the read waits for the pause, once, and is answered in a
// session of the same person.
func TestPausesAndEndsOfSessionsWithinOneReadAreNotNoticed(t *testing.T) {
	t.Parallel()
	const pause = 10 * time.Second
	people := []string{"alice", "bob", "carol"}
	for _, tt := range []struct {
		name     string
		people   int  // that are asked to wait at the same time: three make a pause of the whole site
		endFirst bool // the session ends before Tableau asks to wait
		ends     int  // of the session of each person, within the read
	}{
		{"end in a pause", 1, false, 1},
		{"two ends in a pause", 1, false, 2},
		{"pause after an end", 1, true, 1},
		{"end in a pause of the site", 3, false, 1},
		{"pause of the site after ends", 3, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := startPausing(t)
				for _, name := range people[:tt.people] {
					p.read(t, name)
				}
				f := &pauseAndEnd{sim: p.sim, endFirst: tt.endFirst, ends: tt.ends, seen: map[string]*progress{}}
				p.sim.Fault(tableausim.Fault{Kind: tableausim.TooMany, RetryAfter: pause, Match: f.match})
				began := time.Now()
				var wg sync.WaitGroup
				for _, name := range people[:tt.people] {
					wg.Go(func() { p.read(t, name) })
				}
				wg.Wait()
				if took := time.Since(began); took < pause || took > 2*pause {
					t.Errorf("it took %s", took)
				}
				if ended, paused := f.ended.Load(), f.paused.Load(); ended != int64(tt.people*tt.ends) || paused != int64(tt.people) {
					t.Errorf("%d sessions ended and %d reads were asked to wait, of %d people", ended, paused, tt.people)
				}
			})
		})
	}
}

// pauseAndEnd asks one read of each person to wait and ends the sessions of the same read, in this
// order or the other.
type pauseAndEnd struct {
	sim           *tableausim.Server
	endFirst      bool
	ends          int
	ended, paused atomic.Int64

	mu   sync.Mutex
	seen map[string]*progress // by user
}

type progress struct{ ends, pauses int }

// match reports whether a request is asked to wait.
func (f *pauseAndEnd) match(r *http.Request) bool {
	token := r.Header.Get("X-Tableau-Auth")
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sim.Sessions() {
		if s.Token != token || !s.Impersonated || strings.Contains(r.URL.Path, "/auth/") {
			continue
		}
		if f.seen[s.User] == nil {
			f.seen[s.User] = &progress{}
		}
		p := f.seen[s.User]
		switch {
		case p.pauses == 0 && (!f.endFirst || p.ends == f.ends):
			p.pauses++
			f.paused.Add(1)
			return true
		case p.ends < f.ends:
			p.ends++
			f.ended.Add(int64(f.sim.EndSessions(func(x tableausim.SessionInfo) bool { return x.Token == token })))
		}
	}
	return false
}
