//go:build unix

package program

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vitrine/internal/config"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// soakUsers is how many people ask, and soakReplicas of how many replicas, with one request of each
// person under way at each.
const (
	soakUsers    = 16
	soakReplicas = 3
	soakClients  = soakUsers * soakReplicas
)

// soakDelay is how long a replica that stops still answers. Real time: the balancer polls.
const soakDelay = 3 * time.Second

// soak is several replicas under load while Tableau and their Redis go wrong in one way after
// another. The next disturbance begins when every client has been answered after the last. Up to
// three ends of sessions within one read are not noticed; this tries two.
type soak struct {
	*standin.Servers
	t        *testing.T
	redis    *redisServer
	balancer *balancer // in front of the replicas
	tokens   [][]config.Token
	replicas []*program
	users    []string
	want     map[string]string // what each is answered

	asking   sync.RWMutex   // held for reading during a request, and for writing while nobody may ask
	answered []atomic.Int64 // requests of each client
	mu       sync.Mutex
	lost     []string      // requests that failed and are not yet counted
	late     time.Duration // when the balancer saw a restart, if that was too late
	failed   int
	wrong    atomic.Int64
	refusals atomic.Int64 // 401002 that were no end of a session
	ended    int          // sessions that the stand-in ended
	renewals int          // sign-ins that this may have cost
	refused  int          // sign-ins that may have failed because a token had ended
	signIns  int          // that the stand-in counted until it was last measured
	strikes  map[string]int
}

const soakQuery = `{ viewer { username } site(contentUrl: "") { me { name } workbooks(first: 1000) { totalCount nodes { name owner { name } project { name } } } } }`

func (s *soak) token(user string) string {
	token, err := s.Provider.TokenWith("bob", func(claims, header map[string]any) {
		harness.Lasting(claims, header)
		claims["sub"], claims["preferred_username"] = "sub-"+user, user
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// people makes users who each see something that nobody else does, and asks once as each.
func (s *soak) people() {
	world := s.Tableau
	for i := range soakUsers {
		user := fmt.Sprintf("soak%02d", i)
		if _, err := world.AddUser("", tableausim.User{Name: user}); err != nil {
			s.t.Fatal(err)
		}
		project, err := world.AddProject("", tableausim.Project{Name: "Of " + user, Owner: user, Access: []tableausim.Rule{{User: user}}})
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := world.AddWorkbook("", tableausim.Workbook{Name: "Only for " + user, Project: project, Owner: user}); err != nil {
			s.t.Fatal(err)
		}
		s.users = append(s.users, user)
	}
	for i, user := range s.users {
		got := s.replicas[i%soakReplicas].Post(s.t, s.token(user), soakQuery)
		data := marshalled(s.t, got.Data)
		if got.Codes() != "" || !strings.Contains(data, "Only for "+user) || strings.Count(data, "Only for") != 1 {
			s.t.Fatalf("%s: %s", user, got.Body)
		}
		s.want[user] = data
	}
}

// load starts the clients; they run until done is closed.
func (s *soak) load(done <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	s.answered = make([]atomic.Int64, soakClients)
	for i := range s.answered {
		user := s.users[i%soakUsers]
		wg.Go(func() {
			token := ""
			for n := 0; ; n++ {
				if n%100 == 0 { // they expire
					token = s.token(user)
				}
				select {
				case <-done:
					return
				default:
				}
				s.asking.RLock()
				s.ask(&program{&harness.Program{Address: s.balancer.address}}, user, token)
				s.asking.RUnlock()
				s.answered[i].Add(1)
			}
		})
	}
	return &wg
}

// soakPatience is how long a client waits for an answer: longer than anything in Vitrine may wait.
// A request without an answer is a failure like any other, and shows where everybody waits.
const soakPatience = 2 * time.Minute

func (s *soak) ask(replica *program, user, token string) {
	ctx, cancel := context.WithTimeout(context.Background(), soakPatience) // real time: longer than anything may wait, see soakPatience
	defer cancel()
	r, err := replica.Query(ctx, token, soakQuery)
	if err != nil {
		panic(err)
	}
	got, err := harness.Exchange(r)
	switch {
	case err != nil:
		if s.fail("%s: %v", user, err) == 1 && ctx.Err() != nil {
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		}
	case got.Codes() != "" || got.Status != http.StatusOK:
		s.fail("%s: %d %s", user, got.Status, got.Body)
	case marshalled(s.t, got.Data) != s.want[user]:
		if s.wrong.Add(1) <= 10 {
			s.t.Errorf("%s got another answer than their own: %.300s", user, got.Body)
		}
	}
}

// held is what server, stand-ins and clients hold while no request is under way, after a garbage
// collection.
type held struct {
	goroutines int
	heap       uint64
}

// measure stops the clients for a moment, so that the figures do not depend on what is under way.
// It empties the logs of the test and of the stand-in first, and adds up what those counted.
func (s *soak) measure() held {
	s.asking.Lock()
	defer s.asking.Unlock()
	http.DefaultClient.CloseIdleConnections()
	s.balancer.transport.CloseIdleConnections()
	for template, n := range s.Tableau.Counts() {
		if strings.Contains(template, "auth/signin") {
			s.signIns += n
		}
	}
	s.Tableau.ResetLog()
	for _, r := range s.replicas {
		r.Log.Reset()
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return held{runtime.NumGoroutine(), m.HeapAlloc}
}

func (h held) String() string {
	return fmt.Sprintf("%d goroutines, %.1f MiB of heap", h.goroutines, float64(h.heap)/(1<<20))
}

// TestSoak runs for as long as SOAK says (make soak), and is skipped without.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		t.Skip("SOAK is not set to a duration such as 2m")
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server here (Debian package redis-server): the soak, which stops and starts one, is NOT run")
	}
	before := goleak.IgnoreCurrent()
	t.Run("load", func(t *testing.T) { runSoak(t, length) })
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

func runSoak(t *testing.T, length time.Duration) {
	s := startSoak(t)
	s.people()
	done := make(chan struct{})
	clients := s.load(done)
	began := time.Now()
	s.round() // everything has been used once
	calm := s.measure()
	// real time: SOAK says how long it goes on
	for again := true; again && s.failed == 0 && s.wrong.Load() == 0; again = time.Since(began) < length { // once at least: to compare
		s.round()
	}
	after := s.measure()
	close(done)
	clients.Wait()
	s.charge()
	s.report(time.Since(began), calm, after) // real time: the test prints it
}

func startSoak(t *testing.T) *soak {
	s := &soak{t: t, want: map[string]string{}, strikes: map[string]int{}, redis: &redisServer{}}
	s.redis.start(t)
	t.Cleanup(s.redis.stop)
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	s.Servers = stand
	s.balancer = startBalancer(t, 50*time.Millisecond)
	for i := range soakReplicas {
		var tokens []config.Token
		for n := range 3 {
			name := soakToken(i, n+1)
			s.addToken(name)
			tokens = append(tokens, config.Token{Name: name, Secret: config.Secret("secret of " + name)})
		}
		s.tokens = append(s.tokens, tokens)
		s.replicas = append(s.replicas, s.replica(i))
		s.balancer.add(s.replicas[i].Address)
	}
	return s
}

// replica starts a replica that stops as those of an operator do, and answers what still runs.
func (s *soak) replica(i int) *program {
	return serve(s.t, s.Servers, func(c *config.Config) {
		c.Tableau.SignIn.Tokens = s.tokens[i]
		c.Tableau.Limits.Wait = time.Minute
		c.Keys = []config.Secret{"a root key of these tests, long enough to be one"}
		c.SharedStore = config.SharedStore{Redis: "redis://127.0.0.1:" + s.redis.port, Password: "redis-secret", Timeout: 2 * time.Second}
		c.Shutdown.Delay = soakDelay
	})
}

func (s *soak) round() {
	for _, d := range s.disturbances() {
		began := time.Now()
		d.strike()
		s.strikes[d.name]++
		s.settle()
		s.charge()
		// real time: the test prints it
		s.t.Logf("%6s: %s (%d goroutines)", time.Since(began).Round(time.Millisecond), d.name, runtime.NumGoroutine())
	}
}

// report prints what happened and holds it against what was promised.
func (s *soak) report(took time.Duration, calm, after held) {
	t := s.t
	var requests int64
	for i := range s.answered {
		requests += s.answered[i].Load()
	}
	// Each person, and the owner of each replica's tokens, once; and again each time that a session
	// ended or seemed to.
	bound := soakUsers + soakReplicas + s.renewals + int(s.refusals.Load()) + s.refused
	t.Logf("%s, %d people at each of %d replicas, which share a Redis", took.Round(time.Second), soakUsers, soakReplicas)
	t.Logf("requests %d (%.0f/s), failed %d, wrong answers %d", requests, float64(requests)/took.Seconds(), s.failed, s.wrong.Load())
	t.Logf("sign-ins %d, at most %d: %d sessions were ended (worth %d sign-ins), %d seemed to, %d attempts with an ended token",
		s.signIns, bound, s.ended, s.renewals, s.refusals.Load(), s.refused)
	t.Logf("after one round: %s; at the end: %s", calm, after)
	for _, d := range s.disturbances() {
		t.Logf("%6d times: %s", s.strikes[d.name], d.name)
	}
	if s.signIns > bound {
		t.Errorf("%d sign-ins, more than %d", s.signIns, bound)
	}
	if after.heap > calm.heap*3/2+16<<20 || after.goroutines > calm.goroutines+4*soakClients {
		t.Errorf("memory or goroutines grew: %s, then %s", calm, after)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
	}
}
