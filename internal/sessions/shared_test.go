package sessions

import (
	"bytes"
	"context"
	"encoding/base64"
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

var (
	rootKey  = tableau.NewSecret("root key of the tests, 32 bytes and more")
	otherKey = tableau.NewSecret("another root key of the tests, as long")
)

// fleet is several replicas before one stand-in and one Redis.
type fleet struct {
	*bench
	redis    *redisServer
	config   Config
	replicas []*Broker
}

func (r *redisServer) shared() *Shared {
	return &Shared{Address: r.url(), Keys: []tableau.Secret{rootKey}, Realm: "https://tableau.example.com"}
}

// storePatience is what tests give the store that are not about a slow one: the machine may be.
const storePatience = 10 * time.Second

// startFleet starts n replicas. At the end all are closed; what they share stays signed in.
func startFleet(t testing.TB, n int, simulator tableausim.Config, change func(*Config)) *fleet {
	t.Helper()
	f := &fleet{redis: startRedis(t)}
	f.bench = start(t, simulator, func(c *Config) {
		if change != nil {
			change(c)
		}
		c.Shared = f.redis.shared()
		c.Shared.Timeout = storePatience
		f.config = *c
	})
	f.replicas = []*Broker{f.Broker}
	t.Cleanup(func() { f.close(t) })
	for range max(n-1, 0) {
		f.another(t, nil)
	}
	return f
}

func (f *fleet) another(t testing.TB, change func(*Config)) *Broker {
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

func (f *fleet) close(t testing.TB) {
	var wait sync.WaitGroup
	for _, b := range f.replicas {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := b.Close(ctx); err != nil {
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

func (f *fleet) wantSignIns(t testing.TB, want int) {
	t.Helper()
	if got := f.sim.Count(impersonated); got != want {
		t.Errorf("%d impersonated sign-ins, want %d", got, want)
	}
}

func TestReplicasSignEachUserInOnce(t *testing.T) { // not parallel: it takes the whole machine
	for _, m := range []Method{password, onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			f := startFleet(t, 1, tableausim.Config{Latency: 2 * time.Millisecond}, by(m))
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
func (f *fleet) ownTokens(t *testing.T, m Method, replica int) Method {
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
	f := startFleet(t, 3, tableausim.Config{}, nil)
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
	f := startFleet(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	f.sim.EndSessions(func(tableausim.SessionInfo) bool { return true })
	f.redis.do(t, append([]string{"DEL"}, f.redis.names(t, prefixSession)...)...)
	mustBe(t, f.replicas[1], "alice")
	wantCounts(t, f.bench, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 2})
}

func TestUserMadeAnewIsFoundThroughASharedLUID(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, tableausim.Config{}, nil)
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
	f := startFleet(t, 3, tableausim.Config{}, nil)
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
		t.Errorf("the refusal lies for %d ms, %v", left, err)
	}
}

func TestLogoutEndsSessionsInAllReplicas(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
		mustBe(t, b, "bob")
	}
	if err := f.replicas[0].Forget(t.Context(), identity("alice")); err != nil {
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
	f := startFleet(t, 3, tableausim.Config{}, nil)
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
	f := startFleet(t, 1, tableausim.Config{}, nil)
	f.redis.stop()
	mustBe(t, f.Broker, "alice")
	f.close(t)
	for _, left := range f.sim.Sessions() {
		t.Errorf("not signed out: %v", left)
	}
}

func TestEvictedSessionIsFoundAgain(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, tableausim.Config{}, func(c *Config) { c.MaxSessions = 4 })
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
	f := startFleet(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	name := f.redis.names(t, prefixSession)[0]
	f.redis.do(t, "PEXPIRE", name, "60000")
	eventually(t, "the use is told", func() bool {
		mustBe(t, f.replicas[0], "alice")
		f.replicas[0].tell()
		left, err := f.redis.do(t, "PTTL", name).AsInt64()
		return err == nil && left > 200*60*1000
	})
	// Seen from the other replica the session was used just now, though it has known nothing of it for hours.
	mustBe(t, f.replicas[1], "alice")
	f.wantSignIns(t, 1)
}

func TestSessionUsedElsewhereIsNotIdle(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	mustBe(t, f.replicas[1], "alice")
	for range 8 { // 16 hours in all, and never two of them without use
		f.clock.advance(2 * time.Hour)
		mustBe(t, f.replicas[0], "alice")
		f.replicas[0].tell()
	}
	mustBe(t, f.replicas[1], "alice")
	f.wantSignIns(t, 1)
}

func TestReplicaThatDiesDuringASignInIsReplaced(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, tableausim.Config{}, nil)
	fellows := f.shelf.(*fellows)
	src, err := f.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	f.redis.do(t, "SET", fellows.keys[0].name(prefixLock, src.owner.about()), "of a replica that is gone", "PX", "1500")
	began := time.Now()
	mustBe(t, f.Broker, "alice")
	if took := time.Since(began); took < time.Second || took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	f.wantSignIns(t, 1)
}

func TestKeysAreChangedWithoutSignIns(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, tableausim.Config{}, nil)
	mustBe(t, f.Broker, "alice")
	with := func(keys ...tableau.Secret) *Broker {
		return f.another(t, func(c *Config) {
			shared := *c.Shared
			shared.Keys = keys
			c.Shared = &shared
		})
	}
	both := with(otherKey, rootKey)
	mustBe(t, both, "alice")
	f.wantSignIns(t, 1)
	mustBe(t, both, "bob")
	mustBe(t, with(otherKey), "bob")
	f.wantSignIns(t, 2)
	mustBe(t, with(rootKey, otherKey), "bob")
	f.wantSignIns(t, 2)
	mustBe(t, with(otherKey), "alice") // hers still lies under the key before
	f.wantSignIns(t, 3)
}

func TestReplicaStartsWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, tableausim.Config{}, nil)
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

// TestEntriesInAnothersPlaceDoNotOpen has Redis answer with other entries: nobody becomes somebody else.
func TestEntriesInAnothersPlaceDoNotOpen(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, tableausim.Config{}, nil)
	people := []string{"alice", "bob", "carol"}
	for _, name := range people {
		mustBe(t, f.replicas[0], name)
	}
	names := f.redis.names(t, prefixSession)
	var values []string
	for _, name := range names {
		value, err := f.redis.do(t, "GET", name).ToString()
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	for i, name := range names {
		f.redis.do(t, "SET", name, values[(i+1)%len(values)], "PX", "3600000")
	}
	late := f.another(t, nil)
	for _, b := range append(f.replicas[1:], late, f.replicas[0]) {
		for _, name := range people {
			mustBe(t, b, name)
		}
	}
	f.wantSignIns(t, 6)
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
			f := startFleet(t, 2, tableausim.Config{}, nil)
			fellows := f.shelf.(*fellows)
			src, err := f.source(identity("alice"), "")
			if err != nil {
				t.Fatal(err)
			}
			about := src.owner.about()
			for _, prefix := range []string{prefixSession, prefixLock, prefixLUID} {
				lying := fellows.keys[0].name(prefix, about)
				if prefix == prefixLUID {
					lying = fellows.keys[0].name(prefix, aboutName("", src.owner.person()))
				}
				put(t, f.redis, lying)
			}
			mustBe(t, f.replicas[0], "alice")
			mustBe(t, f.replicas[1], "alice")
			f.wantSignIns(t, 1)
			put(t, f.redis, fellows.keys[0].name(prefixLogout, exactly(src.owner.issuer, src.owner.subject)))
			for _, b := range f.replicas {
				mustBe(t, b, "alice")
			}
		})
	}
}

// TestStoreInTroubleFailsNoRequest reads all the time while the store is stopped, started, emptied, filled with garbage, and does not
// answer. When it is well again, it is used again.
func TestStoreInTroubleFailsNoRequest(t *testing.T) { // not parallel: it takes the whole machine
	f := startFleet(t, 0, tableausim.Config{}, nil)
	for range 3 {
		f.another(t, func(c *Config) {
			shared := *c.Shared
			shared.Timeout = 0
			c.Shared = &shared
		})
	}
	f.replicas = f.replicas[1:]
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.apart.Store(true)
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
	f := startFleet(t, 0, tableausim.Config{}, nil)
	b := f.another(t, func(c *Config) {
		shared := *c.Shared
		shared.Timeout = 0
		c.Shared = &shared
	})
	for _, name := range []string{"alice", "bob", "carol"} {
		mustBe(t, b, name)
	}
	f.redis.halt()
	defer f.redis.resume()
	began := time.Now()
	if err := b.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if got := f.sim.Count(signOut); got != 1 {
		t.Errorf("%d sign-outs, want that of the service session alone", got)
	}
}

// TestLostConnectionDoubtsWhatWasKnown ends a session elsewhere while a replica hears nothing: it notices all the same.
func TestLostConnectionDoubtsWhatWasKnown(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
	}
	src, err := f.replicas[1].source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	first := f.replicas[1].peek(src.key, &src.owner)
	f.redis.do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	eventually(t, "the session is doubted", first.doubted)
	mustBe(t, f.replicas[1], "alice")
	eventually(t, "the session is trusted again", func() bool {
		mustBe(t, f.replicas[1], "alice")
		return !first.doubted()
	})
	f.wantSignIns(t, 1)
}

// wantUsedAgain waits until a new replica signs nobody in.
func (f *fleet) wantUsedAgain(t *testing.T, people []string) {
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

// TestStoreHoldsNothingSecret searches all that Redis has, its file too, for what went in.
func TestStoreHoldsNothingSecret(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, tableausim.Config{}, by(twoPATs))
	people := []string{"alice", "bob", "carol", "marked-user"}
	if _, err := f.sim.AddUser("", tableausim.User{Name: "marked-user"}); err != nil {
		t.Fatal(err)
	}
	secrets := []string{rootKey.Reveal(), "vitrine-1", "secret of vitrine", "idp.example.com", "sub-", "dave", "tableau.example.com"}
	for _, name := range people {
		mustBe(t, f.replicas[0], name)
		mustBe(t, f.replicas[1], name)
		s, err := f.source(identity(name), "")
		if err != nil {
			t.Fatal(err)
		}
		g, err := s.Acquire(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, name, g.Token.Reveal(), string(g.UserLUID), string(g.SiteLUID))
		s.Release(g)
	}
	if _, err := who(t.Context(), f.Broker, "dave"); !errors.Is(err, ErrUserUnknown) {
		t.Fatal(err)
	}
	if err := f.Forget(t.Context(), identity("bob")); err != nil {
		t.Fatal(err)
	}
	for _, k := range f.shelf.(*fellows).keys {
		secrets = append(secrets, string(k.names), string(k.tags))
	}
	dump := f.redis.dump(t)
	if len(f.redis.names(t, prefixSession)) < 4 || len(f.redis.names(t, prefixLUID)) < 4 {
		t.Fatalf("there is little to search: %q", f.redis.names(t, ""))
	}
	for _, secret := range secrets {
		for form, marked := range map[string]string{
			"plain": secret, "base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64url": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		} {
			if bytes.Contains(dump, []byte(marked)) || strings.Contains(f.log.String(), secret) && form == "plain" && len(secret) > 30 {
				t.Errorf("what Redis or the log has holds %q (%s)", secret, form)
			}
		}
	}
}

// TestNobodyEverGetsAnothersSessionFromReplicas is TestNobodyEverGetsAnothersSession with replicas, whose store has troubles of its
// own: entries change places, are lost, and are replaced by older ones.
func TestNobodyEverGetsAnothersSessionFromReplicas(t *testing.T) { // not parallel: it takes the whole machine
	f := startFleet(t, 3, tableausim.Config{}, func(c *Config) { c.MaxSessions = 8 })
	reads := func(r *http.Request) bool {
		return !strings.HasSuffix(r.URL.Path, "/auth/signin") && !strings.HasSuffix(r.URL.Path, "/auth/signout")
	}
	people := []string{"alice", "bob", "carol", "kim", "Kim", `corp\jsmith`, `local\jsmith`, "dave"}
	var mu sync.Mutex
	var old []string
	meddle := func(random *rand.Rand) {
		names := f.redis.names(t, prefixSession)
		if len(names) == 0 {
			return
		}
		name := names[random.IntN(len(names))]
		value, err := f.redis.do(t, "GET", names[random.IntN(len(names))]).ToString()
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			old = append(old, value)
		}
		switch {
		case random.IntN(3) == 0:
			f.redis.do(t, "DEL", name)
		case len(old) > 0:
			f.redis.do(t, "SET", name, old[random.IntN(len(old))], "PX", "60000")
		}
	}
	var wait sync.WaitGroup
	for i := range 12 {
		random := rand.New(rand.NewPCG(3, uint64(i)))
		b := &bench{Broker: f.replicas[i%3]}
		wait.Go(func() {
			for range 60 {
				switch random.IntN(24) {
				case 0:
					f.sim.EndSessions(func(tableausim.SessionInfo) bool { return random.IntN(2) == 0 })
				case 1:
					f.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Times: 1, Match: reads})
				case 2:
					f.clock.advance(time.Duration(random.IntN(120)) * time.Minute)
				case 3, 4, 5:
					meddle(random)
				case 6:
					if err := b.Forget(t.Context(), identity(people[random.IntN(len(people))])); err != nil {
						t.Error(err)
					}
				default:
					b.readAs(t.Context(), t, people[random.IntN(len(people))])
				}
			}
		})
	}
	wait.Wait()
}

// TestEveryMethodIsShared holds for all sign-in methods: one sign-in for all replicas, again when all sessions have ended.
func TestEveryMethodIsShared(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		f := startFleet(t, 1, k.world, by(k.method))
		for i := range 2 {
			f.another(t, by(f.ownTokens(t, k.method, i)))
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
