package sessions

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestKeysAreChangedWithoutSignIns(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	mustBe(t, f.Broker, "alice")
	with := func(keys ...tableau.Secret) *Broker {
		return f.another(t, func(c *Config) {
			shared := *c.Redis
			shared.Keys = keys
			c.Redis = &shared
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
	mustBe(t, with(otherKey), "alice") // hers is still under the key before
	f.wantSignIns(t, 3)
}

// TestEntriesInAnothersPlaceDoNotOpen has Redis answer with other entries: nobody becomes somebody
// else.
func TestEntriesInAnothersPlaceDoNotOpen(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
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

// TestStoreHoldsNothingSecret searches all that Redis has, its file too, for what went in.
func TestStoreHoldsNothingSecret(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, by(twoPATs))
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
	if err := f.Forget(t.Context(), identity("bob"), time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, purpose := range []string{"names", "tags", "seal"} { // what internal/seal derives
		key, err := hkdf.Key(sha256.New, []byte(rootKey.Reveal()), nil, "vitrine shared store v1\x00"+purpose+"\x00"+f.config.Redis.Realm, 32)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, string(key))
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

// TestNobodyEverGetsAnothersSessionFromReplicas is TestNobodyEverGetsAnothersSession with replicas,
// whose store has troubles of its own: entries change places, are lost, and are replaced by older
// ones.
func TestNobodyEverGetsAnothersSessionFromReplicas(t *testing.T) { // not parallel: it takes the whole machine
	f := startReplicas(t, 3, tableausim.Config{}, func(c *Config) { c.MaxSessions = 8 })
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
					if err := b.Forget(t.Context(), identity(people[random.IntN(len(people))]), time.Now()); err != nil {
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
