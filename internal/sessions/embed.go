package sessions

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
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
	// DangerouslyForSiteAdministrators gives tokens to site administrators. Server administrators never
	// get one.
	DangerouslyForSiteAdministrators bool
}

// String names the app and its secret.
func (a EmbedApp) String() string {
	return fmt.Sprintf("connected app for embedding %q, secret %q", a.ClientID, a.SecretID)
}

// GoString is String.
func (a EmbedApp) GoString() string { return a.String() }

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

// embedRoles are the site roles that get embed tokens: not those that administer, since a token that
// leaks would administer too, and none that this version does not know.
var embedRoles = []tableau.SiteRole{
	"Creator", "ExplorerCanPublish", "Explorer", "Viewer", "ViewerWithPublish", "Publisher", "Interactor", "ReadOnly",
}

// siteAdministrators are the site roles of DangerouslyForSiteAdministrators.
var siteAdministrators = []tableau.SiteRole{"SiteAdministratorCreator", "SiteAdministratorExplorer", "SiteAdministrator"}

func (a EmbedApp) serves(role tableau.SiteRole) bool {
	return slices.Contains(embedRoles, role) || a.DangerouslyForSiteAdministrators && slices.Contains(siteAdministrators, role)
}

func errEmbedApp(site string) *Error {
	return &Error{
		is: ErrEmbedUnsupported, public: "Embedding is not set up for this site. Ask your administrator.",
		err: fmt.Errorf("site %q has no connected app for embedding", site),
	}
}

func errEmbedRole(site string, role tableau.SiteRole) *Error {
	public := "Administrators get no embed token. Sign in as a user who is not one."
	if !slices.Contains(siteAdministrators, role) && role != "ServerAdministrator" {
		public = "Your site role gets no embed token. Ask your administrator."
	}
	return &Error{is: ErrEmbedForbidden, public: public, err: fmt.Errorf("site %q, site role %q", site, role)}
}

// Issue signs a token for the identity's own person on a site: nobody else can be named. role is the
// site role that Tableau gave to the person's session. Issue asks Tableau nothing.
func (e *EmbedTokens) Issue(id *auth.Identity, site string, role tableau.SiteRole, scopes []string) (tableau.EmbedGrant, error) {
	if !e.Signs(site) {
		return tableau.EmbedGrant{}, errEmbedApp(site)
	}
	app := e.apps[site]
	if !app.serves(role) {
		return tableau.EmbedGrant{}, errEmbedRole(site, role)
	}
	why := invalidJWTName(id.Username)
	if id.Username == "" {
		why = "there is no name"
	}
	if why != "" {
		return tableau.EmbedGrant{}, errInvalidName(id.Username, site, why)
	}
	jti, err := newID()
	if err != nil {
		return tableau.EmbedGrant{}, err
	}
	claims, err := app.rules.attributes(id).claims()
	if err != nil {
		return tableau.EmbedGrant{}, err
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
		return tableau.EmbedGrant{}, errors.New("the claims of the embed token cannot be written as JSON")
	}
	signed, err := app.signer.Sign(payload)
	if err != nil {
		return tableau.EmbedGrant{}, fmt.Errorf("signing the embed token: %w", err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		return tableau.EmbedGrant{}, fmt.Errorf("writing the embed token: %w", err)
	}
	return tableau.EmbedGrant{Token: tableau.NewSecret(compact), ID: jti, Expires: expires}, nil
}
