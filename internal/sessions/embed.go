package sessions

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/auth"
	"vitrine/internal/tableau"
)

const (
	// embedBack is how far back an embed token is dated, since clocks differ. The end is counted from
	// now, so that no token can be redeemed for longer than it says.
	embedBack = 5 * time.Second
	// longestEmbed is how long an embed token can be redeemed at most.
	longestEmbed = 5 * time.Minute
)

// EmbedApp is a connected app with direct trust that signs tokens for the Embedding API, and signs
// in nobody.
type EmbedApp struct {
	ClientID   string
	SecretID   string
	Secret     tableau.Secret
	Lifetime   time.Duration // of a token, at most 5 minutes
	Attributes []Attribute
}

// String names the app and its secret.
func (a EmbedApp) String() string {
	return fmt.Sprintf("connected app for embedding %q, secret %q", a.ClientID, a.SecretID)
}

// GoString is String.
func (a EmbedApp) GoString() string { return a.String() }

// EmbedToken is a right to act in a browser as one person, until it is redeemed or expires.
type EmbedToken struct {
	Token   tableau.Secret
	ID      string // jti, for the log
	Expires time.Time
}

// EmbedTokens signs tokens for the Embedding API.
type EmbedTokens struct {
	apps map[string]*embedSigner // by content URL of the site
	now  func() time.Time
}

type embedSigner struct {
	EmbedApp
	signer jose.Signer
	rules  Rules
}

// NewEmbedTokens checks the apps, by content URL of the site.
func NewEmbedTokens(apps map[string]EmbedApp, now func() time.Time) (*EmbedTokens, error) {
	if now == nil {
		now = time.Now
	}
	e := &EmbedTokens{apps: map[string]*embedSigner{}, now: now}
	for site, app := range apps {
		signer, err := app.signer()
		if err != nil {
			return nil, fmt.Errorf("embed tokens of site %q: %w", site, err)
		}
		e.apps[site] = signer
	}
	return e, nil
}

func (a EmbedApp) signer() (*embedSigner, error) {
	switch {
	case a.ClientID == "" || a.SecretID == "" || a.Secret.IsZero():
		return nil, errors.New("client id, secret id and secret of a connected app are needed")
	case a.Lifetime <= 0 || a.Lifetime > longestEmbed:
		return nil, fmt.Errorf("a token can be redeemed for up to %v, not for %v", longestEmbed, a.Lifetime)
	}
	rules := Rules{Attributes: a.Attributes}
	if err := rules.check(); err != nil {
		return nil, err
	}
	signer, err := newSigner(jose.HS256, []byte(a.Secret.Reveal()), a.SecretID, map[jose.HeaderKey]any{"iss": a.ClientID})
	if err != nil {
		return nil, errors.New("the secret of the connected app is too short to sign with: give the secret's value that Tableau shows, of 32 characters or more")
	}
	return &embedSigner{EmbedApp: a, signer: signer, rules: rules}, nil
}

// Signs reports whether there is an app for a site.
func (e *EmbedTokens) Signs(site string) bool { return e != nil && e.apps[site] != nil }

// errNoEmbedApp says that a site has no app: callers ask [EmbedTokens.Signs] first.
var errNoEmbedApp = errors.New("the site has no connected app for embedding")

// Issue signs a token for the identity's own person on a site: nobody else can be named. It asks
// Tableau nothing.
func (e *EmbedTokens) Issue(id *auth.Identity, site string, scopes []string) (EmbedToken, error) {
	if !e.Signs(site) {
		return EmbedToken{}, errNoEmbedApp
	}
	app := e.apps[site]
	why := invalidJWTName(id.Username)
	if id.Username == "" {
		why = "there is no name"
	}
	if why != "" {
		return EmbedToken{}, errInvalidName(id.Username, site, why)
	}
	jti, err := newID()
	if err != nil {
		return EmbedToken{}, err
	}
	claims, err := app.rules.attributes(id).claims()
	if err != nil {
		return EmbedToken{}, err
	}
	now := e.now()
	expires := now.Add(app.Lifetime).Truncate(time.Second)
	all := make(map[string]any, len(claims)+7)
	maps.Copy(all, claims)
	maps.Copy(all, map[string]any{ // after the attributes: none of them can replace one of these
		"iss": app.ClientID, "aud": audience, "sub": id.Username, "jti": jti, "scp": scopes,
		"iat": now.Add(-embedBack).Unix(), "exp": expires.Unix(),
	})
	payload, err := json.Marshal(all)
	if err != nil {
		return EmbedToken{}, errors.New("the claims of the embed token cannot be written as JSON")
	}
	signed, err := app.signer.Sign(payload)
	if err != nil {
		return EmbedToken{}, fmt.Errorf("signing the embed token: %w", err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		return EmbedToken{}, fmt.Errorf("writing the embed token: %w", err)
	}
	return EmbedToken{Token: tableau.NewSecret(compact), ID: jti, Expires: expires}, nil
}
