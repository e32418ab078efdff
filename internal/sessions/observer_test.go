package sessions

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

// counted counts what it is notified of.
type counted struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counted) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[fmt.Sprintf(format, args...)]++
}

func (c *counted) Hit(site string)                   { c.add("hit %q", site) }
func (c *counted) Wait(site string, _ time.Duration) { c.add("wait %q", site) }
func (c *counted) SignIn(site string, _ time.Duration, err error) {
	c.add("sign-in %q %t", site, err == nil)
}
func (c *counted) Renewal(site string)            { c.add("renewal %q", site) }
func (c *counted) SignOut(site string, err error) { c.add("sign-out %q %t", site, err == nil) }

func TestObserverSeesSignInsWaitsHitsRenewalsAndSignOuts(t *testing.T) {
	t.Parallel()
	seen := &counted{counts: map[string]int{}}
	b := start(t, tableausim.Config{}, func(c *Config) { c.Observer = seen })
	access := func(name, site string) { _ = b.Access(t.Context(), identity(name), site) }
	access("alice", "") // signs in
	access("alice", "") // a hit
	access("nobody", "marketing")
	src, grant := take(t, b.Broker, "alice") // a hit
	b.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	renewed, err := src.Acquire(t.Context(), grant)
	if err != nil {
		t.Fatal(err)
	}
	src.Release(grant)
	src.Release(renewed)
	b.finish(t)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for signOut := range seen.counts { // the service sessions' and the dead session's depend on their moment
		if signOut == `sign-out "" false` {
			t.Error("a sign-out failed")
		}
	}
	if seen.counts[`sign-out "" true`] == 0 {
		t.Error("no sign-out was seen")
	}
	got := map[string]int{}
	for what, n := range seen.counts {
		if !strings.HasPrefix(what, "sign-out") {
			got[what] = n
		}
	}
	want := map[string]int{
		`sign-in "" true`: 2, `sign-in "marketing" false`: 1, `wait ""`: 2, `wait "marketing"`: 1, `hit ""`: 2, `renewal ""`: 1,
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
