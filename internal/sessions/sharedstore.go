package sessions

import (
	"context"
	"time"

	"vitrine/internal/tableau"
)

// sharedStore is where replicas lay sessions down for one another. A broker that is alone has [localStore]; the code is the same.
type sharedStore interface {
	// obtain gives a session of the owner: one that another replica has made, or the one that make makes, once for all replicas. It is
	// held for the caller. before is the session that was known until now, dead perhaps, or nil; it is given again, if it lives. perReplica says
	// whether each replica is to have a session of its own; it may come to say so meanwhile.
	obtain(ctx context.Context, o owner, before *session, perReplica func(died bool) bool, make func() (*session, error)) (*session, error)
	// follows says that a session may be given to somebody who has just found another one of the owner dead.
	replaces(ctx context.Context, s *session, dead *tableau.Grant) bool
	// leave says whether a session that nobody here uses any more is to be signed out.
	mustSignOut(ctx context.Context, s *session) bool
	// used tells the others when these sessions were last used.
	shareUse(ctx context.Context, all []*session)
	// withdraw takes a session out, so that nobody else comes to have it.
	remove(s *session)
	// forget has every replica end the sessions of a person. Those of these owners are ended too if they lie there and no replica has them.
	// The mark tells this logout from others.
	forget(ctx context.Context, issuer, subject, mark string, owners []owner) error
	// logouts are the marks of a person's logouts; ok is false where the replicas share none, or cannot be asked.
	logouts(ctx context.Context, issuer, subject string) (marks []string, ok bool)
	// luid, keepLUID and dropLUID share what LUID a name has on a site, and for how long that holds. keepLUID replaces nothing.
	luid(ctx context.Context, site string, who person) (l tableau.LUID, left time.Duration, known bool)
	keepLUID(ctx context.Context, site string, who person, luid tableau.LUID, left time.Duration)
	dropLUID(ctx context.Context, site string, who person)
	// trusted is how long a session may lie unused before the others are asked whether it still holds.
	freshFor(idle time.Duration) time.Duration
	close()
}

// localStore is that of a broker that is alone.
type localStore struct{}

func (localStore) obtain(_ context.Context, _ owner, _ *session, _ func(bool) bool, make func() (*session, error)) (*session, error) {
	return make()
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
func (localStore) freshFor(idle time.Duration) time.Duration                             { return idle }
func (localStore) close()                                                                {}
