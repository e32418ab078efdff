package sessions

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"vitrine/internal/tableau"
)

// site is one site of the settings.
type site struct {
	contentURL  string
	fingerprint [16]byte // digest of the sign-in method
	signer      signer
	slots       chan struct{} // sign-ins under way
	pause       health        // rests while Tableau asks to wait
}

// fingerprintWith is the digest of all that shapes a session beside person, name and site: the
// method, and what the identity brings.
func (s *site) fingerprintWith(extra attributes) [16]byte {
	if extra == "" {
		return s.fingerprint
	}
	digest := sha256.Sum256(append(s.fingerprint[:], extra...))
	return [16]byte(digest[:16])
}

// signInCall is the one sign-in that is under way for an owner. It runs under the broker's context:
// those who wait for it may leave as they like. The session that comes of it is counted as used by
// each who still waits, before anyone else can find it; it can not be evicted and signed out
// between being made and being used.
type signInCall struct {
	done    chan struct{}
	session *session // set before done is closed
	err     error
	waiting int      // guarded by Broker.mu; fixed once done is closed
	over    bool     // the person has logged out meanwhile; guarded by Broker.mu
	logouts []string // of another replica meanwhile; guarded by Broker.mu
}

// join gives the owner's session to one user, waiting for the sign-in that is under way or starting
// one.
func (b *Broker) join(ctx context.Context, st *site, key uint64, o owner, extra attributes) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("waiting for a sign-in: %w", err)
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil, errClosed()
	}
	f, ok := b.calls[o]
	if !ok {
		// A second look: a sign-in may have ended since the first one. It also makes the first
		// look's misses harmless.
		if found := b.store.take(key, &o); found != nil {
			b.mu.Unlock()
			return found, nil
		}
		f = &signInCall{done: make(chan struct{})}
		b.calls[o] = f
		b.pending.Add(1)
		go b.run(b.carry(ctx, b.base), f, st, key, o, extra)
	}
	f.waiting++
	b.mu.Unlock()

	began := b.now()
	defer func() { b.observer.Wait(o.site, b.now().Sub(began)) }()
	select {
	case <-f.done:
		return f.session, f.err
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-f.done: // it ended at the same moment, and counted this caller
		return f.session, f.err
	default:
		f.waiting--
		return nil, fmt.Errorf("waiting for a sign-in: %w", ctx.Err())
	}
}

// run obtains a session and hands it to all who wait. Its context is the broker's.
func (b *Broker) run(ctx context.Context, f *signInCall, st *site, key uint64, o owner, extra attributes) {
	defer b.pending.Done()
	before := b.store.peek(key, &o)
	made, err := b.obtain(ctx, st, o, before, extra)
	switch {
	case err == nil:
	case b.base.Err() != nil:
		err = errClosed()
	default:
		err = trouble("sign-in", st.contentURL, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.calls, o)
	if made != nil {
		made.users.Add(int64(f.waiting))
		if made != before {
			made.key = key
			b.signOuts.count(1)
			b.store.add(made)
			made.tokenSession.bind(made, b.signOuts)
		}
		if f.over || !made.validAfter(f.logouts) {
			b.end(made)
		}
		made.release(b.signOuts) // the sign-in's own use
	}
	f.session, f.err = made, err
	close(f.done)
}

func (b *Broker) obtain(ctx context.Context, st *site, o owner, before *session, extra attributes) (made *session, err error) {
	by := &opener{base: ctx, broker: b, site: st, owner: o, attributes: extra}
	defer func() {
		if made == nil && by.opened != nil { // publishing it panicked
			b.signOuts.count(1)
			by.opened.tokenSession.bind(by.opened, b.signOuts)
			b.end(by.opened)
			by.opened.release(b.signOuts)
		}
	}()
	defer b.rescue(st, &err)
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	lost := before != nil && before.watch != nil && before.seenRevision.losses.Load() != before.watch.losses.Load()
	if lost {
		defer func() {
			if err == nil && made == before {
				st.signer.writeBack(ctx, o.person())
			}
		}()
	}
	return b.shared.obtain(ctx, by, before)
}

// opener opens a session of an owner. It is the part of a sign-in that knows Tableau; a sharedStore
// decides whether it is needed.
type opener struct {
	base       context.Context // of the broker
	broker     *Broker
	site       *site
	owner      owner
	attributes attributes
	opened     *session // what open returned
}

// perReplica reports whether each replica is to have its own session; died that one that this
// replica knew has just ended.
func (o *opener) perReplica(died bool) bool { return o.site.signer.perReplica(died) }

// open signs in. The caller holds the session.
func (o *opener) open() (*session, error) {
	b := o.broker
	began := b.now()
	got, err := b.signIn(o.base, o.site, o.owner.person(), o.attributes)
	b.observer.SignIn(o.site.contentURL, b.now().Sub(began), err)
	if err != nil {
		return nil, err
	}
	s := newSession(o.owner, 0, got.grant, b.now())
	s.endsAfter(sooner(b.life, got.life))
	s.tokenSession = got.tokenSession
	s.users.Store(1)
	o.opened = s
	return s, nil
}

// rescue makes an error of a panic during a sign-in. It would take the whole process with it:
// nobody is above its goroutine.
func (b *Broker) rescue(st *site, err *error) {
	if v := recover(); v != nil {
		*err = &Error{is: ErrUnavailable, public: "The sign-in to Tableau failed. Ask again.", err: fmt.Errorf("panic of type %T", v)}
		b.log.Error("panic during sign-in", "site", st.contentURL, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
	}
}

// sooner returns the shorter of two limits; zero means no limit.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// signIn opens a session, within the bounds of the site.
func (b *Broker) signIn(ctx context.Context, st *site, who person, extra attributes) (got opened, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	defer b.rescue(st, &err)
	select {
	case st.slots <- struct{}{}:
		defer func() { <-st.slots }()
	case <-ctx.Done():
		if b.base.Err() != nil {
			return got, errClosed()
		}
		return got, errQueue(st.contentURL, b.timeout)
	}
	if wait := st.pause.pauseLeft(b.now()); wait > 0 {
		return got, errPaused(st.contentURL, wait)
	}
	got, err = st.signer.signIn(ctx, who, extra)
	for renewals := 0; signInWasEnded(err) && renewals < maxRenewals && ctx.Err() == nil; renewals++ {
		got, err = st.signer.signIn(ctx, who, extra)
	}
	if err != nil {
		e := trouble("sign-in", st.contentURL, err)
		if errors.Is(e, ErrBusy) {
			st.pause.pauseFor(b.now(), e.wait)
		}
		return got, e
	}
	return got, nil
}

// signInWasEnded reports whether Tableau answered a sign-in itself as if its session had ended.
// That says nothing against the credentials.
func signInWasEnded(err error) bool {
	var e *tableau.Error
	return errors.As(err, &e) && e.Kind == tableau.SignedOut && strings.HasPrefix(e.Call, "POST auth/signin")
}

// maintain settles and sweeps the cache until the broker closes.
func (b *Broker) maintain() {
	defer close(b.maintained)
	look := time.NewTicker(5 * time.Second)
	defer look.Stop()
	sweep := time.NewTicker(max(b.idle/16, time.Second))
	defer sweep.Stop()
	for {
		select {
		case <-b.quit:
			return
		case <-sweep.C:
			b.store.sweep()
			b.shareUse()
		case <-look.C:
			b.store.settle()
		case <-b.store.wake:
			b.store.settle()
		}
	}
}

// shareUse shares with other replicas which sessions were used since it was called last.
func (b *Broker) shareUse() {
	var used []*session
	b.store.each(func(s *session) {
		if at := s.used.Load(); s.watch != nil && s.sharedUse.Swap(at) != at {
			used = append(used, s)
		}
	})
	b.shared.shareUse(b.base, used)
}
