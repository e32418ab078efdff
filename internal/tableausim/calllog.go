package tableausim

import (
	"maps"
	"sync"
	"time"
)

// Call is one request that the stand-in answered.
type Call struct {
	Time     time.Time
	Method   string
	Template string // method and path with names for values: "GET sites/{site}/workbooks"
	Path     string // as sent, decoded
	Query    string // as sent
	Site     string // content URL of the session's site; empty also for the default site
	User     string // name of the session's user; empty without a session
	Status   int    // 0 when the connection was dropped or the caller gave up
	Code     string // Tableau's error code, empty when all went well
}

// logged is how many calls are kept; counts go on beyond it.
const logged = 100_000

// callLog keeps the last calls in a ring and counts all of them.
type callLog struct {
	mu          sync.Mutex
	ring        []Call
	next        int // where the next call goes once the ring is full
	counts      map[string]int
	inFlight    int
	maxInFlight int
}

func newCallLog() *callLog { return &callLog{counts: map[string]int{}} }

// enter counts a request as under way and returns what ends it.
func (l *callLog) enter() (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight++
	l.maxInFlight = max(l.maxInFlight, l.inFlight)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inFlight--
	}
}

func (l *callLog) add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[c.Template]++
	if len(l.ring) < logged {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[l.next] = c
	l.next = (l.next + 1) % logged
}

// Log returns the last 100,000 calls, oldest first.
func (s *Server) Log() []Call {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	out := make([]Call, 0, len(s.log.ring))
	return append(append(out, s.log.ring[s.log.next:]...), s.log.ring[:s.log.next]...)
}

// Count returns how many calls of a template there were since the start or the last
// [Server.ResetLog], for example of "GET sites/{site}/workbooks". Sign-ins are "POST auth/signin"
// for a person's own and "POST auth/signin (impersonate)" for those in another's name.
func (s *Server) Count(template string) int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.counts[template]
}

// Counts returns the number of calls per template.
func (s *Server) Counts() map[string]int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return maps.Clone(s.log.counts)
}

// ResetLog empties the log and sets all counts and the highest number of requests in flight back.
func (s *Server) ResetLog() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.ring, s.log.next = nil, 0
	clear(s.log.counts)
	s.log.maxInFlight = s.log.inFlight
}

// InFlight returns how many requests are under way.
func (s *Server) InFlight() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.inFlight
}

// MaxInFlight returns the most requests that were under way at once since the last
// [Server.ResetLog].
func (s *Server) MaxInFlight() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.maxInFlight
}
