package sessions

import (
	"context"
	"errors"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableau"
)

const (
	// luidAge is how long the LUID of a name is believed: longer than sessions live, so that a renewal needs no look-up.
	luidAge = 24 * time.Hour
	// refusalAge is how long somebody who cannot be signed in is not tried again, and refusals how many people that is kept for.
	refusalAge = 30 * time.Second
	refusals   = 10_000
)

// impersonator signs people in with an administrator's credentials: one finds the LUID of a name, one opens the session. They
// may be the same.
type impersonator struct {
	place
	finds    *credential
	acts     *credential
	service  *service
	luids    *recall[person, tableau.LUID]
	refusals *recall[person, *Error]
}

func newImpersonator(p place, finds, acts *credential) *impersonator {
	return &impersonator{
		place: p, finds: finds, acts: acts,
		service: &service{
			client: p.client, credential: finds, base: p.base, timeout: p.timeout, renewAfter: p.renewAfter, now: p.now, discard: p.discard,
		},
		luids:    newRecall[person, tableau.LUID](luidAge, p.luids, p.now),
		refusals: newRecall[person, *Error](refusalAge, refusals, p.now),
	}
}

// signIn finds the user and opens a session as that user. A refusal is remembered against the person for a while.
func (m *impersonator) signIn(ctx context.Context, who person, _ traits) (opened, error) {
	if refusal, ok := m.refusals.get(who); ok {
		return opened{}, refusal
	}
	got, err := m.open(ctx, who)
	if err == nil {
		return got, nil
	}
	e := trouble(m.acts.label, m.contentURL, err)
	if errors.Is(e, ErrUserUnknown) || errors.Is(e, ErrServerAdministrator) {
		m.luids.forget(who)
		m.shelf.dropLUID(ctx, m.contentURL, who)
		m.refusals.put(who, e)
	}
	return opened{}, e
}

// open looks a second time when the LUID that was known is gone: the user may have been deleted and made again.
func (m *impersonator) open(ctx context.Context, who person) (opened, error) {
	luid, known := m.luids.get(who)
	if !known {
		if luid, known = m.shelf.luid(ctx, m.contentURL, who); known {
			m.luids.put(who, luid)
		}
	}
	for {
		if !known {
			var err error
			if luid, err = m.lookUp(ctx, who.name); err != nil {
				return opened{}, err
			}
			m.luids.put(who, luid)
			m.shelf.keepLUID(ctx, m.contentURL, who, luid)
		}
		got, err := m.impersonate(ctx, who.name, luid)
		if !tableau.IsKind(err, tableau.Missing) { // 404002
			return got, err
		}
		if !known {
			return opened{}, errUser(who.name, m.contentURL, "Tableau listed the user and then did not know the LUID")
		}
		known = false
	}
}

// lookUp asks for the LUID of a name with the service session. It is all that an administrator's session is used for.
func (m *impersonator) lookUp(ctx context.Context, name string) (tableau.LUID, error) {
	if why := unaskable(name); why != "" {
		return "", errUser(name, m.contentURL, why)
	}
	if err := m.finds.resting(); err != nil {
		return "", err
	}
	leave, err := m.finds.all.lane.enter(ctx, "look up on "+m.contentURL)
	if err != nil {
		return "", err
	}
	defer leave()
	account, why, err := find(parseUserName(name), func(op, name string) ([]tableau.Account, error) {
		return m.accounts(ctx, op, name)
	})
	if err != nil {
		return "", err
	}
	if why != "" {
		return "", errUser(name, m.contentURL, why)
	}
	switch standingOf(account.SiteRole) {
	case unlicensed:
		return "", errUser(name, m.contentURL, "the site role is "+string(account.SiteRole))
	case administrator:
		if !m.admins {
			return "", errAdministrator(name, m.contentURL, string(account.SiteRole))
		}
	}
	return account.LUID, nil
}

// accounts renews the service session once if Tableau has ended it.
func (m *impersonator) accounts(ctx context.Context, op, name string) ([]tableau.Account, error) {
	g, err := m.service.get(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := m.client.Accounts(ctx, g, op, name)
	if tableau.IsKind(err, tableau.SignedOut) {
		m.service.drop(g)
		if g, err = m.service.get(ctx); err != nil {
			return nil, err
		}
		accounts, err = m.client.Accounts(ctx, g, op, name)
	}
	switch {
	case err == nil:
		return accounts, nil
	case tableau.IsKind(err, tableau.Refused):
		return nil, m.finds.bad(ctx, err)
	default:
		return nil, trouble(m.finds.label, m.contentURL, err)
	}
}

// impersonate opens a session as a user, when it is this sign-in's turn.
func (m *impersonator) impersonate(ctx context.Context, name string, as tableau.LUID) (opened, error) {
	turns := m.acts.all.turns
	leave, err := turns.enter(ctx, m.acts.all.lane)
	if err != nil {
		return opened{}, err
	}
	defer leave()
	if err := turns.vacate(ctx); err != nil {
		return opened{}, err
	}
	look := turns.watch(ctx, m.client, m.now)
	g, err := m.acts.try(ctx, func(with tableau.Credentials) (*tableau.Grant, error) {
		return m.client.SignIn(ctx, with, m.contentURL, as)
	}, func(with tableau.Credentials, refusal error) error { return m.judge(ctx, with, name, refusal) })
	look(err == nil)
	if err != nil {
		return opened{}, err
	}
	m.acts.good()
	return opened{g, turns.opened()}, nil
}

// judge finds out whom a refused impersonation is held against: the person, unless the credential is refused alone too, or may
// not impersonate.
func (m *impersonator) judge(ctx context.Context, with tableau.Credentials, name string, refusal error) error {
	if tableau.IsKind(refusal, tableau.Refused) {
		return m.acts.bad(ctx, refusal)
	}
	g, err := m.client.SignIn(ctx, with, m.contentURL, "")
	switch {
	case refusedBy(err):
		return m.acts.bad(ctx, err)
	case err != nil:
		return trouble(m.acts.label, m.contentURL, err)
	}
	m.acts.good()
	m.discard(g)
	m.log.WarnContext(ctx, "Tableau refuses to sign a user in, though the credentials work: if it refuses everybody, "+
		"impersonation is switched off for this sign-in method", "user", name, "site", m.contentURL, "credentials", m.acts.label)
	return errUser(name, m.contentURL, "Tableau refuses to sign this user in: "+refusal.Error())
}

// traits are none: an impersonated session has what the user has.
func (m *impersonator) traits(*auth.Identity) traits { return "" }

// close gives the service session away to be signed out.
func (m *impersonator) close() { m.service.replace(nil, time.Time{}) }
