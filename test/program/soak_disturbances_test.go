//go:build unix

package program

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"vitrine/internal/tableausim"
)

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
