package sessions

import (
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/ttlcache"
)

const (
	// refusedFor is how long a method that answers 401002 to a living session is not sent for an
	// owner, and suspectedFor how long its next 401002 is not taken for the end of the session.
	refusedFor   = 5 * time.Minute
	suspectedFor = time.Hour
	// answeredFor is how long an answer shows that an owner may use a method. Only the refused path
	// counts as refused then.
	answeredFor = 10 * time.Minute
	// refusedMethodsKept and answeredMethodsKept bound the memory.
	refusedMethodsKept  = 10_000
	answeredMethodsKept = 20_000
)

// ownersMethod is a method of one owner: for all paths, or for the path with these values.
type ownersMethod struct {
	owner          owner
	method, values string
}

// refusedMethods remembers, for each owner, which methods answer 401002 although the session is
// alive: a connected app without the scope, or a proxy with rules of its own. Without it each
// request would renew a session that works.
type refusedMethods struct {
	now      func() time.Time
	log      *slog.Logger
	some     atomic.Bool                          // refused has, or had, an entry
	refused  *ttlcache.Cache[ownersMethod, int64] // until when the method is not sent, Unix nanoseconds
	answered *ttlcache.Cache[ownersMethod, struct{}]
}

func newRefusedMethods(now func() time.Time, log *slog.Logger) *refusedMethods {
	return &refusedMethods{
		now: now, log: log,
		refused:  ttlcache.New[ownersMethod, int64](suspectedFor, refusedMethodsKept, now),
		answered: ttlcache.New[ownersMethod, struct{}](answeredFor, answeredMethodsKept, now),
	}
}

func (m *refusedMethods) state(o owner, method string, values []string) tableau.Refusal {
	if !m.some.Load() {
		return tableau.NotRefused
	}
	for _, at := range []ownersMethod{{o, method, ""}, {o, method, strings.Join(values, "/")}} {
		if until, ok := m.refused.Get(at); ok {
			if m.now().UnixNano() < until {
				return tableau.KnownRefusal
			}
			return tableau.SuspectedRefusal
		}
	}
	return tableau.NotRefused
}

func (m *refusedMethods) refuse(o owner, method string, values []string) {
	at := ownersMethod{o, method, ""}
	if _, answered := m.answered.Get(at); answered {
		at.values = strings.Join(values, "/")
	}
	m.refused.Put(at, m.now().Add(refusedFor).UnixNano())
	m.some.Store(true)
	m.log.Warn("Tableau answers 401002 to a method although the session is alive: it is not sent for this user for a while. "+
		"Check the scopes of the connected app, and the proxies in front of Tableau",
		"call", method, "site", o.site, "subject", o.subject, "for", refusedFor)
}

func (m *refusedMethods) answer(o owner, method string, values []string) {
	all := ownersMethod{o, method, ""}
	if m.some.Load() {
		m.refused.Delete(all)
		m.refused.Delete(ownersMethod{o, method, strings.Join(values, "/")})
	}
	if _, known := m.answered.Get(all); !known {
		m.answered.Put(all, struct{}{})
	}
}

// Refusal implements [tableau.RefusalMemory] for the source's owner.
func (s *source) Refusal(method string, values []string) tableau.Refusal {
	return s.broker.refused.state(s.owner, method, values)
}

// Refuse implements [tableau.RefusalMemory].
func (s *source) Refuse(method string, values []string) {
	s.broker.refused.refuse(s.owner, method, values)
}

// Answered implements [tableau.RefusalMemory].
func (s *source) Answered(method string, values []string) {
	s.broker.refused.answer(s.owner, method, values)
}
