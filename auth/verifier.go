package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"slices"
	"time"

	"vitrine/internal/flight"
)

// Verifier checks bearer tokens. Make one with [New]; it is safe for use by many
// goroutines.
type Verifier struct {
	config  Config
	issuers map[string]*issuer
	order   []*issuer // as in the settings
	tokens  tokenShards
	calls   flight.Group[outcome] // of UserInfo, by token

	introspections flight.Group[*token] // by token
	inactive       tokenShards          // opaque tokens that are not good: apart, so that invented ones displace no others
	asking         chan struct{}        // has an item for each introspection under way

	stop context.CancelFunc
}

// issuer is one trusted issuer with its keys.
type issuer struct {
	Issuer
	provider *provider
	keyring  *keyring
	now      func() time.Time
}

// New checks the settings and reports every problem together. It asks no
// provider; keys are fetched when needed, or by [Verifier.Start].
func New(c Config) (*Verifier, error) {
	if errs := c.problems(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Realm == "" {
		c.Realm = "vitrine"
	}
	base, stop := context.WithCancel(context.Background())
	v := &Verifier{config: c, issuers: map[string]*issuer{}, stop: stop, asking: make(chan struct{}, maxIntrospections), tokens: newTokenShards(c.Now), inactive: newTokenShards(c.Now)}
	for n, i := range c.Issuers {
		p := newProvider(i, n)
		iss := &issuer{Issuer: i.withDefaults(), provider: p, now: c.Now}
		iss.keyring = &keyring{
			provider: p, now: c.Now, log: c.Logger, base: base, unknown: map[string]time.Time{},
		}
		v.issuers[i.URL] = iss
		v.order = append(v.order, iss)
	}
	return v, nil
}

// Start fetches the keys of each issuer in the background and keeps them fresh
// until ctx ends. A provider that is down refuses its own people, and delays
// [Verifier.Ready] only where no other provider answers.
// When ctx ends, so does every request to a provider.
func (v *Verifier) Start(ctx context.Context) {
	context.AfterFunc(ctx, v.stop)
	for _, i := range v.order {
		i.keyring.keepFresh(ctx)
	}
}

// ReuseKeys takes over the keys of another verifier for issuers that are reached in the same way. Call
// it before Start.
func (v *Verifier) ReuseKeys(before *Verifier) {
	for _, i := range v.order {
		if old := before.issuers[i.URL]; old != nil && old.Client == i.Client && old.DangerouslyWithoutTLS == i.DangerouslyWithoutTLS {
			i.keyring = old.keyring
		}
	}
}

// Retire stops keeping the keys fresh that the next verifier does not reuse. Requests that use this
// verifier may go on.
func (v *Verifier) Retire(next *Verifier) {
	for _, i := range v.order {
		if n := next.issuers[i.URL]; n == nil || n.keyring != i.keyring {
			i.keyring.retire()
		}
	}
}

// Ready reports whether the keys of at least one issuer have been loaded: its
// people can be served. An issuer whose provider is down is in the log.
func (v *Verifier) Ready() bool {
	return slices.ContainsFunc(v.order, func(i *issuer) bool { return i.keyring.ready() })
}

// Verify returns who a token speaks for. Its error is always an [*Error]. The
// identity belongs to the caller.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Identity, error) {
	o, err := v.verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	return o.id.clone(), nil
}

// verify returns what is remembered of a token, which has an identity where there is no error. A
// token that is remembered costs one hash.
func (v *Verifier) verify(ctx context.Context, raw string) (outcome, error) {
	if len(raw) > maxToken {
		return outcome{}, refuse("The token is longer than %d bytes.", maxToken)
	}
	d, now := digest(sha256.Sum256([]byte(raw))), v.config.Now()
	o, ok := v.tokens.of(d).Get(d)
	if !ok {
		var err error
		if o, err = v.outcomeOf(ctx, raw, d, now); err != nil {
			return outcome{}, err
		}
	}
	if o.err != nil {
		return outcome{}, o.err
	}
	if err := v.loggedOut(ctx, o.id); err != nil {
		return outcome{}, err
	}
	return o, nil
}

// outcomeOf checks a token that is not remembered.
func (v *Verifier) outcomeOf(ctx context.Context, raw string, d digest, now time.Time) (outcome, error) {
	if i := v.introspecting(); i != nil && opaque(raw) {
		return v.verifyOpaque(ctx, raw, i)
	}
	t, i, err := v.check(ctx, raw, now)
	if err != nil {
		return outcome{}, err
	}
	return v.resolve(ctx, d, i, t)
}

// check does what is cheap first, and the signature last.
func (v *Verifier) check(ctx context.Context, raw string, now time.Time) (*token, *issuer, error) {
	t, err := parseToken(raw)
	if err != nil {
		return nil, nil, err
	}
	i, ok := v.issuers[t.issuer]
	if !ok {
		return nil, nil, refuse("The token comes from an issuer that is not accepted here.")
	}
	if err := i.admit(t, now); err != nil {
		return nil, nil, err
	}
	if err := i.checkSignature(ctx, t); err != nil {
		return nil, nil, err
	}
	return t, i, nil
}

// checkSignature finds the key and has go-oidc check the signature. Where no known
// key fits, the provider may have replaced one; the token is tried again with what
// a fetch brings.
func (i *issuer) checkSignature(ctx context.Context, t *token) error {
	keys, err := i.keyring.find(ctx, t.kid, t.alg)
	if err == nil {
		err = i.signed(ctx, t, keys)
	}
	if errors.Is(err, errBadSignature) {
		if keys, err = i.keyring.recheck(ctx, t.kid, t.alg); err == nil {
			err = i.signed(ctx, t, keys)
		}
	}
	if err == nil {
		i.keyring.good(t.kid)
	}
	if errors.Is(err, errUnknownKey) || errors.Is(err, errBadSignature) {
		return refuse("The token's signature does not come from a key that the provider publishes.")
	}
	return err
}

// resolve makes an identity of a token with a good signature, and remembers it.
func (v *Verifier) resolve(ctx context.Context, d digest, i *issuer, t *token) (outcome, error) {
	at := i.keyring.userInfo()
	if !i.UserInfo || at == "" || i.Username.complete(t.claims) {
		return v.finish(d, i, t, i.identity(t, t.claims, "The token")), nil
	}
	base := i.keyring.base
	o, err := v.calls.Do(ctx, string(d[:]), func() (outcome, error) {
		// Another call may have ended between our look at the memory and this one.
		if o, ok := v.tokens.of(d).Get(d); ok {
			return o, nil
		}
		claims, err := i.userInfo(base, at, t)
		if err != nil {
			return v.finish(d, i, t, outcome{err: err}), nil
		}
		return v.finish(d, i, t, i.identity(t, claims, "The provider's UserInfo")), nil
	})
	if err != nil { // the caller's context has ended
		return outcome{}, unavailable(i.URL, keepUnavailable, err)
	}
	return o, nil
}

// finish says how long an outcome holds, and remembers it.
func (v *Verifier) finish(d digest, i *issuer, t *token, o outcome) outcome {
	now := v.config.Now()
	o.memo = &Memo{}
	keep := keepUntil(o.err, t.expires, now).Sub(now)
	if i.Introspection.Enabled() && opaque(t.raw) {
		keep = min(keep, i.Introspection.Keep)
	}
	v.tokens.of(d).PutFor(d, o, keep)
	return o
}

// identity applies the rules. The name comes from the given claims, which are
// the token's or UserInfo's; the groups from the token, unless it has none and
// the given claims do.
func (i *issuer) identity(t *token, claims map[string]any, from string) outcome {
	if err := leftOut(claims, i.Username.Claim, false); err != nil {
		return outcome{err: err}
	}
	name, err := i.Username.name(claims, from)
	if err != nil {
		return outcome{err: err}
	}
	known := append([]string{i.Username.Claim}, i.Claims...)
	groups, err := i.Groups.from(!i.GroupsUnused, known, t.claims, claims)
	if err != nil {
		return outcome{err: err}
	}
	kept, err := further(i.Claims, t.claims, claims)
	if err != nil {
		return outcome{err: err}
	}
	grant := grantRule{strict: !i.GrantUnused || len(i.RequiredScopes) > 0, names: i.scopeNames(), known: known}
	scopes, err := grant.scopes(t.claims)
	if err != nil {
		return outcome{err: err}
	}
	if err := i.admitScopes(scopes); err != nil {
		return outcome{err: err}
	}
	client, err := grant.client(t.claims)
	if err != nil {
		return outcome{err: err}
	}
	sub, _ := t.claims["sub"].(string)
	return outcome{id: &Identity{
		Issuer: i.URL, Subject: sub, Username: name, Groups: groups, Scopes: scopes, Client: client, Claims: kept,
		SessionID: t.sessionID(), IssuedAt: t.issuedAt, Expires: t.expires,
	}}
}
