package tableausim

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"vitrine/internal/tableausim/wire"
)

// FaultKind is what goes wrong.
type FaultKind int

// The kinds of faults. Each waits for the fault's Delay first.
const (
	// Slow answers rightly, after Delay.
	Slow FaultKind = iota
	// Status401002 says that the session is gone, as after the idle limit; the session itself lives
	// on.
	Status401002
	// TooMany answers 429 with Retry-After when RetryAfter is set.
	TooMany
	// ServerError answers 500 with Tableau's error body.
	ServerError
	// HTMLPage answers 200 with a page, as a proxy's sign-in form does.
	HTMLPage
	// CutBody sends half of the right answer, then closes the connection.
	CutBody
	// Drop closes the connection without a word.
	Drop
	// Away answers 503 with Retry-After when RetryAfter is set, as a gateway does whose server
	// restarts: with a page.
	Away
)

// Fault makes requests go wrong. The first fault that matches a request is used.
type Fault struct {
	// Match chooses requests; nil takes all. It must not block.
	Match func(*http.Request) bool
	// Times is how many requests it hits; 0 means until it is removed.
	Times int
	// Kind is what happens.
	Kind FaultKind
	// Delay is waited before anything else happens.
	Delay time.Duration
	// RetryAfter is sent with TooMany and Away, in whole seconds rounded up.
	RetryAfter time.Duration
}

// Fault installs f and returns what removes it again; removing twice does no harm.
func (s *Server) Fault(f Fault) (remove func()) {
	active := &activeFault{Fault: f}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, active)
	return func() { s.faults.remove(active) }
}

type activeFault struct {
	Fault
	used int
}

type faults struct {
	mu   sync.Mutex
	list []*activeFault
}

// take returns the fault that this request meets, or nil.
func (f *faults) take(r *http.Request) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, a := range f.list {
		if a.Match != nil && !a.Match(r) {
			continue
		}
		if a.used++; a.used == a.Times {
			f.list = slices.Delete(f.list, i, i+1)
		}
		return &a.Fault
	}
	return nil
}

func (f *faults) remove(a *activeFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.list, a); i >= 0 {
		f.list = slices.Delete(f.list, i, i+1)
	}
}

func (f *Fault) delay() time.Duration {
	if f == nil {
		return 0
	}
	return f.Delay
}

// breaks carries out the kinds that are no answer of Tableau at all, and reports whether it did.
func (f *Fault) breaks(w http.ResponseWriter, record func(status int)) bool {
	switch f.Kind {
	case Drop:
		record(0)
		panic(http.ErrAbortHandler)
	case HTMLPage:
		record(http.StatusOK)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Your network asks you to sign in.</form></body></html>"))
		return true
	case Away:
		record(http.StatusServiceUnavailable)
		maps.Copy(w.Header(), f.header())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("<html><body><h1>503 Service Unavailable</h1></body></html>"))
		return true
	default:
		return false
	}
}

// err is the refusal that the fault stands for, or nil.
func (f *Fault) err() error {
	switch f.Kind {
	case Status401002:
		return wire.Fail("401002", "Your authentication credentials are invalid.")
	case TooMany:
		return wire.Fail("429000", "Too many requests. Try again later.")
	case ServerError:
		return wire.Fail("500000", "An internal error occurred.")
	default:
		return nil
	}
}

func (f *Fault) header() http.Header {
	if f.Kind != TooMany && f.Kind != Away || f.RetryAfter <= 0 {
		return nil
	}
	seconds := int((f.RetryAfter + time.Second - 1) / time.Second)
	return http.Header{"Retry-After": {strconv.Itoa(seconds)}}
}
