package sessions

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"vitrine/internal/redisstore"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

var (
	rootKey  = tableau.NewSecret("root key of the tests, 32 bytes and more")
	otherKey = tableau.NewSecret("another root key of the tests, as long")
)

// fleet is several replicas before one stand-in and one Redis.
type replicas struct {
	*bench
	redis    *redisServer
	config   Config
	replicas []*Broker
}

func (r *redisServer) shared() *RedisConfig {
	return &RedisConfig{Config: redisstore.Config{Address: r.url()}, Keys: []tableau.Secret{rootKey}, Realm: "https://tableau.example.com"}
}

// storePatience is what tests give the store that are not about a slow one: the machine may be.
const storePatience = 10 * time.Second

// startReplicas starts n replicas. At the end all are closed; what they share stays signed in.
func startReplicas(t testing.TB, n int, simulator tableausim.Config, change func(*Config)) *replicas {
	t.Helper()
	f := &replicas{redis: startRedis(t)}
	f.bench = start(t, simulator, func(c *Config) {
		if change != nil {
			change(c)
		}
		c.Redis = f.redis.shared()
		c.Redis.Timeout = storePatience
		f.config = *c
	})
	f.replicas = []*Broker{f.Broker}
	t.Cleanup(func() { f.close(t) })
	for range max(n-1, 0) {
		f.another(t, nil)
	}
	return f
}

func (f *replicas) another(t testing.TB, change func(*Config)) *Broker {
	t.Helper()
	c := f.config
	if change != nil {
		change(&c)
	}
	b, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	f.replicas = append(f.replicas, b)
	return b
}

func (f *replicas) close(t testing.TB) {
	var wait sync.WaitGroup
	for _, b := range f.replicas {
		wait.Go(func() {
			if err := b.Close(context.Background()); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	wait.Wait()
}

// who asks a replica who somebody is.
func who(ctx context.Context, b *Broker, name string) (string, error) {
	s, err := b.Session(ctx, identity(name), "")
	if err != nil {
		return "", err
	}
	return readSelf(ctx, s)
}

func mustBe(t testing.TB, b *Broker, name string) {
	t.Helper()
	if got, err := who(t.Context(), b, name); err != nil || got != name {
		t.Fatalf("%s is %q, %v", name, got, err)
	}
}

func (f *replicas) wantSignIns(t testing.TB, want int) {
	t.Helper()
	if got := f.sim.Count(impersonated); got != want {
		t.Errorf("%d impersonated sign-ins, want %d", got, want)
	}
}

func TestReplicasSignEachUserInOnce(t *testing.T) { // not parallel: it takes the whole machine
	for _, m := range []Method{password, onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			f := startReplicas(t, 1, tableausim.Config{Latency: 2 * time.Millisecond}, by(m))
			for i := range 2 {
				f.another(t, by(f.ownTokens(t, m, i)))
			}
			var wait sync.WaitGroup
			ask := func(b *Broker, name string) {
				wait.Go(func() {
					if got, err := who(t.Context(), b, name); err != nil || got != name {
						t.Errorf("%s is %q, %v", name, got, err)
					}
				})
			}
			for i := range 1000 {
				ask(f.replicas[i%3], "alice")
			}
			wait.Wait()
			f.wantSignIns(t, 1)
			for i := range 200 {
				name := fmt.Sprintf("user%03d", i)
				if _, err := f.sim.AddUser("", tableausim.User{Name: name}); err != nil {
					t.Fatal(err)
				}
				for _, b := range f.replicas {
					ask(b, name)
				}
			}
			wait.Wait()
			f.wantSignIns(t, 201)
			if got := f.sim.Count(plainSignIn); m.String() != onePAT.String() && got > 3 {
				t.Errorf("%d service sign-ins of three replicas on one site", got)
			}
			before, lookUps := f.redis.commands(t), f.sim.Count(lookUp)
			for i := range 200 {
				for _, b := range f.replicas {
					ask(b, fmt.Sprintf("user%03d", i))
				}
			}
			wait.Wait()
			f.wantSignIns(t, 201)
			if got := f.sim.Count(lookUp); got != lookUps {
				t.Errorf("%d look-ups for sessions that there were", got-lookUps)
			}
			if got := f.redis.commands(t) - before; got > 0 {
				t.Errorf("%d commands to Redis for sessions that there were", got)
			}
		})
	}
}

// ownTokens gives a replica tokens of its own: a token that two processes use serves neither.
func (f *replicas) ownTokens(t *testing.T, m Method, replica int) Method {
	t.Helper()
	pat, ok := m.(PAT)
	if !ok {
		return m
	}
	var own PAT
	for _, shared := range pat.Tokens {
		name := fmt.Sprintf("%s of replica %d", shared.Name, replica)
		if err := f.sim.AddPAT(tableausim.PAT{Name: name, Secret: "secret of " + name}); err != nil {
			t.Fatal(err)
		}
		own.Tokens = append(own.Tokens, token(name))
	}
	return own
}

func TestSessionFoundDeadIsDeadForAll(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 3, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
	}
	f.wantSignIns(t, 1)
	for round := range 3 {
		f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
		var wait sync.WaitGroup
		for i := range 90 {
			wait.Go(func() { mustBe(t, f.replicas[i%3], "alice") })
		}
		wait.Wait()
		f.wantSignIns(t, round+2)
	}
	if got := f.sim.Count(lookUp); got != 1 {
		t.Errorf("%d look-ups of one LUID", got)
	}
}

func TestReplicasShareLUIDs(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	f.sim.EndSessions(func(tableausim.SessionInfo) bool { return true })
	f.redis.do(t, append([]string{"DEL"}, f.redis.names(t, prefixSession)...)...)
	mustBe(t, f.replicas[1], "alice")
	wantCounts(t, f.bench, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 2})
}

func TestUserMadeAnewIsFoundThroughASharedLUID(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	if err := f.sim.DeleteUser("", "alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.sim.AddUser("", tableausim.User{Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	s, err := f.replicas[1].Session(t.Context(), identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Current(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustBe(t, f.replicas[0], "alice")
	f.wantSignIns(t, 3) // the second with a LUID that was gone
}

func TestReplicasShareThatAUserIsUnknown(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 3, tableausim.Config{}, nil)
	var first, wait sync.WaitGroup
	ask := func(b *Broker) {
		_, err := who(t.Context(), b, "dave")
		wantCode(t, err, ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
	}
	first.Go(func() { ask(f.replicas[0]) })
	first.Wait()
	asked := f.sim.Count(lookUp)
	for i := range 300 {
		wait.Go(func() { ask(f.replicas[i%3]) })
	}
	wait.Wait()
	if got := f.sim.Count(lookUp); got != asked {
		t.Errorf("%d look-ups for a user known to be unknown", got-asked)
	}
	name := f.redis.names(t, prefixSession)[0]
	if left, err := f.redis.do(t, "PTTL", name).AsInt64(); err != nil || left <= 0 || left > refusalAge.Milliseconds() {
		t.Errorf("the refusal is stored for %d ms, %v", left, err)
	}
}

func TestLogoutEndsSessionsInAllReplicas(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 3, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
		mustBe(t, b, "bob")
	}
	if err := f.replicas[0].Forget(t.Context(), identity("alice"), time.Now()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "alice is signed out", func() bool {
		for _, s := range f.sim.Sessions() {
			if s.User == "alice" {
				return false
			}
		}
		return true
	})
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
		mustBe(t, b, "bob")
	}
	f.wantSignIns(t, 3)
	for _, b := range f.replicas { // the new session is not mistaken for the old one
		mustBe(t, b, "alice")
	}
	f.wantSignIns(t, 3)
}

func TestStoppingReplicaSignsOutNothingThatOthersShare(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 3, tableausim.Config{}, nil)
	people := []string{"alice", "bob", "carol"}
	for _, b := range f.replicas {
		for _, name := range people {
			mustBe(t, b, name)
		}
	}
	if err := f.replicas[0].Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, b := range f.replicas[1:] {
		for _, name := range people {
			mustBe(t, b, name)
		}
	}
	f.wantSignIns(t, 3)
	f.close(t)
	late := f.another(t, nil) // a restart finds them all
	for _, name := range people {
		mustBe(t, late, name)
	}
	f.wantSignIns(t, 3)
}

func TestStoppingReplicaSignsOutWhatItAloneHas(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	f.redis.stop()
	mustBe(t, f.Broker, "alice")
	f.close(t)
	for _, left := range f.sim.Sessions() {
		t.Errorf("not signed out: %v", left)
	}
}

func TestEvictedSessionIsFoundAgain(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, func(c *Config) { c.MaxSessions = 4 })
	for round := range 2 {
		for i := range 60 {
			name := fmt.Sprintf("user%02d", i)
			if round == 0 {
				if _, err := f.sim.AddUser("", tableausim.User{Name: name}); err != nil {
					t.Fatal(err)
				}
			}
			mustBe(t, f.Broker, name)
		}
		f.wantSignIns(t, 60)
	}
}

func TestUseIsToldToTheStore(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	name := f.redis.names(t, prefixSession)[0]
	f.redis.do(t, "PEXPIRE", name, "60000")
	eventually(t, "the use is shared", func() bool {
		mustBe(t, f.replicas[0], "alice")
		f.replicas[0].shareUse()
		left, err := f.redis.do(t, "PTTL", name).AsInt64()
		return err == nil && left > 200*60*1000
	})
	// Seen from the other replica the session was used just now, though it has known nothing of it
	// for hours.
	mustBe(t, f.replicas[1], "alice")
	f.wantSignIns(t, 1)
}

func TestSessionUsedElsewhereIsNotIdle(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, func(c *Config) {
		c.DangerouslyImpersonateServerAdministrators = true // else the role is looked at again meanwhile
	})
	mustBe(t, f.replicas[0], "alice")
	mustBe(t, f.replicas[1], "alice")
	for range 8 { // 16 hours in all, and never two of them without use
		f.clock.advance(2 * time.Hour)
		mustBe(t, f.replicas[0], "alice")
		f.replicas[0].shareUse()
	}
	mustBe(t, f.replicas[1], "alice")
	f.wantSignIns(t, 1)
}

// TestEveryMethodIsShared holds for all sign-in methods: one sign-in for all replicas, again when
// all sessions have ended. Of personal access tokens it must be known by then that their sessions
// live side by side.
func TestEveryMethodIsShared(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		f := startReplicas(t, 1, k.world, by(k.method))
		for i := range 2 {
			f.another(t, by(f.ownTokens(t, k.method, i)))
		}
		if _, ok := k.method.(PAT); ok {
			f.learn(t, overlapAllowed)
		}
		for round := range 3 {
			var wait sync.WaitGroup
			for i := range 90 {
				wait.Go(func() {
					b, name := f.replicas[i%3], k.person("alice")
					s, err := b.Session(t.Context(), identity(name), k.site)
					if err != nil {
						t.Error(err)
						return
					}
					if got, err := readSelf(t.Context(), s); err != nil || got != name {
						t.Errorf("%s is %q, %v", name, got, err)
					}
				})
			}
			wait.Wait()
			if got := f.sim.Count(k.signIn); got != round+1 {
				t.Errorf("round %d: %d sign-ins", round, got)
			}
			f.sim.EndSessions(func(tableausim.SessionInfo) bool { return true })
		}
	})
}
