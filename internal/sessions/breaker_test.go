package sessions

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

// A session that has died is signed out by one replica.
func TestDeadSessionIsSignedOutOnce(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 3, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
	}
	tokens := tokensOf(f.bench, "alice")
	if len(tokens) != 1 {
		t.Fatalf("%d sessions", len(tokens))
	}
	var signOuts atomic.Int64
	f.sim.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/auth/signout") && r.Header.Get("X-Tableau-Auth") == tokens[0] {
			signOuts.Add(1)
		}
		return false
	}})
	f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
		b.store.settle()
		b.store.settle()
	}
	f.close(t)
	if n := signOuts.Load(); n != 1 {
		t.Errorf("the dead session was signed out %d times", n)
	}
}

// After a restart of Redis LUIDs are written back when sessions are used: a new replica looks
// nobody up. They are kept for no longer than before.
func TestLUIDsAreWrittenBackOnUse(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	mustBe(t, f.Broker, "alice")
	f.redis.stop()
	f.redis.start(t)
	eventually(t, "the LUID is there again", func() bool {
		mustBe(t, f.Broker, "alice")
		return len(f.redis.names(t, prefixLUID)) == 1
	})
	f.clock.advance(20 * time.Hour)
	f.redis.do(t, "FLUSHALL")
	eventually(t, "the LUID is there a third time", func() bool {
		mustBe(t, f.Broker, "alice")
		return len(f.redis.names(t, prefixLUID)) == 1
	})
	left, err := f.redis.do(t, "PTTL", f.redis.names(t, prefixLUID)[0]).AsInt64()
	if err != nil || time.Duration(left)*time.Millisecond > 4*time.Hour {
		t.Errorf("it is kept for %s more, %v", time.Duration(left)*time.Millisecond, err)
	}
	looked := f.sim.Count(lookUp)
	late := f.another(t, nil)
	f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	mustBe(t, late, "alice")
	if n := f.sim.Count(lookUp); n != looked {
		t.Errorf("%d look-ups, then %d", looked, n)
	}
}
