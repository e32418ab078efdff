package sessions

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/auth"
)

// logoutsKept bounds how many logouts a replica remembers.
const logoutsKept = 100_000

// logoutOf identifies what has been logged out: a person, or a session at the provider.
type logoutOf struct{ issuer, subject string }

// ofSession is the key of a session at the provider. No subject has such a form.
func ofSession(issuer, sid string) logoutOf { return logoutOf{issuer, "\x00sid\x00" + sid} }

// Forget notes that a person has logged out at the provider, at a time by the provider's clock, and
// ends all sessions of the person, on every site and in every replica: those that are in use when
// their last user leaves. An identity with a SessionID alone stands for all tokens of that session;
// whose it is is then not known, and no session ends. The error reports that the other replicas
// could not be notified.
func (b *Broker) Forget(ctx context.Context, id *auth.Identity, at time.Time) error {
	if id == nil || id.Issuer == "" || id.Subject == "" && id.SessionID == "" {
		return errors.New("sessions: the identity to forget is not complete")
	}
	of := logoutOf{id.Issuer, id.Subject}
	if id.Subject == "" {
		of = ofSession(id.Issuer, id.SessionID)
	}
	mark := newMark(at)
	b.loggedOut.Put(of, mark)
	if b.abandonSignIns(of) {
		return errClosed()
	}
	b.endAll(func(s *session) bool { return s.owner.issuer == of.issuer && s.owner.subject == of.subject })
	if err := b.shared.forget(ctx, of.issuer, of.subject, mark, b.owners(id)); err != nil {
		return fmt.Errorf("sessions: sharing a logout with other replicas: %w", err)
	}
	return nil
}

// abandonSignIns has the sessions of sign-ins under way end at once. It reports whether the broker
// is closed.
func (b *Broker) abandonSignIns(of logoutOf) (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for o, f := range b.calls {
		if o.issuer == of.issuer && o.subject == of.subject {
			f.over = true
		}
	}
	return b.closed
}

// Logouts are marks of the logouts of a person and of the person's session at the provider, in
// whichever replica, of the last day at least: what was given to the person while one of them was
// not there is over. While the shared store cannot be asked they are those of this replica.
func (b *Broker) Logouts(ctx context.Context, id *auth.Identity) []string {
	marks := b.logoutsOf(ctx, logoutOf{id.Issuer, id.Subject})
	if id.SessionID != "" {
		marks = slices.Concat(marks, b.logoutsOf(ctx, ofSession(id.Issuer, id.SessionID)))
	}
	return marks
}

func (b *Broker) logoutsOf(ctx context.Context, of logoutOf) []string {
	if marks, ok := b.shared.logouts(ctx, of.issuer, of.subject); ok {
		return marks
	}
	if mark, ok := b.loggedOut.Get(of); ok {
		return []string{mark}
	}
	return nil
}

// LastLogout returns when a person, or the person's session at the provider, was logged out last by
// the provider's clock; the zero time if that is not known.
func (b *Broker) LastLogout(ctx context.Context, id *auth.Identity) (last time.Time) {
	for _, mark := range b.Logouts(ctx, id) {
		if at := timeOf(mark); at.After(last) {
			last = at
		}
	}
	return last
}

// newMark is the mark of a logout: its time and something that no other logout has.
func newMark(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) + "." + rand.Text() }

// timeOf is the time of a logout; the zero time if its mark has none.
func timeOf(mark string) time.Time {
	seconds, _, _ := strings.Cut(mark, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// FirstUse reports whether a name is used for the first time, in this replica and, while the shared
// store answers, in all of them. The name is remembered for a while.
func (b *Broker) FirstUse(ctx context.Context, name string, life time.Duration) bool {
	if !b.usedNames.Add(name, struct{}{}, life) {
		return false
	}
	n, err := b.shared.count(ctx, "once "+name, 1, life)
	return err != nil || n <= 1
}

// Unuse takes back a use that [Broker.FirstUse] reported as the first.
func (b *Broker) Unuse(ctx context.Context, name string, life time.Duration) {
	b.usedNames.Delete(name)
	_, _ = b.shared.count(ctx, "once "+name, -1, life)
}
