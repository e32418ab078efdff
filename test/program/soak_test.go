//go:build unix

package program

import (
	"context"
	"fmt"
	"math/rand/v2"
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

// disturbance is one thing that goes wrong.
type disturbance struct {
	name   string
	strike func()
}

// disturbances are all that happens.
func (s *soak) disturbances() []disturbance {
	return []disturbance{
		{"some sessions end", func() {
			s.end(func(tableausim.SessionInfo) bool { return rand.IntN(3) == 0 })
		}},
		{"all sessions end", func() { s.end(nil) }},
		{"the sessions of one token end", func() {
			s.end(func(i tableausim.SessionInfo) bool { return i.PAT == soakToken(0, 2) })
		}},
		{"a token ends, with its sessions", s.revoke},
		{"Redis stops, and sessions end", func() {
			s.redis.stop()
			s.settle()
			s.end(func(tableausim.SessionInfo) bool { return rand.IntN(3) == 0 })
		}},
		{"all sessions end while Redis is away", func() { s.end(nil) }},
		{"Redis starts again, empty", s.startRedis},
		{"all sessions end just after", func() { s.end(nil) }},
		{"service sessions end", func() { s.end(func(i tableausim.SessionInfo) bool { return !i.Impersonated }) }},
		{"reads answer 401002", func() {
			s.fault(tableausim.Fault{Kind: tableausim.Status401002, Times: 20, Match: s.once()})
		}},
		{"sessions end twice within a read", func() { s.endUnderReads(2) }},
		{"429", func() { s.burst(tableausim.Fault{Kind: tableausim.TooMany}) }},
		{"429 with Retry-After", func() {
			s.fault(tableausim.Fault{Kind: tableausim.TooMany, RetryAfter: time.Second, Times: 1, Match: reads})
		}},
		{"503", func() { s.burst(tableausim.Fault{Kind: tableausim.Away}) }},
		{"connections drop", func() { s.burst(tableausim.Fault{Kind: tableausim.Drop}) }},
		{"answers are cut", func() { s.burst(tableausim.Fault{Kind: tableausim.CutBody}) }},
		{"each replica stops in turn, and another one takes its place", s.restart},
		{"answers are slow", func() {
			s.fault(tableausim.Fault{Kind: tableausim.Slow, Delay: 300 * time.Millisecond, Times: 200, Match: reads})
		}},
	}
}

// end ends sessions. Each costs one sign-in, or one in each replica while they know nothing of one
// another.
func (s *soak) end(match func(tableausim.SessionInfo) bool) {
	ended := s.Tableau.EndSessions(match)
	s.ended += ended
	if s.redis.process == nil {
		ended *= soakReplicas
	}
	s.renewals += ended
}

// fail notes a request that failed, and returns how many did.
func (s *soak) fail(format string, args ...any) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = append(s.lost, fmt.Sprintf(format, args...))
	return len(s.lost)
}

// charge counts the requests that failed since it was called last. Those of a restart that the
// balancer saw too late are not Vitrine's.
func (s *soak) charge() {
	s.mu.Lock()
	lost := s.lost
	s.lost = nil
	s.mu.Unlock()
	if s.late > 0 && len(lost) > 0 {
		s.t.Logf("the balancer saw a restart after %s only, of a delay of %s: %d failed requests are not counted", s.late, soakDelay, len(lost))
		lost = nil
	}
	s.late = 0
	for _, text := range lost[:min(len(lost), 10)] {
		s.t.Error(text)
	}
	s.failed += len(lost)
}

// restart stops each replica as SIGTERM does, after another one with the same settings has come up,
// as in a rolling update. The new one signs its owner of tokens in, and may find no session of
// anybody while Redis is slow.
func (s *soak) restart() {
	for i, old := range s.replicas {
		fresh := s.replica(i)
		s.balancer.add(fresh.Address)
		s.replicas[i] = fresh
		s.renewals += soakUsers + 1
		s.settle()
		signalled := time.Now()
		old.Halt()
		if seen := s.balancer.noticedAt(old.Address).Sub(signalled); seen < 0 || seen > soakDelay*3/4 {
			s.late = max(seen, soakDelay)
		}
		s.balancer.remove(old.Address)
	}
}

// endUnderReads ends the session of each person's next reads just before they are answered, this
// many times in a row.
func (s *soak) endUnderReads(times int) {
	var mu sync.Mutex
	left, ended := map[string]int{}, 0
	for _, user := range s.users {
		left[user] = times
	}
	s.fault(tableausim.Fault{Match: func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		token := r.Header.Get("X-Tableau-Auth")
		if reads(r) && token != "" {
			ended += s.Tableau.EndSessions(func(i tableausim.SessionInfo) bool {
				if i.Token != token || left[i.User] == 0 {
					return false
				}
				left[i.User]--
				return true
			})
		}
		return false
	}})
	mu.Lock()
	defer mu.Unlock()
	s.ended += ended
	s.renewals += ended
}

// soakToken is the name of a token of a replica: the first looks people up, the others impersonate.
func soakToken(replica, n int) string { return fmt.Sprintf("soak-%d-%d", replica, n) }

// revoke ends a token for a while. Each sign-in that is under way with it may fail, and one more
// finds out why.
func (s *soak) revoke() {
	name := soakToken(1, 2)
	s.Tableau.RevokePAT(name)
	live := 0
	for _, x := range s.Tableau.Sessions() {
		if x.Impersonated {
			live++
		}
	}
	s.renewals += max(soakUsers-live, 0) // the others ended with it
	s.refused += 8 + 1
	s.settle()
	s.addToken(name)
}

func (s *soak) addToken(name string) {
	if err := s.Tableau.AddPAT(tableausim.PAT{Name: name, Secret: "secret of " + name}); err != nil {
		s.t.Fatal(err)
	}
}

// startRedis waits until every replica has found it.
func (s *soak) startRedis() {
	const found = "the shared store answers"
	var before [soakReplicas]int
	for i, r := range s.replicas {
		before[i] = strings.Count(r.Log.String(), found)
	}
	s.redis.start(s.t)
	for i, r := range s.replicas {
		for strings.Count(r.Log.String(), found) == before[i] {
			time.Sleep(10 * time.Millisecond) // real time: between two looks, of which there may be any number
		}
	}
}

// fault lets something go wrong until it has struck as often as it may, or everybody has been
// answered.
func (s *soak) fault(f tableausim.Fault) {
	defer s.Tableau.Fault(f)()
	s.settle()
}

// burst is shorter than what Vitrine waits before the third try of a read.
func (s *soak) burst(f tableausim.Fault) {
	over := time.Now().Add(250 * time.Millisecond)
	f.Match = func(r *http.Request) bool { return reads(r) && time.Now().Before(over) }
	s.fault(f)
}

// once matches one read of each session that lives now.
func (s *soak) once() func(*http.Request) bool {
	var mu sync.Mutex
	unseen := map[string]bool{}
	for _, x := range s.Tableau.Sessions() {
		unseen[x.Token] = true
	}
	return func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		token := r.Header.Get("X-Tableau-Auth")
		if !reads(r) || !unseen[token] {
			return false
		}
		delete(unseen, token)
		s.refusals.Add(1)
		return true
	}
}

// settle waits until each client has been answered a request that it asked after now. It ends for
// certain: each request of a client ends within soakPatience, and is counted whatever came of it.
func (s *soak) settle() {
	before := make([]int64, len(s.answered))
	for i := range before {
		before[i] = s.answered[i].Load()
	}
	for i := range before {
		for s.answered[i].Load() < before[i]+2 {
			time.Sleep(time.Millisecond) // real time: between two looks, of which there may be any number
		}
	}
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
