package upstream

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

// watch follows for each site whether Tableau can be reached, and reports each change once: without
// it the log of a server whose Tableau is down would show requests that are answered, with errors
// within.
type watch struct {
	now     func() time.Time
	changed func(Change)

	mu    sync.Mutex
	sites map[string]*reach
}

// Change is that a site became unavailable, or available again.
type Change struct {
	Site      string // content URL
	Available bool
	Since     time.Time // when it became unavailable
	Err       error     // of the request that found out; nil when it is available again
}

// reach is what is known of one site.
type reach struct {
	since  time.Time // of the first failure in a row
	failed int       // in a row, of those that leave room for doubt
	down   bool
}

// Watch has the gate report when a site becomes unavailable, or available again. changed is called
// for each change in order, and must be quick. It is called before the gate is used.
func (g *Gate) Watch(now func() time.Time, changed func(Change)) {
	g.watch = &watch{now: now, changed: changed, sites: map[string]*reach{}}
}

// doubtful is how many requests in a row have to fail in a way that may also be the fault of what
// was asked for.
const doubtful = 3

// judge draws what follows from one request, after all its tries. No connection, and a gateway's
// 502, 503 or 504, mean that Tableau is unavailable. A time-out, or an answer that cannot be read,
// may be due to what was asked for: three in a row mean it. A status of 500 and a 429 mean neither
// the one nor the other, and so does a request that its client gave up.
func (w *watch) judge(site string, ctx context.Context, err error) { //nolint:revive // the site is what it is about
	var e *tableau.Error
	isOne := errors.As(err, &e)
	if err != nil && (!isOne || errors.Is(ctx.Err(), context.Canceled)) {
		return
	}
	failed, sure := false, false
	if isOne {
		switch {
		case e.Kind == tableau.RateLimited || e.Status == http.StatusInternalServerError:
			return
		case e.Kind == tableau.Unavailable:
			failed, sure = true, true
		case e.Kind == tableau.Timeout || e.Kind == tableau.Malformed:
			failed = true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sites[site]
	if s == nil {
		s = &reach{}
		w.sites[site] = s
	}
	switch {
	case !failed:
		before := *s
		*s = reach{}
		if before.down {
			w.changed(Change{Site: site, Available: true, Since: before.since})
		}
	case !s.down:
		if s.failed++; s.failed == 1 {
			s.since = w.now()
		}
		if sure || s.failed >= doubtful {
			s.down = true
			w.changed(Change{Site: site, Since: s.since, Err: err})
		}
	}
}
