package sessions

import (
	"context"
	"time"

	"vitrine/internal/tableau"
)

// sharedStore is how replicas share their sessions. A broker that is alone has a [localStore]; the
// code is the same.
type sharedStore interface {
	// obtain returns a session of the owner, held for the caller: one that another replica has
	// opened, or one that the opener opens, once for all replicas. before is the session that was
	// known until now, perhaps dead, or nil; it is returned again if it is valid.
	obtain(ctx context.Context, by *opener, before *session) (*session, error)
	// replaces reports whether a caller who has just found another session of the owner dead may
	// use this one.
	replaces(ctx context.Context, s *session, dead *tableau.Grant) bool
	// mustSignOut reports whether a session that nobody here uses any more is to be signed out.
	mustSignOut(ctx context.Context, s *session) bool
	// shareUse shares with other replicas when these sessions were last used.
	shareUse(ctx context.Context, all []*session)
	// remove removes a session, so that no other replica gets it.
	remove(s *session)
	// forget ends the sessions of a person in every replica, and those of these owners that are
	// stored although no replica has them. The mark distinguishes this logout from others.
	forget(ctx context.Context, issuer, subject, mark string, owners []owner) error
	// logouts are the marks of a person's logouts; ok is false where replicas share none, or cannot
	// be asked.
	logouts(ctx context.Context, issuer, subject string) (marks []string, ok bool)
	// luid, keepLUID and dropLUID share the LUID of a name on a site, and how long it may be
	// cached. keepLUID replaces nothing.
	luid(ctx context.Context, site string, who person) (l tableau.LUID, left time.Duration, known bool)
	keepLUID(ctx context.Context, site string, who person, luid tableau.LUID, left time.Duration)
	dropLUID(ctx context.Context, site string, who person)
	// count adds to a number of all replicas and returns the sum.
	count(ctx context.Context, name string, points int64, life time.Duration) (int64, error)
	// freshFor is how long a session may be unused before the store is asked whether it is still
	// valid.
	freshFor(idle time.Duration) time.Duration
	close()
}

// localStore is the sharedStore of a broker that is alone.
type localStore struct{}

func (localStore) obtain(_ context.Context, by *opener, _ *session) (*session, error) {
	return by.open()
}

func (localStore) replaces(context.Context, *session, *tableau.Grant) bool       { return true }
func (localStore) mustSignOut(context.Context, *session) bool                    { return true }
func (localStore) shareUse(context.Context, []*session)                          {}
func (localStore) remove(*session)                                               {}
func (localStore) forget(context.Context, string, string, string, []owner) error { return nil }
func (localStore) logouts(context.Context, string, string) (marks []string, ok bool) {
	return nil, false
}

func (localStore) luid(context.Context, string, person) (l tableau.LUID, left time.Duration, known bool) {
	return "", 0, false
}
func (localStore) keepLUID(context.Context, string, person, tableau.LUID, time.Duration) {}
func (localStore) dropLUID(context.Context, string, person)                              {}
func (localStore) count(context.Context, string, int64, time.Duration) (int64, error) {
	return 0, errNoStore
}
func (localStore) freshFor(idle time.Duration) time.Duration { return idle }
func (localStore) close()                                    {}
