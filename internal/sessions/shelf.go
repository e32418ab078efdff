package sessions

import (
	"context"
	"time"

	"vitrine/internal/tableau"
)

// shelf is where replicas lay sessions down for one another. A broker that is alone has [noShelf]; the code is the same.
type shelf interface {
	// obtain gives a session of the owner: one that another replica has made, or the one that make makes, once for all replicas. It is
	// held for the caller. before is the session that was known until now, dead perhaps, or nil; it is given again, if it lives. apart says
	// whether each replica is to have a session of its own; it may come to say so meanwhile.
	obtain(ctx context.Context, o owner, before *session, apart func(died bool) bool, make func() (*session, error)) (*session, error)
	// follows says that a session may be given to somebody who has just found another one of the owner dead.
	follows(ctx context.Context, s *session, dead *tableau.Grant) bool
	// leave says whether a session that nobody here uses any more is to be signed out.
	leave(ctx context.Context, s *session) bool
	// used tells the others when these sessions were last used.
	used(ctx context.Context, all []*session)
	// withdraw takes a session out, so that nobody else comes to have it.
	withdraw(s *session)
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
	trusted(idle time.Duration) time.Duration
	close()
}

// noShelf is that of a broker that is alone.
type noShelf struct{}

func (noShelf) obtain(_ context.Context, _ owner, _ *session, _ func(bool) bool, make func() (*session, error)) (*session, error) {
	return make()
}

func (noShelf) follows(context.Context, *session, *tableau.Grant) bool            { return true }
func (noShelf) leave(context.Context, *session) bool                              { return true }
func (noShelf) used(context.Context, []*session)                                  {}
func (noShelf) withdraw(*session)                                                 {}
func (noShelf) forget(context.Context, string, string, string, []owner) error     { return nil }
func (noShelf) logouts(context.Context, string, string) (marks []string, ok bool) { return nil, false }

func (noShelf) luid(context.Context, string, person) (l tableau.LUID, left time.Duration, known bool) {
	return "", 0, false
}
func (noShelf) keepLUID(context.Context, string, person, tableau.LUID, time.Duration) {}
func (noShelf) dropLUID(context.Context, string, person)                              {}
func (noShelf) trusted(idle time.Duration) time.Duration                              { return idle }
func (noShelf) close()                                                                {}
