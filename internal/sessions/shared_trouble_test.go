package sessions

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/seal"
	"vitrine/internal/tableausim"
)

func TestReplicaThatDiesDuringASignInIsReplaced(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	published := f.shared.(*redisSessions)
	src, err := f.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	f.redis.do(t, "SET", published.keys.Name(prefixLock, src.owner.about()), "of a replica that is gone", "PX", "1500")
	mustBe(t, f.Broker, "alice")
	if took := time.Since(began); took < 1500*time.Millisecond { // real time: the lock ends by the clock of Redis, never earlier
		t.Errorf("it took %s", took)
	}
	f.wantSignIns(t, 1)
}

func TestReplicaStartsWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	f.redis.stop()
	late := f.another(t, nil)
	mustBe(t, late, "alice")
	f.redis.start(t)
	eventually(t, "the session is shared", func() bool {
		mustBe(t, late, "alice")
		return len(f.redis.names(t, prefixSession)) == 1
	})
	eventually(t, "the other replica has it", func() bool {
		mustBe(t, f.replicas[0], "alice")
		return f.sim.Count(impersonated) <= 2
	})
}

func TestGarbageInTheStoreIsWrittenOver(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("garbage", 1000)
	for name, put := range map[string]func(t *testing.T, r *redisServer, name string){
		"text":             func(t *testing.T, r *redisServer, name string) { r.do(t, "SET", name, long) },
		"empty":            func(t *testing.T, r *redisServer, name string) { r.do(t, "SET", name, "") },
		"version and junk": func(t *testing.T, r *redisServer, name string) { r.do(t, "SET", name, "\x01"+long, "PX", "60000") },
		"list":             func(t *testing.T, r *redisServer, name string) { r.do(t, "RPUSH", name, long) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startReplicas(t, 2, tableausim.Config{}, nil)
			published := f.shared.(*redisSessions)
			src, err := f.source(identity("alice"), "")
			if err != nil {
				t.Fatal(err)
			}
			about := src.owner.about()
			for _, prefix := range []string{prefixSession, prefixLock, prefixLUID} {
				name := published.keys.Name(prefix, about)
				if prefix == prefixLUID {
					name = published.keys.Name(prefix, aboutName("", src.owner.person()))
				}
				put(t, f.redis, name)
			}
			mustBe(t, f.replicas[0], "alice")
			mustBe(t, f.replicas[1], "alice")
			f.wantSignIns(t, 1)
			put(t, f.redis, published.keys.Name(prefixLogout, seal.Canonical(src.owner.issuer, src.owner.subject)))
			for _, b := range f.replicas {
				mustBe(t, b, "alice")
			}
		})
	}
}

// TestStoreInTroubleFailsNoRequest reads all the time while the store is stopped, started, emptied,
// filled with garbage, and does not answer. When it is well again, it is used again.
func TestStoreInTroubleFailsNoRequest(t *testing.T) { // not parallel: it takes the whole machine
	f := startReplicas(t, 0, tableausim.Config{}, nil)
	for range 3 {
		f.another(t, func(c *Config) {
			shared := *c.Redis
			shared.Timeout = 0
			c.Redis = &shared
		})
	}
	f.replicas = f.replicas[1:]
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.perReplica.Store(true)
	people := []string{"alice", "bob", "carol"}
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for i := range 12 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(i)))
			for ctx.Err() == nil {
				name := people[random.IntN(len(people))]
				if got, err := who(t.Context(), f.replicas[i%3], name); err != nil || got != name {
					t.Errorf("%s is %q, %v", name, got, err)
				}
			}
		})
	}
	rest := func() { // lets some reads pass
		from := f.sim.Count(oneUser)
		eventually(t, "reads go on", func() bool { return f.sim.Count(oneUser) > from+200 })
	}
	endSome := func() {
		f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "bob" })
		rest()
	}
	troubles := []func(){
		func() { f.redis.do(t, "FLUSHALL") },
		f.redis.stop,
		func() { f.redis.start(t) },
		func() {
			for _, name := range f.redis.names(t, "") {
				f.redis.do(t, "SET", name, "garbage")
			}
		},
		f.redis.halt,
		f.redis.resume,
		func() { f.redis.do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") },
		func() { f.redis.do(t, "CONFIG", "SET", "maxmemory", "1") },
		func() { f.redis.do(t, "CONFIG", "SET", "maxmemory", "0") },
		func() { f.redis.do(t, "REPLICAOF", "127.0.0.1", "1") },
		func() { f.redis.do(t, "REPLICAOF", "NO", "ONE") },
	}
	for _, trouble := range troubles {
		rest()
		trouble()
		rest()
		endSome()
	}
	cancel()
	readers.Wait()
	f.wantUsedAgain(t, people)
}

func TestReplicaStopsThoughTheStoreDoesNotAnswer(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 0, tableausim.Config{}, nil)
	b := f.another(t, func(c *Config) {
		shared := *c.Redis
		shared.Timeout = 0
		c.Redis = &shared
	})
	for _, name := range []string{"alice", "bob", "carol"} {
		mustBe(t, b, name)
	}
	f.redis.halt()
	defer f.redis.resume()
	if err := b.Close(t.Context()); err != nil { // it does not wait for an answer, which never comes
		t.Error(err)
	}
	if got := f.sim.Count(signOut); got != 1 {
		t.Errorf("%d sign-outs, want that of the service session alone", got)
	}
}

// TestLostConnectionDoubtsWhatWasKnown ends a session elsewhere while a replica hears nothing: it
// still notices.
func TestLostConnectionDoubtsWhatWasKnown(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
	}
	src, err := f.replicas[1].source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	first := f.replicas[1].peek(src.key, &src.owner)
	f.redis.do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	eventually(t, "the session is doubted", first.stale)
	mustBe(t, f.replicas[1], "alice")
	eventually(t, "the session is trusted again", func() bool {
		mustBe(t, f.replicas[1], "alice")
		return !first.stale()
	})
	f.wantSignIns(t, 1)
}

// wantUsedAgain waits until a new replica signs nobody in.
func (f *replicas) wantUsedAgain(t *testing.T, people []string) {
	t.Helper()
	eventually(t, "the store is used again", func() bool {
		for _, b := range f.replicas {
			for _, name := range people {
				mustBe(t, b, name)
			}
		}
		before := f.sim.Count(impersonated)
		late := f.another(t, nil)
		for _, name := range people {
			mustBe(t, late, name)
		}
		return f.sim.Count(impersonated) == before
	})
}
