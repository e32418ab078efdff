package sessions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// TestNobodyEverGetsAnothersSession lets people read side by side while sessions end, answers fail,
// callers leave, the cache is too small, its keys collide and time passes. Every answer is the
// caller's own; at the end nobody is signed in.
func TestNobodyEverGetsAnothersSession(t *testing.T) {
	t.Parallel()
	hashes := map[string]func(owner) uint64{
		"hashes": nil, "few keys": func(o owner) uint64 { return uint64(len(o.user) % 3) }, "one key": func(owner) uint64 { return 7 },
	}
	for name, hash := range hashes {
		for _, m := range []Method{password, onePAT, twoPATs, directApp} {
			t.Run(name+" "+m.String(), func(t *testing.T) {
				t.Parallel()
				b := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}, func(c *Config) {
					by(m)(c)
					c.MaxSessions = 4
				})
				if hash != nil {
					b.store.hash = hash
				}
				interleave(t, b)
			})
		}
	}
}

func interleave(t *testing.T, b *bench) {
	signIns := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/auth/signin") }
	reads := func(r *http.Request) bool { return !signIns(r) && !strings.HasSuffix(r.URL.Path, "/auth/signout") }
	var wait sync.WaitGroup
	people := []string{"alice", "bob", "carol", "kim", "Kim", `corp\jsmith`, `local\jsmith`, "dave"}
	for i := range 16 {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		wait.Go(func() {
			for range 60 {
				switch random.IntN(20) {
				case 0:
					b.sim.EndSessions(func(tableausim.SessionInfo) bool { return random.IntN(2) == 0 })
				case 1:
					b.sim.Fault(tableausim.Fault{Kind: tableausim.ServerError, Times: 1, Match: signIns})
				case 2:
					b.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Times: 1, Match: reads})
				case 3:
					b.clock.advance(time.Duration(random.IntN(120)) * time.Minute)
				case 4:
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(2000))*time.Microsecond) // real time: whether it ends early is left to chance
					b.readAs(ctx, t, people[random.IntN(len(people))])
					cancel()
				default:
					b.readAs(t.Context(), t, people[random.IntN(len(people))])
				}
			}
		})
	}
	wait.Wait()
}

func (b *bench) readAs(ctx context.Context, t *testing.T, name string) {
	s, err := b.Session(ctx, identity(name), "")
	if err != nil {
		t.Error(err)
		return
	}
	luid, err := s.UserLUID(ctx)
	if err == nil {
		var u *tableau.User
		if u, err = s.User(ctx, luid); err == nil {
			if got := fmt.Sprintf(`%s\%s`, u.Domain(), u.Name); got != name && got != `local\`+name {
				t.Errorf("%s was answered as %s", name, got)
			}
		}
	}
	var known *Error
	var upstream *tableau.Error
	switch {
	case err == nil || errors.As(err, &known) || errors.As(err, &upstream) || ctx.Err() != nil:
	default:
		t.Errorf("%s got an error without a kind: %v", name, err)
	}
	if name == "dave" && err == nil {
		t.Error("dave was served")
	}
}
