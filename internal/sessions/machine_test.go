package sessions

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// TestBrokerAsAStateMachine lets people come and go in any order that rapid thinks of, on all
// sites, while sessions end, time passes, the cache overflows, people log out, users are made again
// and Tableau fails. Who reads is always oneself; there is no error but where a fault is put in the
// way; a session in use is never ended by the broker; who has logged out has no session; nobody is
// signed in twice at once (start looks at that); and at the end nobody is signed in.
func TestBrokerAsAStateMachine(t *testing.T) {
	t.Parallel()
	for name, displaces := range map[string]bool{"side by side": false, "displaced": true} {
		for _, m := range []Method{password, onePAT, twoPATs, tokens(4)} {
			t.Run(name+" "+m.String(), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(r *rapid.T) {
					w := &world{capacity: 3, bench: start(t, tableausim.Config{PATDisplacesImpersonated: displaces}, func(c *Config) {
						by(m)(c)
						c.MaxSessions = 3
					})}
					if pat, ok := m.(PAT); ok && displaces {
						w.capacity = max(1, len(pat.Tokens)-1)
					}
					defer w.end(t)
					if pool, ok := w.sites[""].signer.(*impersonator); ok && pool.pool.overlap != nil {
						w.overlap = pool.pool.overlap
						w.overlap.gracePeriod = 10 * time.Millisecond
					}
					r.Repeat(map[string]func(*rapid.T){
						"read": w.read, "crowd": w.crowd, "begin": w.begin, "stop": w.stop, "fail": w.fail,
						"log out": w.logOut, "pass time": w.passTime, "end some": w.endSome, "end all": w.endAll,
						"make again": w.makeAgain, "": w.check,
					})
				})
			})
		}
	}
}

// world is the model beside the broker: who is reading at length, and whether the stand-in has
// ended their sessions.
type world struct {
	*bench
	overlap  *overlapDetector // nil for passwords
	learnt   bool             // how many people a token carries
	capacity int              // how many may read at length without keeping others out
	reading  []*reading
}

type reading struct {
	name   string
	source *source
	grant  *tableau.Grant
	ended  bool // by the stand-in
}

// Each draw has generators of its own: rapid's are not made for tests that run side by side.
func whoReads() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"alice", "bob", "carol", "kim", "Kim", "dave"})
}

func where() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "marketing", "finance"})
}

// readAs reads as somebody and says what is wrong with what came of it.
func (w *world) readAs(name, site string) error {
	got, err := w.who(name, site)
	there := w.sim.UserID(site, name) != ""
	switch {
	case err == nil && (got != name || !there):
		return fmt.Errorf("%s on %q became %q", name, site, got)
	case err != nil && there:
		return fmt.Errorf("%s on %q: %w", name, site, err)
	}
	return nil
}

// who asks Tableau in one read whose session it is.
func (w *world) who(name, site string) (string, error) {
	s, err := w.Session(context.Background(), identity(name), site)
	if err != nil {
		return "", err
	}
	current, err := s.Current(context.Background())
	if err != nil {
		return "", err
	}
	return string(current.User.Name), nil
}

// full says that who signs in now would wait for those who are reading.
func (w *world) full() bool { return len(w.reading) >= w.capacity }

func (w *world) read(r *rapid.T) {
	name, site := whoReads().Draw(r, "name"), where().Draw(r, "site")
	if w.full() {
		r.Skip("full")
	}
	if err := w.readAs(name, site); err != nil {
		r.Fatal(err)
	}
}

func (w *world) crowd(r *rapid.T) {
	names := rapid.SliceOfN(whoReads(), 2, 8).Draw(r, "names")
	sites := rapid.SliceOfN(where(), len(names), len(names)).Draw(r, "sites")
	if w.full() {
		r.Skip("full")
	}
	problems := make([]error, len(names))
	var wait sync.WaitGroup
	for i := range names {
		wait.Go(func() { problems[i] = w.readAs(names[i], sites[i]) })
	}
	wait.Wait()
	for _, err := range problems {
		if err != nil {
			r.Fatal(err)
		}
	}
}

func (w *world) begin(r *rapid.T) {
	name := whoReads().Filter(func(name string) bool { return name != "dave" }).Draw(r, "name")
	if w.full() {
		r.Skip("full")
	}
	s, err := w.source(identity(name), "")
	if err != nil {
		r.Fatal(err)
	}
	g, err := s.Acquire(context.Background(), nil)
	if err != nil {
		r.Fatal(err)
	}
	live, seen := isAlive(context.Background(), w.client, &session{grant: *g})
	if seen && !live { // it had ended before, unseen: a reader renews
		dead := g
		if g, err = s.Acquire(context.Background(), dead); err != nil {
			r.Fatal(err)
		}
		s.Release(dead)
	}
	w.reading = append(w.reading, &reading{name: name, source: s, grant: g})
}

func (w *world) stop(r *rapid.T) {
	if len(w.reading) == 0 {
		r.Skip("nobody reads")
	}
	i := rapid.IntRange(0, len(w.reading)-1).Draw(r, "which")
	w.reading[i].source.Release(w.reading[i].grant)
	w.reading = slices.Delete(w.reading, i, i+1)
}

// fail is a read that meets a fault on its way: it fails with an error of ours, or not at all.
func (w *world) fail(r *rapid.T) {
	name, site := whoReads().Draw(r, "name"), where().Draw(r, "site")
	kind := rapid.SampledFrom([]tableausim.FaultKind{
		tableausim.Status401002, tableausim.ServerError, tableausim.HTMLPage,
	}).Draw(r, "fault")
	signIns := kind != tableausim.Status401002 && rapid.Bool().Draw(r, "of a sign-in")
	if w.full() {
		r.Skip("full")
	}
	remove := w.sim.Fault(tableausim.Fault{Kind: kind, Times: 1, Match: func(r *http.Request) bool {
		return !strings.HasSuffix(r.URL.Path, "/auth/signout") && signIns == strings.HasSuffix(r.URL.Path, "/auth/signin")
	}})
	defer remove()
	got, err := w.who(name, site)
	if err == nil && got != name {
		r.Fatalf("%s on %q became %q", name, site, got)
	}
	if kind == tableausim.Status401002 { // a session that is called dead counts as dead: its place may be taken while somebody reads with it
		w.noteEnded(func(x *reading) bool { return x.name == name })
	}
	if err != nil && kind == tableausim.Status401002 && w.sim.UserID(site, name) != "" {
		r.Fatalf("%s on %q noticed that a session ended: %v", name, site, err)
	}
}

func (w *world) logOut(r *rapid.T) {
	name := whoReads().Draw(r, "name")
	w.forget(r, name)
	held := 0
	for _, x := range w.reading {
		if x.name == name {
			held++
		}
	}
	wait := newTokenWait(gracePeriod)
	defer wait.stop()
	for {
		left := 0
		for _, s := range w.sim.Sessions() {
			if s.Impersonated && s.User == name {
				left++
			}
		}
		if left <= held {
			return
		}
		if err := wait.next(context.Background()); err != nil {
			r.Fatalf("%s has logged out and has %d sessions", name, left)
		}
	}
}

func (w *world) passTime(r *rapid.T) {
	w.clock.advance(time.Duration(rapid.IntRange(1, 150).Draw(r, "minutes")) * time.Minute)
	w.noteEnded(func(*reading) bool { return true }) // perhaps
}

func (w *world) endSome(r *rapid.T) {
	name := whoReads().Draw(r, "name")
	w.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == name })
	w.noteEnded(func(x *reading) bool { return x.name == name })
}

func (w *world) endAll(*rapid.T) {
	w.sim.EndSessions(nil)
	w.noteEnded(func(*reading) bool { return true })
}

func (w *world) noteEnded(which func(*reading) bool) {
	for _, x := range w.reading {
		x.ended = x.ended || which(x)
	}
}

// makeAgain deletes a user and makes one of the same name: a new LUID, and a life that has ended.
func (w *world) makeAgain(r *rapid.T) {
	if err := w.sim.DeleteUser("", "bob"); err != nil {
		r.Fatal(err)
	}
	if _, err := w.sim.AddUser("", tableausim.User{Name: "bob"}); err != nil {
		r.Fatal(err)
	}
	w.noteEnded(func(x *reading) bool { return x.name == "bob" })
}

func (w *world) check(r *rapid.T) {
	if w.overlap != nil && !w.learnt { // the end of a reader's session may have shown it
		w.noteEnded(func(*reading) bool { return true })
		w.learnt = w.overlap.mode() != overlapUnknown
	}
	for _, x := range w.reading {
		if x.ended {
			continue
		}
		if live, seen := isAlive(context.Background(), w.client, &session{grant: *x.grant}); seen && !live {
			r.Fatalf("the session of %s was ended under a read", x.name)
		}
	}
}

func (w *world) end(t *testing.T) {
	for _, x := range w.reading {
		x.source.Release(x.grant)
	}
	w.finish(t)
	w.server.Close()
}
