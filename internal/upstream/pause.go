package upstream

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vitrine/internal/tableau"
)

const (
	// longestPause bounds what Tableau, or a gateway in front of it, can make anybody wait: it may
	// be well long before.
	longestPause = time.Minute
	// longestSignInPause is that of sign-ins and look-ups, which are everybody's.
	longestSignInPause = 15 * time.Second
	// probePause is waited after a probe that is answered 429 without Retry-After.
	probePause = time.Second
	// peopleOfASite is how many people must be asked to wait at the same time before everybody on
	// the site waits.
	peopleOfASite = 3
	// maxPauses is after how many pauses those that nobody came back to are dropped.
	maxPauses = 1024
	// logEvery is how often the pauses of people of one site are logged.
	logEvery = 10 * time.Second
)

// pauseKey is whom a pause holds back: one person, or everybody on the site.
type pauseKey struct {
	person
	everybody bool
	long      bool // only reads for which Tableau renders or exports: Cloud counts them by themselves
}

// probeTime is how long others wait for a probe: it may be something that Tableau renders for
// minutes.
const probeTime = 5 * time.Second

// ends is until when those that the pause holds back wait.
func (p *pause) ends() time.Time {
	if p.probing.After(p.until) {
		return p.probing
	}
	return p.until
}

// wakeAfter lets everybody through after a while who can be.
func (l *limiter) wakeAfter(p *pause, wait time.Duration) {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dispatch()
	})
}

// pause is a wait that Tableau asked for. When it is over one request goes first, as a probe: an
// answer ends the pause, another 429 begins it again.
type pause struct {
	until   time.Time
	probing time.Time // until when others wait for the probe that is under way; zero for none
	timer   *time.Timer
}

// keysOf are the keys of the pauses that hold a queue back. Sign-outs wait for none: they relieve
// Tableau.
func keysOf(k queueKey) []pauseKey {
	site := person{site: k.site}
	switch k.class {
	case tableau.Open, tableau.SigningOut:
		return nil
	case tableau.LongRunning:
		return []pauseKey{{person: k.person}, {person: site, everybody: true}, {k.person, false, true}, {site, true, true}}
	default:
		return []pauseKey{{person: k.person}, {person: site, everybody: true}}
	}
}

// paused says that a pause holds a queue back: one that lasts, or one whose probe is under way.
func (l *limiter) paused(k queueKey, now time.Time) bool {
	if len(l.pauses) == 0 {
		return false
	}
	for _, key := range keysOf(k) {
		if p := l.pauses[key]; p != nil && now.Before(p.ends()) {
			return true
		}
	}
	return false
}

// probe makes a request that was let through the probe of the pauses that are over.
func (l *limiter) probe(k queueKey, now time.Time) (probes []pauseKey) {
	if len(l.pauses) == 0 {
		return nil
	}
	for _, key := range keysOf(k) {
		if p := l.pauses[key]; p != nil {
			p.probing = now.Add(probeTime)
			l.wakeAfter(p, probeTime)
			probes = append(probes, key)
		}
	}
	return probes
}

// heed draws the conclusions from an answer: where Tableau asks to wait, with 429 or 503 and
// Retry-After, the person waits, and everybody on the site once several people were asked to at the
// same time. The quota of queries to data holds nobody back.
func (l *limiter) heed(c tableau.Call, p *place, err error) {
	var e *tableau.Error
	answered := errors.As(err, &e)
	busy := answered && e.Status != 0 && !e.IsQuota() && (e.Kind == tableau.RateLimited || e.Kind == tableau.Unavailable)
	if c.Class == tableau.Open || !busy && len(p.probes) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, key := range p.probes {
		l.probed(key, now, err == nil || answered && e.Status != 0, busy, e)
	}
	if p.probes = nil; busy && e.RetryAfter > 0 && c.Class != tableau.SigningOut {
		l.pause(c, min(e.RetryAfter, longestPause), now)
	}
	l.dispatch()
}

// probed notes what came of a probe.
func (l *limiter) probed(key pauseKey, now time.Time, answered, busy bool, e *tableau.Error) {
	p := l.pauses[key]
	switch {
	case p == nil:
	case busy && e.Kind == tableau.RateLimited || busy && e.RetryAfter > 0:
		l.hold(key, min(max(e.RetryAfter, probePause), longestPause), now)
	case answered:
		p.timer.Stop()
		delete(l.pauses, key)
	default:
		p.probing = time.Time{} // nothing is known: the next one is a probe too
	}
}

// pause begins the pause of a person, and that of the site where it is one of several.
func (l *limiter) pause(c tableau.Call, wait time.Duration, now time.Time) {
	key := pauseKey{person: person{c.Site, c.User}, long: c.Class == tableau.LongRunning}
	if c.User == "" {
		wait = min(wait, longestSignInPause)
	}
	l.hold(key, wait, now)
	others := 0
	for k, p := range l.pauses {
		if k.site == c.Site && k.long == key.long && !k.everybody && k.user != "" && now.Before(p.until) {
			others++
		}
	}
	all := pauseKey{person: person{site: c.Site}, everybody: true, long: key.long}
	if s := l.site(c.Site); others < peopleOfASite && (s.logged.IsZero() || now.Sub(s.logged) >= logEvery) {
		s.logged = now
		l.log.Warn("Tableau asks a person to wait", "site", c.Site, "call", c.Name, "user", string(c.User), "wait", wait)
	} else if p := l.pauses[all]; others >= peopleOfASite && (p == nil || !now.Before(p.until)) {
		l.log.Warn("Tableau asks several people to wait: everybody on the site waits", "site", c.Site, "call", c.Name, "people", others, "wait", wait)
	}
	if others >= peopleOfASite {
		l.hold(all, wait, now)
	}
	l.refuseHopeless(c.Site, now)
}

// hold begins a pause, or lengthens it.
func (l *limiter) hold(key pauseKey, wait time.Duration, now time.Time) {
	p := l.pauses[key]
	if p == nil {
		l.forgetPauses(now)
		p = &pause{}
		l.pauses[key] = p
	}
	p.probing = time.Time{}
	end := now.Add(wait)
	if !end.After(p.until) {
		return
	}
	p.until = end
	l.wakeAfter(p, wait)
}

// forgetPauses drops what is over and was not probed, when there is much of it.
func (l *limiter) forgetPauses(now time.Time) {
	if len(l.pauses) < maxPauses {
		return
	}
	for key, p := range l.pauses {
		if !now.Before(p.ends()) {
			p.timer.Stop()
			delete(l.pauses, key)
		}
	}
}

// refuseHopeless refuses those who wait and would still wait when their time is over.
func (l *limiter) refuseHopeless(contentURL string, now time.Time) {
	for _, q := range l.queues {
		if q.site != contentURL {
			continue
		}
		for i := 0; i < len(q.waiters); {
			w := q.waiters[i]
			if w.err = l.tooLong(q.queueKey, w, now); w.err == nil {
				i++
				continue
			}
			l.remove(q, i)
			close(w.done)
		}
	}
}

// tooLong says that a pause of Tableau's ends after a waiter's time.
func (l *limiter) tooLong(k queueKey, w *waiter, now time.Time) error {
	var end time.Time
	if len(l.pauses) > 0 {
		for _, key := range keysOf(k) {
			if p := l.pauses[key]; p != nil && p.until.After(end) {
				end = p.until
			}
		}
	}
	if !end.After(w.until) {
		return nil
	}
	return &busyError{wait: end.Sub(now), text: fmt.Sprintf("Tableau asked for a pause, of which %s are left", end.Sub(now))}
}

// LogTo has the gate log to a logger instead of the default one. It is called before the gate is
// used.
func (g *Gate) LogTo(log *slog.Logger) { g.limiter.log = log }
