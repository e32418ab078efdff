// Package auth finds out who is calling: it turns the bearer token of an
// OpenID issuer into an [Identity], or refuses the request before anything of
// it is read.
//
// A [Verifier] is made once from a [Config]. It finds each issuer's keys
// lazily, keeps them fresh in the background, and goes on with the keys it
// knows while a provider is down. What can be checked without keys is checked
// first (size, form, algorithm, kind, issuer, audience, times), so that an
// invented token costs neither arithmetic nor a request to the provider.
//
// Three delays are built in and worth knowing:
//
//   - a verified token is remembered for up to 30 seconds, and never past its
//     expiry, so a key that is withdrawn may work that much longer;
//   - the keys are fetched again every few minutes: a key taken out of the set
//     stops being trusted within 5 minutes while the provider answers, and
//     within 24 hours if it does not;
//   - tokens with unknown key ids cause at most one fetch in 10 seconds per
//     issuer. The first one after a quiet time fetches at once, so a rotation
//     is seen in the request that needs it.
package auth

import (
	"context"
	"slices"
	"time"
)

// Identity is who is calling, as a verified token says. The middleware puts one
// into the context of each request that it lets through.
type Identity struct {
	// Issuer is the issuer's URL, exactly as in the settings.
	Issuer string
	// Subject is the issuer's own name for the person: unique there, never used again.
	Subject string
	// Username is the Tableau user name by the issuer's rule, perhaps DOMAIN\name.
	// It is a wish, not a proof that Tableau knows the person.
	Username string
	// Groups are sorted and without duplicates.
	Groups []string
	// Scopes are those of the token (scope, and scp of some providers), sorted and without
	// duplicates. Do not change them.
	Scopes []string
	// Client is the client that the token was issued to; empty if the token does not say it.
	Client string
	// Claims are the texts of those further claims that the settings name; a claim that the token
	// lacks is not here. Do not change them: what is remembered of a token shares them.
	Claims map[string][]string
	// SessionID is the session at the provider (sid); empty if the token does not say it.
	SessionID string
	// IssuedAt is the zero time if the token does not say it.
	IssuedAt time.Time
	// Expires is when the token ends, without leeway.
	Expires time.Time
}

// clone gives each request a copy of its own of a remembered identity.
func (id *Identity) clone() *Identity {
	c := *id
	c.Groups = slices.Clone(id.Groups)
	return &c
}

type callerKey struct{}

// caller is who a request comes from.
type caller struct {
	id   *Identity
	memo *Memo
}

// NewContext returns a context that carries id.
func NewContext(ctx context.Context, id *Identity) context.Context {
	return context.WithValue(ctx, callerKey{}, &caller{id: id})
}

// FromContext returns the identity that [NewContext] put there, if any.
func FromContext(ctx context.Context) (*Identity, bool) {
	c, ok := ctx.Value(callerKey{}).(*caller)
	if !ok || c.id == nil {
		return nil, false
	}
	return c.id, true
}
