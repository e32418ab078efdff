package sessions

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/dgraph-io/ristretto/v2"
)

// store finds the session of an owner. Sessions live in a ristretto cache, which bounds them and
// decides who goes when there are too many. The cache may drop what it is given, show it late, or
// refuse it, and its keys are hashes; so a session is kept among the newcomers until the cache is
// seen to have it, and its owner is compared at each look. Only settle and sweep, which one
// goroutine calls, change the cache: what it holds after a Wait is then certain.
type store struct {
	now        func() time.Time
	idle       time.Duration // sessions unused for so long are not given any more
	fresh      time.Duration // sessions unused for so long are not given by take
	maxPending int           // how many newcomers may stay although the cache refuses them
	hash       func(owner) uint64
	wake       chan struct{}
	retire     func(*session)
	closing    sync.RWMutex // held for writing while the cache closes: a Get beside Close panics
	closed     bool
	cache      *ristretto.Cache[uint64, *session]
	mu         sync.Mutex
	pending    map[owner]*session
	evicted    []*session // what the cache has let go and settle has not yet looked at
}

// patience is how long a session that the cache refuses may be unused.
const patience = time.Minute

func newStore(limit int, idle time.Duration, now func() time.Time, retire func(*session)) (*store, error) {
	seed := maphash.MakeSeed()
	s := &store{
		now: now, idle: idle, fresh: idle, maxPending: max(limit/10, 16), retire: retire, wake: make(chan struct{}, 1),
		hash:    func(o owner) uint64 { return maphash.Comparable(seed, o) },
		pending: map[owner]*session{},
	}
	cache, err := ristretto.NewCache(&ristretto.Config[uint64, *session]{
		NumCounters: 10 * int64(limit), MaxCost: int64(limit), BufferItems: 64, IgnoreInternalCost: true,
		// OnExit runs inside the cache, at evictions, refusals and replacements alike: it only
		// takes note.
		OnExit: s.noteEvicted,
	})
	s.cache = cache
	return s, err
}

// take gives the owner's session to one more user, or nil. It is the way that every read takes.
func (s *store) take(key uint64, o *owner) *session {
	now := s.now()
	if found := s.cached(key); found != nil && found.owner == *o && found.take(now, s.fresh) {
		return found
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.pending[*o]; found != nil && found.take(now, s.fresh) {
		return found
	}
	return nil
}

// peek gives the owner's session without using it.
func (s *store) peek(key uint64, o *owner) *session {
	s.mu.Lock()
	found := s.pending[*o]
	s.mu.Unlock()
	if found == nil {
		if found = s.cached(key); found != nil && found.owner != *o {
			found = nil
		}
	}
	return found
}

func (s *store) cached(key uint64) *session {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return nil
	}
	found, _ := s.cache.Get(key)
	return found
}

// add takes in a session that was just made. From here on everybody finds it.
func (s *store) add(made *session) {
	s.mu.Lock()
	before := s.pending[made.owner]
	s.pending[made.owner] = made
	s.mu.Unlock()
	if before != nil {
		s.retire(before)
	}
	s.signal()
}

// noteEvicted takes note of what the cache let go. A newcomer that it refused stays a newcomer, and
// is offered again later.
func (s *store) noteEvicted(gone *session) {
	if gone == nil { // Del of what was not there
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[gone.owner] != gone {
		s.evicted = append(s.evicted, gone)
		s.signal()
	}
}

func (s *store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// settle moves newcomers into the cache, and retires what it has let go.
func (s *store) settle() {
	s.mu.Lock()
	gone := s.evicted
	s.evicted = nil
	newcomers := make([]*session, 0, len(s.pending))
	for _, n := range s.pending {
		newcomers = append(newcomers, n)
	}
	s.mu.Unlock()

	for _, n := range newcomers {
		s.cache.Set(n.key, n, 1)
	}
	s.cache.Wait()
	s.admit(newcomers)
	for _, g := range gone {
		if !s.holds(g) {
			s.retire(g)
		}
	}
}

// admit ends the time as a newcomer of those that the cache has. Those that it refuses stay and are
// offered again, as long as they are used and are not too many; those used last stay longest.
func (s *store) admit(newcomers []*session) {
	refused := newcomers[:0]
	for _, n := range newcomers {
		if s.cached(n.key) == n {
			s.promoted(n)
		} else {
			refused = append(refused, n)
		}
	}
	slices.SortFunc(refused, func(a, b *session) int { return cmp.Compare(b.used.Load(), a.used.Load()) })
	for i, n := range refused {
		if i >= s.maxPending && n.unused() || n.dead.Load() || n.idleFor(s.now()) >= patience {
			s.promoted(n)
			s.retire(n)
		}
	}
}

// promoted ends the time as a newcomer, unless a newer session has taken the place.
func (s *store) promoted(n *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[n.owner] == n {
		delete(s.pending, n.owner)
	}
}

// holds reports whether a session that the cache once dropped can still be found.
func (s *store) holds(g *session) bool {
	if s.cached(g.key) == g {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending[g.owner] == g
}

// sweep lets go of what was not used for so long that it would not be given to anybody.
func (s *store) sweep() {
	now := s.now()
	var idle []*session
	s.cache.IterValues(func(v *session) (stop bool) {
		if v.unused() && (v.dead.Load() || v.users.Load() == retired || v.ended(now) || v.idleFor(now) >= s.idle) {
			idle = append(idle, v)
		}
		return false
	})
	for _, v := range idle {
		s.cache.Del(v.key)
	}
	s.cache.Wait()
}

// each calls do with every session that there is, some perhaps twice. do calls nothing of the
// store.
func (s *store) each(do func(*session)) {
	s.mu.Lock()
	newcomers := make([]*session, 0, len(s.pending))
	for _, n := range s.pending {
		newcomers = append(newcomers, n)
	}
	s.mu.Unlock()
	for _, n := range newcomers {
		do(n)
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return
	}
	s.cache.IterValues(func(v *session) (stop bool) {
		do(v)
		return false
	})
}

// close empties the store and retires everything that was in it. Nobody may call settle or sweep
// any more.
func (s *store) close() {
	s.closing.Lock()
	s.closed = true
	s.cache.Close() // lets go of all it has
	s.closing.Unlock()
	s.mu.Lock()
	all := s.evicted
	for _, n := range s.pending {
		all = append(all, n)
	}
	s.evicted, s.pending = nil, map[owner]*session{}
	s.mu.Unlock()
	for _, v := range all {
		s.retire(v)
	}
}
