package upstream

import (
	"errors"
	"fmt"
	"time"

	"vitrine/internal/tableau"
)

// longestAway bounds the pause of a server that is away (503): it may be back long before the time that a page of its gateway says.
const longestAway = time.Minute

// heed takes it to heart when Tableau asks to wait: with Retry-After, whatever goes to the same site waits as long. Where it was
// said to a read that takes long, those alone wait: Cloud counts them by themselves.
func (l *limiter) heed(c tableau.Call, err error) {
	var e *tableau.Error
	if c.Class == tableau.Open || !errors.As(err, &e) || e.Status == 0 || e.RetryAfter <= 0 ||
		e.Kind != tableau.RateLimited && e.Kind != tableau.Unavailable {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, s := time.Now(), l.site(c.Site)
	until, wakeUp := &s.paused, &s.wakeUp
	if c.Class == tableau.LongRunning {
		until, wakeUp = &s.pausedLong, &s.wakeUpForOne
	}
	wait := e.RetryAfter
	if e.Kind == tableau.Unavailable {
		wait = min(wait, longestAway)
	}
	end := now.Add(wait)
	if !end.After(*until) {
		return
	}
	*until = end
	if *wakeUp != nil {
		(*wakeUp).Stop()
	}
	*wakeUp = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dispatch()
	})
	l.refuseHopeless(c.Site, now)
}

// refuseHopeless refuses those who wait and would still wait when their time is over.
func (l *limiter) refuseHopeless(contentURL string, now time.Time) {
	for _, q := range l.lanes {
		if q.site != contentURL {
			continue
		}
		for i := 0; i < len(q.waiters); {
			w := q.waiters[i]
			if w.err = l.tooLong(q.lane, w, now); w.err == nil {
				i++
				continue
			}
			l.remove(q, i)
			close(w.done)
		}
	}
}

// tooLong says that a pause of Tableau's ends after a waiter's time.
func (l *limiter) tooLong(k lane, w *waiter, now time.Time) error {
	if k.class == tableau.Open {
		return nil
	}
	end := l.site(k.site).pausedUntil(k.class)
	if !end.After(w.until) {
		return nil
	}
	return &busyError{wait: end.Sub(now), text: fmt.Sprintf("Tableau asked for a pause, of which %s are left", end.Sub(now))}
}

// pausedUntil is until when requests of a class wait. Sign-outs never do: they relieve Tableau.
func (s *site) pausedUntil(class tableau.Class) time.Time {
	switch {
	case class == tableau.SigningOut:
		return time.Time{}
	case class == tableau.LongRunning && s.pausedLong.After(s.paused):
		return s.pausedLong
	}
	return s.paused
}
