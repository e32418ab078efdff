package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// Embed is the connected app that signs tokens for the Embedding API. It is never
// the app of a sign-in: what leaves the server must not open the REST API.
type Embed struct {
	// ClientID, SecretID and Secret are the app's.
	// Keys: clientID, secretID, secretFile, secretEnv.
	ClientID, SecretID string
	Secret             Secret
	// TokenLifetime is how long a token can be redeemed, 30 seconds to 5 minutes.
	// Key: tokenLifetime. Default: 5m.
	TokenLifetime time.Duration
	// Attributes are user attributes that tokens carry. Key: attributes.
	Attributes []Attribute
	// DangerouslyForSiteAdministrators gives tokens to site administrators. Server
	// administrators never get one. Key: dangerouslyForSiteAdministrators.
	DangerouslyForSiteAdministrators bool
}

// EmbedFor returns the app that signs embed tokens on a site: its own, else t's;
// nil for none.
func (t *Tableau) EmbedFor(s Site) *Embed {
	if s.Embed != nil {
		return s.Embed
	}
	return t.Embed
}

// EmbedScopes are the scopes that an embed token can have. The first is that of
// roles that name none. There is no scope for editing: what is edited is saved.
var EmbedScopes = []string{"tableau:views:embed", "tableau:insights:embed"}

// areaEmbed is the area of embed tokens.
const areaEmbed = "EMBED"

// secretBytes is the least length of a secret that signs with HS256 (RFC 7518, 3.2).
const secretBytes = 32

const (
	longestEmbedToken  = 5 * time.Minute
	shortestEmbedToken = 30 * time.Second
)

func (r *reader) embed(o *object, key string) *Embed {
	e := o.object(key)
	if e == nil {
		return nil
	}
	into := &Embed{TokenLifetime: longestEmbedToken}
	e.text("clientID", &into.ClientID)
	e.text("secretID", &into.SecretID)
	r.secret(e, "secret", &into.Secret)
	e.duration("tokenLifetime", &into.TokenLifetime)
	into.Attributes = each(e, "attributes", Attribute{}, r.attribute)
	e.flag("dangerouslyForSiteAdministrators", &into.DangerouslyForSiteAdministrators)
	e.done()
	return into
}

// embeds checks the apps of embed tokens.
func (v *checker) embeds(t *Tableau) {
	if t.Embed != nil {
		v.embed("tableau.embed", t.Embed)
	}
	for i, site := range t.Sites {
		path := fmt.Sprintf("tableau.sites[%d].embed", i)
		if site.Embed != nil {
			v.embed(path, site.Embed)
		} else {
			path = "tableau.embed"
		}
		if app := t.EmbedFor(site); app != nil {
			v.ownApp(path, app, t)
		}
	}
}

func (v *checker) embed(path string, e *Embed) {
	v.required(path+".clientID", e.ClientID, "give the client id of a connected app with direct trust that is for embedding alone")
	v.required(path+".secretID", e.SecretID, "give the id of the app's secret")
	if v.required(path+".secretFile", string(e.Secret), "name a file that holds the secret's value, or a variable as secretEnv") && len(e.Secret) < secretBytes {
		v.problem(path+".secretFile", "", fmt.Sprintf("holds a secret of fewer than %d characters", secretBytes), "give the secret's value as Tableau shows it")
	}
	within(v, path+".tokenLifetime", e.TokenLifetime, shortestEmbedToken, longestEmbedToken)
	v.attributes(path, &SignIn{Attributes: e.Attributes})
}

// ownApp notes an app that some sign-in uses.
func (v *checker) ownApp(path string, e *Embed, t *Tableau) {
	for _, site := range t.Sites {
		in := t.SignInFor(site)
		switch {
		case e.ClientID != "" && in.ClientID == e.ClientID:
			v.once(path+".clientID", e.ClientID, "is the connected app of a sign-in, whose tokens open the REST API", "make a connected app for embedding alone")
		case e.Secret != "" && in.Secret == e.Secret:
			v.once(path+".secretFile", "", "holds the secret of a sign-in", "give the secret of the connected app for embedding")
		}
	}
}

// once notes a problem unless it is known.
func (v *checker) once(path, value, reason, fix string) {
	if !slices.ContainsFunc(v.problems, func(p Problem) bool { return p.Path == path && p.Reason == reason }) {
		v.problem(path, value, reason, fix)
	}
}

// embedRole checks what a role says of embed tokens.
func (v *checker) embedRole(path string, role *Role, t *Tableau) {
	for i, scope := range role.EmbedScopes {
		at := fmt.Sprintf("%s.embedScopes[%d]", path, i)
		switch {
		case strings.HasSuffix(scope, ":embed_authoring"):
			v.problem(at, scope, "lets people change content, which this server never does", "take it out")
		case !slices.Contains(EmbedScopes, scope):
			v.problem(at, scope, "is not a scope of embed tokens", suggest.Or(scope, EmbedScopes, "use "+strings.Join(EmbedScopes, " or ")))
		}
	}
	v.unique(path+".embedScopes", role.EmbedScopes)
	hasApp := slices.ContainsFunc(t.Sites, func(s Site) bool { return t.EmbedFor(s) != nil })
	if i := slices.Index(role.Allow, areaEmbed); i >= 0 && !hasApp {
		v.problem(fmt.Sprintf("%s.allow[%d]", path, i), areaEmbed, "needs a connected app that signs embed tokens", "set tableau.embed, or take it out")
	}
}

// embedSettings are the keys of an app that signs embed tokens.
func embedSettings(at string) []Setting {
	settings := []Setting{
		{Key: "clientID", Type: TypeText, Absent: "required in `embed`", Text: "Client ID of a connected app with direct trust that signs tokens for the Embedding API. It is an app of its own, never that of a sign-in. See [Embed tokens](embed-tokens.md)."},
		{Key: "secretID", Type: TypeText, Absent: "required in `embed`", Text: "ID of the app's secret."},
		{Key: "secretFile", Type: TypeFile, Absent: "required in `embed`", Text: "File with the value of the app's secret, 32 characters or more."},
		{Key: "secretEnv", Type: TypeVariable, Absent: optional, Text: "Environment variable with the value of the app's secret, instead of `secretFile`."},
		{Key: "tokenLifetime", Type: TypeDuration, Default: "5m", Bounds: "30s to 5m", Text: "How long a browser can redeem a token. The session that it opens in the browser lasts as long as Tableau lets it."},
		{Key: "attributes[].claim", Type: TypeText, Absent: "required in an item", Text: "Claim of the access token that becomes a user attribute of embed tokens. A user without the claim does not have the attribute."},
		{Key: "attributes[].name", Type: TypeText, Absent: "the claim's name", Text: "Name of the user attribute in Tableau."},
		{Key: "dangerouslyForSiteAdministrators", Type: TypeFlag, Default: "false", Text: "Give embed tokens to site administrators too. Server administrators never get one."},
	}
	for i := range settings {
		settings[i].Key = at + "." + settings[i].Key
	}
	return settings
}
