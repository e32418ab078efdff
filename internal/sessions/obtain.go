package sessions

import (
	"context"

	"vitrine/internal/seal"
)

// obtaining is one search of a replica for the session of an owner: in the store, or by a sign-in.
type obtaining struct {
	*redisSessions
	opener *opener
	owner  owner
	watch  *watch
	before *session // known until now, perhaps dead; nil for none
	lock   *lock
}

// obtain: see sharedStore.
func (f *redisSessions) obtain(ctx context.Context, by *opener, before *session) (s *session, err error) {
	w := f.watchOwner(by.owner)
	defer func() {
		if s == nil || s == before {
			f.unwatch(w) // otherwise the session keeps the watch
		}
	}()
	o := &obtaining{f, by, by.owner, w, before, &lock{f: f, names: w.locks}}
	defer o.lock.release()
	return o.run(ctx)
}

// run looks into the store until there is a session, or until this replica may sign in.
func (o *obtaining) run(ctx context.Context) (*session, error) {
	died := o.before != nil && o.before.dead.Load()
	if died {
		if err := o.drop(o.before); err != nil {
			return o.withoutStore()
		}
	}
	republished := false
	for {
		at := o.watch.revision()
		got, err := o.lookUp(o.watch, o.owner.site, o.before)
		switch {
		case err != nil:
			return o.withoutStore()
		case got.refusal != nil:
			return nil, got.refusal
		case got.content != nil && (o.before.is(got.content) || !o.opener.perReplica(died)):
			return o.fromStore(at, got), nil
		case o.opener.perReplica(died):
			return o.signInPerReplica(at, got.logouts)
		case !republished && o.stillValid(at, got):
			republished = true
			if o.republish(at, !got.unusable) {
				return o.before, nil
			}
			continue
		}
		if o.lock.held {
			return o.signIn(at, got.logouts)
		}
		if err := o.lock.claim(); err != nil {
			return o.withoutStore()
		}
		if o.lock.held {
			continue // another replica may have signed in meanwhile: look again
		}
		if err := o.watch.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// stillValid reports whether a session that is not in the store any more is valid: the store has
// lost it, and nobody has removed it.
func (o *obtaining) stillValid(at revision, got lookUpResult) bool {
	s := o.before
	return s != nil && o.alive(s) && s.seenRevision.changes.Load() == at.changes && s.validAfter(got.logouts)
}

// republish writes a session to the store again that the store had lost. It is then held for the
// caller.
func (o *obtaining) republish(at revision, onlyNew bool) bool {
	if !o.reuse(o.before) {
		return false
	}
	if !o.publish(o.watch, o.before, onlyNew) {
		o.before.release(o.signOuts)
		return false
	}
	o.before.setRevision(at)
	return true
}

// reuse takes a known session for the caller.
func (f *redisSessions) reuse(s *session) bool {
	if !s.hold() {
		return false
	}
	s.used.Store(f.now().UnixNano())
	return true
}

// alive reports whether nothing known here speaks against the use of a session.
func (f *redisSessions) alive(s *session) bool {
	now := f.now()
	return !s.dead.Load() && !s.ended(now) && s.idleFor(now) < f.idle
}

// withoutStore goes on while the store does not answer: with the known session, unless its entry is
// known to have changed, or with one of this replica's own. That is published when it is used next.
func (o *obtaining) withoutStore() (*session, error) {
	at, before := o.watch.revision(), o.before
	if before != nil && before.watch != nil && o.alive(before) && before.seenRevision.changes.Load() == at.changes && o.reuse(before) {
		return before, nil
	}
	s, err := o.opener.open()
	if err != nil {
		return nil, err
	}
	at.losses--
	o.attach(s, at, nil)
	return s, nil
}

// attach ties a session that was just opened to its owner's watch.
func (o *obtaining) attach(s *session, at revision, logouts []string) {
	s.watch, s.logouts = o.watch, logouts
	s.setReplaced(o.before, o.keys)
	s.setRevision(at)
}

// signInPerReplica goes on with the session that this replica has, or opens one for itself, and
// publishes nothing. Where a token holds one session at a time, a replica ends the sessions of its
// tokens as its own people need them, and cannot know that another replica reads with one.
func (o *obtaining) signInPerReplica(at revision, logouts []string) (*session, error) {
	before := o.before
	if before != nil && before.watch == o.watch && o.alive(before) && before.validAfter(logouts) && // entries of others say nothing about it
		(before.origin.Load() == originLocal || before.seenRevision.changes.Load() == at.changes) && o.reuse(before) {
		before.setRevision(at)
		return before, nil
	}
	s, err := o.opener.open()
	if err != nil {
		o.publishRefusal(o.watch, err)
		return nil, err
	}
	o.attach(s, at, logouts)
	return s, nil
}

// signIn opens the session that all replicas wait for.
func (o *obtaining) signIn(at revision, logouts []string) (*session, error) {
	stop := o.lock.keep()
	defer stop()
	s, err := o.opener.open()
	mine := stop()
	if err != nil {
		o.publishRefusal(o.watch, err)
		return nil, err
	}
	o.attach(s, at, logouts)
	if !o.opener.perReplica(false) { // the sign-in may have found that out
		o.publish(o.watch, s, !mine)
	}
	return s, nil
}

// fromStore returns the stored session: as the known one if it is the same.
func (o *obtaining) fromStore(at revision, got lookUpResult) *session {
	c, s := got.content, o.before
	if s == nil || s.watch != o.watch || s.grant.Token.Reveal() != c.Token || !o.reuse(s) {
		s = newSession(o.owner, 0, c.grant(o.owner.site), o.now())
		s.ends, s.logouts, s.watch = c.Ends, c.Logouts, o.watch
		if len(c.Replaced) == seal.TagSize {
			t := seal.Tag(c.Replaced)
			s.replaced = &t
		}
		s.users.Store(1)
	}
	s.setRevision(at)
	s.stored.Store(true)
	s.origin.CompareAndSwap(originLocal, originPublished)
	if got.left < o.idle/2 {
		o.shareUse(o.base, []*session{s})
	}
	return s
}
