package sessions

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"vitrine/internal/seal"
)

// watch counts notifications about one owner's entry. A session is stale, and looked up before its
// next use, when its watch has counted something since.
type watch struct {
	changes atomic.Uint32 // somebody has changed the entry
	losses  atomic.Uint32 // it may have changed without a word: the connection was lost, or the store emptied
	wake    chan struct{} // wakes the one sign-in that may wait
	about   []byte
	names   []string // of the entry
	locks   []string
	logouts []string // of the person

	issuer, subject string
	refs            int // guarded by redisSessions.mu
}

// revision is what a watch has counted.
type revision struct{ changes, losses uint32 }

func (w *watch) revision() revision { return revision{w.changes.Load(), w.losses.Load()} }

func (w *watch) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// watchOwner returns the watch of an owner; each call needs an unwatch.
func (f *redisSessions) watchOwner(o owner) *watch {
	about, whom := o.about(), seal.Canonical(o.issuer, o.subject)
	names := f.keys.Names(prefixSession, about)
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.watches[names[0]]
	if w == nil {
		w = &watch{
			wake: make(chan struct{}, 1), about: about, names: names, locks: f.keys.Names(prefixLock, about),
			logouts: f.keys.Names(prefixLogout, whom), issuer: o.issuer, subject: o.subject,
		}
		for _, name := range names {
			f.watches[name] = w
		}
	}
	w.refs++
	return w
}

func (f *redisSessions) unwatch(w *watch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.refs--; w.refs > 0 {
		return
	}
	for _, name := range w.names {
		if f.watches[name] == w {
			delete(f.watches, name)
		}
	}
}

// changed receives the names that have changed from the store; nil means that any may have. It runs
// inside the connection and returns at once.
func (f *redisSessions) changed(names []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if names == nil {
		for _, w := range f.watches {
			w.losses.Add(1)
			w.notify()
		}
		return
	}
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, prefixSession):
			if w := f.watches[name]; w != nil {
				w.changes.Add(1)
				w.notify()
			}
		case strings.HasPrefix(name, prefixLock):
			if w := f.watches[prefixSession+strings.TrimPrefix(name, prefixLock)]; w != nil {
				w.notify()
			}
		case strings.HasPrefix(name, prefixLogout):
			f.loggedOut(name)
		}
	}
}

// loggedOut ends the sessions of a person that may have been logged out; f.mu is held.
func (f *redisSessions) loggedOut(name string) {
	var whose *watch
	for _, w := range f.watches {
		if slices.Contains(w.logouts, name) {
			w.changes.Add(1)
			whose = w
		}
	}
	if whose == nil || f.closed {
		return
	}
	f.working.Go(func() {
		// The end of a logout's time to live is a change too.
		if _, values, err := f.store.Read(f.base, nil, whose.logouts); err == nil {
			f.ended(whose.issuer, whose.subject, present(values))
		}
	})
}

// wait returns when something about the owner has changed, or after a while.
func (w *watch) wait(ctx context.Context) error {
	poll := time.NewTimer(lockPoll)
	defer poll.Stop()
	select {
	case <-w.wake:
	case <-poll.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
