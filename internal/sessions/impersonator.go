package sessions

import (
	"context"
	"errors"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/ttlcache"
)

const (
	// refusalAge is how long somebody who cannot be signed in is not tried again, and refusals how
	// many people that is kept for.
	refusalAge = 30 * time.Second
	refusals   = 10_000
	// roleTrustedFor is how long a site role is cached for sign-ins, and roleLife how long a
	// session of a cached role is used before it is renewed: its user may have become a server
	// administrator.
	roleTrustedFor = time.Hour
	roleLife       = 8 * time.Hour
	// maxRenewals is how often one sign-in begins again because Tableau ended a session under it.
	maxRenewals = 3
)

// seen is the LUID of a name, and when the user's site role was last read, Unix nanoseconds; zero
// for never.
type seen struct {
	luid tableau.LUID
	role int64
}

var errNoRole = errors.New("the session does not tell the user's site role")

// impersonator signs people in with an administrator's credentials: one finds the LUID of a name,
// one opens the session. They may be the same.
type impersonator struct {
	signerDeps
	lookUpCredential *credential
	pool             *pool
	service          *service
	luids            *ttlcache.Cache[person, seen]
	refusals         *ttlcache.Cache[person, *Error]
}

func newImpersonator(p signerDeps, finds *credential, acts ...*credential) *impersonator {
	return &impersonator{
		signerDeps: p, lookUpCredential: finds, pool: &pool{members: acts, overlap: acts[0].allSites.overlap(), queueHead: p.queueHead(acts)},
		service: &service{
			client: p.client, credential: finds, base: p.base, carry: p.carry, timeout: p.timeout, renewAfter: p.renewAfter, now: p.now, discard: p.discard,
			signOuts: p.signOuts,
		},
		luids:    ttlcache.New[person, seen](p.luidLife, p.luids, p.now),
		refusals: ttlcache.New[person, *Error](refusalAge, refusals, p.now),
	}
}

// signIn finds the user and opens a session as that user. A refusal is remembered against the
// person for a while.
func (m *impersonator) signIn(ctx context.Context, who person, _ attributes) (opened, error) {
	if refusal, ok := m.refusals.Get(who); ok {
		return opened{}, refusal
	}
	got, err := m.open(ctx, who)
	if err == nil {
		return got, nil
	}
	e := trouble("sign-in", m.contentURL, err)
	if errors.Is(e, ErrUserUnknown) || errors.Is(e, ErrServerAdministrator) {
		m.luids.Delete(who)
		m.shared.dropLUID(ctx, m.contentURL, who)
		m.refusals.Put(who, e)
	}
	return opened{}, e
}

// open looks a second time when the LUID that was known is gone: the user may have been deleted and
// made again.
func (m *impersonator) open(ctx context.Context, who person) (opened, error) {
	u, left := m.luids.GetTTL(who)
	known := left > 0
	if known {
		m.shared.keepLUID(ctx, m.contentURL, who, u.luid, left) // the store may have lost it
	} else if u.luid, left, known = m.shared.luid(ctx, m.contentURL, who); known {
		m.luids.PutFor(who, u, left)
	}
	for {
		if !known {
			luid, err := m.lookUp(ctx, who.name)
			if err != nil {
				return opened{}, err
			}
			u = seen{luid, m.now().UnixNano()}
			m.luids.Put(who, u)
			m.shared.dropLUID(ctx, m.contentURL, who) // an old one, which Tableau does not know any more
			m.shared.keepLUID(ctx, m.contentURL, who, luid, m.luidLife)
		}
		got, err := m.impersonate(ctx, who, u)
		switch {
		case errors.Is(err, errNoRole): // then the list of users has it
		case !tableau.IsKind(err, tableau.Missing): // 404002
			return got, err
		case !known:
			return opened{}, errUser(who.name, m.contentURL, "Tableau listed the user and then did not know the LUID")
		}
		known = false
	}
}

// checkRole looks at the site role of a session that was just opened, where it was not read for a
// while: it costs a call, and no look-up.
func (m *impersonator) checkRole(ctx context.Context, g *tableau.Grant, who person, u seen) error {
	now := m.now().UnixNano()
	if m.admins || now-u.role < int64(roleTrustedFor) {
		return nil
	}
	current, err := m.client.Session(ctx, singleSession{&session{owner: owner{site: m.contentURL}, grant: *g}}).Current(ctx)
	switch {
	case err != nil || current.User == nil || current.User.SiteRole == "":
		return errNoRole
	case roleClassOf(current.User.SiteRole) == administrator:
		return errAdministrator(who.name, m.contentURL, string(current.User.SiteRole))
	}
	m.luids.Change(who, seen{u.luid, now})
	return nil
}

// lookUp asks for the LUID of a name with the service session. It is all that an administrator's
// session is used for.
func (m *impersonator) lookUp(ctx context.Context, name string) (tableau.LUID, error) {
	if why := invalidName(name); why != "" {
		return "", errInvalidName(name, m.contentURL, why)
	}
	if err := m.lookUpCredential.paused(); err != nil {
		return "", err
	}
	leave, err := m.lookUpCredential.allSites.lock.enter(ctx, "look up on "+m.contentURL)
	if err != nil {
		return "", m.pool.waitError(m.contentURL, err)
	}
	defer leave()
	wanted := parseUserName(name)
	account, why, err := find(wanted, withoutGrammar(wanted, func(op, name string) ([]tableau.Account, error) {
		return m.asAdministrator(ctx, func(g *tableau.Grant) ([]tableau.Account, error) {
			return m.client.Accounts(ctx, g, op, name)
		})
	}, func(keep func(tableau.Account) bool) ([]tableau.Account, error) {
		return m.asAdministrator(ctx, func(g *tableau.Grant) ([]tableau.Account, error) {
			return m.client.AccountsLike(ctx, g, keep)
		})
	}))
	if ready, _, _ := m.lookUpCredential.allSites.token.state(); err != nil && ready == tokenInUse {
		return "", m.pool.waitError(m.contentURL, err) // one token for all, and its session stayed in use
	}
	if err != nil {
		return "", unlistable(name, m.contentURL, err)
	}
	return admit(account, why, name, m.contentURL, m.admins)
}

// asAdministrator asks for accounts with the service session, which is renewed up to maxRenewals
// times if Tableau ends it.
func (m *impersonator) asAdministrator(
	ctx context.Context, ask func(*tableau.Grant) ([]tableau.Account, error),
) (accounts []tableau.Account, err error) {
	for renewals := 0; ; renewals++ {
		g, err := m.service.get(ctx)
		if err != nil {
			return nil, err
		}
		if accounts, err = ask(g); !endedSession(err) {
			return accounts, m.lookUpError(ctx, err)
		}
		m.service.drop(g)
		if renewals == maxRenewals {
			return nil, trouble(m.lookUpCredential.label, m.contentURL, err)
		}
	}
}

// endedSession reports whether a read failed because its session has ended.
func endedSession(err error) bool {
	return tableau.IsKind(err, tableau.SignedOut) || tableau.IsKind(err, tableau.LoginRefused)
}

func (m *impersonator) lookUpError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tableau.ErrTooManyUsers):
		return err
	case tableau.IsKind(err, tableau.Refused):
		return m.lookUpCredential.refused(ctx, err)
	default:
		return trouble(m.lookUpCredential.label, m.contentURL, err)
	}
}

// impersonate opens a session as a user, with whichever credential is next. One that is refused
// leaves the user to the others.
func (m *impersonator) impersonate(ctx context.Context, who person, u seen) (got opened, err error) {
	for i := 0; ; i++ {
		c, err := m.pool.claim(ctx)
		if err != nil {
			return got, m.pool.waitError(m.contentURL, err)
		}
		got, err = m.impersonateWith(ctx, c, who, u)
		if !errors.Is(err, ErrSignIn) || i == len(m.pool.members)-1 {
			return got, err
		}
		if _, asleep := m.pool.available(); asleep != nil {
			return got, err
		}
	}
}

// impersonateWith opens a session as a user with one credential, which is free again then.
func (m *impersonator) impersonateWith(ctx context.Context, c *claim, who person, u seen) (opened, error) {
	defer c.leave()
	look := probeAround(ctx, m.client, c.watched, m.signOuts)
	g, err := c.try(ctx, func(with tableau.Credentials) (*tableau.Grant, error) {
		return m.client.SignIn(ctx, with, m.contentURL, u.luid)
	}, func(with tableau.Credentials, refusal error) error {
		return m.blame(ctx, c.credential, with, who.name, refusal)
	})
	if live, known := look(err == nil); known && !live && m.pool.observe(ctx, false, m.now()) == overlapUnknown {
		g = m.signInAgain(ctx, c, g, u.luid)
	} else if known && live {
		m.pool.observe(ctx, true, m.now())
	}
	if err != nil {
		return opened{}, err
	}
	c.succeeded()
	if err := m.checkRole(ctx, g, who, u); err != nil {
		m.discard(g)
		return opened{}, err
	}
	got := opened{grant: g, tokenSession: c.allSites.token.sessionOpened()}
	if !m.admins {
		got.life = roleLife
	}
	return got, nil
}

// signInAgain signs the same user in a second time, to see whether that ends the first session too,
// and gives the one that lives. Nobody has used the first one yet.
func (m *impersonator) signInAgain(ctx context.Context, c *claim, first *tableau.Grant, as tableau.LUID) *tableau.Grant {
	c.allSites.token.signInBegins()
	second, err := m.client.SignIn(ctx, c.take(), m.contentURL, as)
	if err != nil {
		return first
	}
	live, known := isAlive(ctx, m.client, &session{owner: owner{site: m.contentURL}, grant: *first})
	if known {
		m.pool.observe(ctx, live, m.now())
	}
	if !live {
		first, second = second, first
	}
	m.discard(second)
	return first
}

// blame finds out whom a refused impersonation is held against: the person, unless the credential
// is refused alone too, or may not impersonate.
func (m *impersonator) blame(ctx context.Context, c *credential, with tableau.Credentials, name string, refusal error) error {
	if tableau.IsKind(refusal, tableau.Refused) {
		return c.refused(ctx, refusal)
	}
	c.allSites.token.signInBegins()
	g, err := m.client.SignIn(ctx, with, m.contentURL, "")
	switch {
	case refusedBy(err):
		return c.refused(ctx, err)
	case err != nil:
		return trouble(c.label, m.contentURL, err)
	}
	c.succeeded()
	m.discard(g)
	m.log.WarnContext(ctx, "Tableau refuses to sign a user in, though the credentials work: if it refuses everybody, "+
		"impersonation is switched off for this sign-in method", "user", name, "site", m.contentURL, "credentials", c.label)
	return errUser(name, m.contentURL, "Tableau refuses to sign this user in: "+refusal.Error())
}

// writeBack gives the other replicas the LUID of a name again, which the store may have lost.
func (m *impersonator) writeBack(ctx context.Context, who person) {
	if u, left := m.luids.GetTTL(who); left > 0 {
		m.shared.keepLUID(ctx, m.contentURL, who, u.luid, left)
	}
}

// attributes returns nothing: an impersonated session has what the user has.
func (m *impersonator) attributes(*auth.Identity) attributes { return "" }

// perReplica is so where a token may hold one session at a time.
func (m *impersonator) perReplica(died bool) bool { return m.pool.overlap.perReplica(died) }

// close gives the service session away to be signed out.
func (m *impersonator) close() { m.service.replace(nil, time.Time{}) }
