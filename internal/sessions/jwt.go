package sessions

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/ttlcache"
)

const (
	// jwtBack is how far back a JWT is dated, and jwtLife for how long it is good from then on:
	// clocks may differ by some seconds one way and some minutes the other. Tableau refuses more
	// than ten minutes.
	jwtBack = 5 * time.Second
	jwtLife = 6 * time.Minute
)

// minter makes the JWT of one kind of app. Each one is good for one sign-in.
type minter struct {
	signer jose.Signer
	claims map[string]any // that all its JWTs have
	user   string         // name of the claim that holds the user name
	uat    bool
	digest [32]byte // of what signs
	now    func() time.Time
}

// mint signs a JWT for a user: exactly this name, letter by letter. extra adds claims and never
// replaces one.
func (m *minter) mint(name string, scopes []string, extra map[string]any) (tableau.Credentials, error) {
	id, err := newID()
	if err != nil {
		return tableau.Credentials{}, err
	}
	claims := make(map[string]any, len(extra)+len(m.claims)+6)
	for _, part := range []map[string]any{extra, m.claims} {
		for name, value := range part {
			claims[name] = value
		}
	}
	from := m.now().Add(-jwtBack)
	claims[m.user], claims["jti"], claims["scp"] = name, id, scopes
	claims["iat"], claims["nbf"], claims["exp"] = from.Unix(), from.Unix(), from.Add(jwtLife).Unix()
	payload, err := json.Marshal(claims)
	if err != nil {
		return tableau.Credentials{}, errors.New("the claims of the JWT cannot be written as JSON")
	}
	signed, err := m.signer.Sign(payload)
	if err != nil {
		return tableau.Credentials{}, fmt.Errorf("signing the JWT: %w", err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		return tableau.Credentials{}, fmt.Errorf("writing the JWT: %w", err)
	}
	return tableau.Credentials{JWT: tableau.NewSecret(compact), IsUAT: m.uat}, nil
}

// newSigner makes what signs JWTs, and tries it: a key that does not fit is an error at the start.
// kid names the key that Tableau checks them with.
func newSigner(algorithm jose.SignatureAlgorithm, key any, kid string, header map[jose.HeaderKey]any) (jose.Signer, error) {
	options := (&jose.SignerOptions{}).WithType("JWT")
	if kid != "" {
		options.WithHeader("kid", kid)
	}
	for name, value := range header {
		options.WithHeader(name, value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err == nil {
		_, err = signer.Sign([]byte("{}"))
	}
	return signer, err
}

// newID is a random UUID, version 4 (RFC 9562, 5.4): the jti that Tableau wants to see once.
func newID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// jwtSigner signs people in on one site, each with a JWT of their own. There is no service session
// and no look-up: Tableau finds the user by the name in the JWT.
type jwtSigner struct {
	signerDeps
	key      atomic.Pointer[jwtKey]
	rules    Rules
	refusals *ttlcache.Cache[refusalKey, *Error]
	streak   *refusalStreak
}

// refusalKey is a person with what the identity brings along: other groups may open what was
// refused.
type refusalKey struct {
	person
	attributes
}

func newJWTSigner(p signerDeps, label string, m *minter, rules Rules) *jwtSigner {
	m.now = p.now
	made := &jwtSigner{
		signerDeps: p, rules: rules,
		refusals: ttlcache.New[refusalKey, *Error](refusalAge, refusals, p.now),
		streak:   &refusalStreak{},
	}
	made.key.Store(&jwtKey{m, p.app(label)})
	return made
}

// signIn opens a session of the user with the person's name. A refusal is remembered against the
// person for a while.
func (m *jwtSigner) signIn(ctx context.Context, who person, extra attributes) (opened, error) {
	if refusal, ok := m.refusals.Get(refusalKey{who, extra}); ok {
		return opened{}, refusal
	}
	if why := invalidJWTName(who.name); why != "" {
		return opened{}, errInvalidName(who.name, m.contentURL, why)
	}
	key := m.key.Load()
	g, err := key.app.try(ctx, func(tableau.Credentials) (*tableau.Grant, error) {
		return m.ask(ctx, key, who.name, extra)
	}, func(_ tableau.Credentials, refusal error) error { return m.blame(ctx, key, who, refusal) })
	if err == nil {
		key.app.succeeded()
		m.streak.end()
		return opened{grant: g}, nil
	}
	if tableau.IsKind(err, tableau.BadRequest) { // Tableau does not know the method: nobody can be signed in with it
		err = key.app.refused(ctx, err)
	}
	e := trouble(key.app.label, m.contentURL, err)
	if errors.Is(e, ErrUserUnknown) {
		m.refusals.Put(refusalKey{who, extra}, e)
	}
	return opened{}, e
}

// ask signs in once, with a JWT that is used for nothing else.
func (m *jwtSigner) ask(ctx context.Context, key *jwtKey, name string, extra attributes) (*tableau.Grant, error) {
	version, err := m.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	if least := key.least(); !tableau.AtLeast(version, least) {
		return nil, errCredential(key.app.label, m.contentURL, 0,
			fmt.Errorf("this server's REST API is %s, and the sign-in method needs %s", version, least))
	}
	claims, err := extra.claims()
	if err != nil {
		return nil, errCredential(key.app.label, m.contentURL, 0, err)
	}
	with, err := key.mint(name, ScopesFor(m.rules.Scopes, version), claims)
	if err != nil {
		return nil, errCredential(key.app.label, m.contentURL, 0, err)
	}
	return m.client.SignIn(ctx, with, m.contentURL, "")
}

// least is the REST API version that knows the sign-in: 3.16 for connected apps (on Server from
// 3.17), 3.27 for unified access tokens.
func (m *minter) least() string {
	if m.uat {
		return "3.27"
	}
	return "3.16"
}

// blame finds out whom a refused sign-in is held against: the person, unless Tableau's number says
// that it is the app, or so many different people in a row were refused that it must be. Number 5
// means that Tableau found no such name, and that the app is good: however many strangers come,
// they stop nobody.
func (m *jwtSigner) blame(ctx context.Context, key *jwtKey, who person, refusal error) error {
	number := numberOf(refusal)
	reason := fmt.Errorf("%w%s", refusal, number.meaning())
	switch {
	case tableau.IsKind(refusal, tableau.Refused), number.blamesApp():
		return key.app.refused(ctx, reason)
	case number == numberNoUser:
		key.app.succeeded()
		m.streak.end()
	case m.streak.add(who):
		return key.app.refused(ctx, fmt.Errorf("%d different people in a row were refused, the last with: %w", streakToBlameApp, reason))
	}
	m.log.WarnContext(ctx, "Tableau refuses to sign a user in with a JWT",
		"user", who.name, "site", m.contentURL, "credentials", key.app.label, "error", reason)
	return errUser(who.name, m.contentURL, "Tableau refuses to sign this user in: "+reason.Error())
}

// perReplica is never so: the sessions of an app leave one another alone.
func (m *jwtSigner) perReplica(bool) bool { return false }

// writeBack has nothing to write: nobody is looked up.
func (m *jwtSigner) writeBack(context.Context, person) {}

// close has nothing to give away.
func (m *jwtSigner) close() {}

// attributes is what the identity brings into its sessions beside the name.
func (m *jwtSigner) attributes(id *auth.Identity) attributes { return m.rules.attributes(id) }
