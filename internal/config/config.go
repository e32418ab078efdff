package config

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"
)

// Config is all settings of the program, complete and checked. The comments name
// the key in the file; what is said to be checked holds after [Load], [Parse] or
// [Validate] returned no error.
type Config struct {
	// Listen is the address to serve on, host:port; port 0 picks a free one.
	// Key: listen. Default: 127.0.0.1:8080.
	Listen string
	// AdminListen is the address of metrics and health checks, host:port; empty for none. Nothing
	// there needs a token. Key: adminListen.
	AdminListen string
	// DangerouslyServeProfiles serves Go's profiles on AdminListen: a heap profile or a trace can
	// hold parts of tokens. Key: dangerouslyServeProfiles.
	DangerouslyServeProfiles bool
	// Metrics is what the metrics distinguish. Key: metrics.
	Metrics Metrics
	// PublicURL is the address people's browsers reach Vitrine at: scheme and
	// host, no path, no slash at the end. Key: publicURL. It may be empty where
	// Listen is a loopback address; the bound address is meant then.
	PublicURL string
	// TLS is the certificate to serve with; the zero value serves plain HTTP.
	// Key: tls.
	TLS TLS
	// Hosts are further names under which callers reach Vitrine, without ports.
	// Key: hosts.
	Hosts []string
	// TrustedProxies are the addresses that may say on whose behalf they ask.
	// Key: trustedProxies.
	TrustedProxies []netip.Prefix
	// ForwardedHeader is where they say it: X-Forwarded-For or Forwarded.
	// Key: forwardedHeader. Default: X-Forwarded-For.
	ForwardedHeader string
	// Connections bound the connections to this server. Key: connections.
	Connections Connections
	// Tableau is the server to read from. Key: tableau.
	Tableau Tableau
	// OIDC are the issuers whose access tokens are accepted, at least one. The
	// first is the one the playground signs in with. Key: oidc.
	OIDC []Issuer
	// Roles say who may ask for what, at least one. Key: roles.
	Roles []Role
	// CORS are the front ends on other origins. Key: cors.
	CORS CORS
	// Limits bound one GraphQL document and its lists. Key: limits.
	Limits Limits
	// Cache keeps answers for a short time. Key: cache.
	Cache Cache
	// Content are the links to pictures and files. Key: content.
	Content Content
	// Documents are those that clients can name instead of sending them.
	// Key: documents.
	Documents Documents
	// Playground is the page at /playground. Key: playground.
	Playground Page
	// Gallery is the page at /gallery. Key: gallery.
	Gallery Page
	// Federation serves the schema as a subgraph of Apollo Federation 2. Key: federation.
	Federation bool
	// Log is how events are written. Key: log.
	Log Log
	// Audit is the log of who read what. Key: audit.
	Audit Audit
	// Traces are the spans of OpenTelemetry. Key: traces.
	Traces Traces
	// Shutdown is how the server stops. Key: shutdown.
	Shutdown Shutdown
	// Keys are root keys, the current one first and perhaps the one before; what
	// is sealed is sealed with keys that are derived from them. All replicas have
	// the same. Key: keyFiles. Without them whatever needs a key has a random one
	// at each start, and SharedStore cannot be used.
	Keys []Secret
	// SharedStore is for several replicas. Key: sharedStore.
	SharedStore SharedStore
	// DangerouslySharedNames accepts several issuers that can speak for the same
	// Tableau user name. Key: dangerouslySharedNames.
	DangerouslySharedNames bool
}

// Tableau is one Tableau Server or Tableau Cloud pod.
type Tableau struct {
	// URL is where Vitrine reaches Tableau: scheme and host, no path, no slash at
	// the end. https, or http on loopback. Key: url.
	URL string
	// BrowserURL is where people's browsers reach it. Key: browserURL. Default: URL.
	BrowserURL string
	// CA is a PEM file's content: certificates to trust besides the system's; nil
	// for none. Key: caFile.
	CA []byte
	// APIVersion is "auto" (ask the server) or a version such as "3.24".
	// Key: apiVersion. Default: auto.
	APIVersion string
	// SignIn is how sessions are obtained on sites that say nothing else.
	// Key: signIn.
	SignIn SignIn
	// Sites are the sites to serve, at least one, no two the same. Key: sites.
	Sites []Site
	// SessionIdle is how long a Tableau session may stay unused before Tableau
	// ends it, from 5 minutes to a week. Key: sessionIdle. Default: 240m.
	SessionIdle time.Duration
	// SessionLifetime is how old a Tableau session may become before Tableau ends
	// it, however much it is used, from 5 minutes to a week; 0 for no such limit.
	// Key: sessionLifetime. Default: 120m on Tableau Cloud, else 0.
	SessionLifetime time.Duration
	// Limits bound what is asked of Tableau at a time. Key: limits.
	Limits TableauLimits
	// LUIDLifetime is how long the LUID that Tableau gave for a user name is
	// cached, from 1 minute to 30 days. Key: luidLifetime. Default: 24h.
	LUIDLifetime time.Duration
	// MaxSessions is how many sessions are kept, 100 to 1,000,000; a session takes
	// less than a kilobyte. Beyond it those that are used least are signed out.
	// Key: maxSessions. Default: 20000.
	MaxSessions int
	// Embed signs tokens for the Embedding API on sites that say nothing else; nil
	// for none. Key: embed.
	Embed *Embed
	// DangerouslyWithoutTLS accepts a URL with http that is not on loopback.
	// Key: dangerouslyWithoutTLS.
	DangerouslyWithoutTLS bool
	// DangerouslyImpersonateServerAdministrators serves people who are server
	// administrators in Tableau. Key: dangerouslyImpersonateServerAdministrators.
	DangerouslyImpersonateServerAdministrators bool
}

// TableauLimits bound what one process asks of Tableau at a time.
type TableauLimits struct {
	// PerUser is how many requests of one person may be under way on one site, at
	// most PerSite. Key: perUser. Default: 16, or PerSite if that is less.
	PerUser int
	// PerSite is how many may be under way on one site, at most Total.
	// Key: perSite. Default: 64, or Total if that is less.
	PerSite int
	// Total is how many may be under way in all, 1 to 10,000. Key: total.
	// Default: 256.
	Total int
	// LongRunning is how many of those that Tableau renders or exports for may be
	// under way on one site, 1 to 1,000. Key: longRunning. Default: 20, which is
	// Tableau Cloud's own limit.
	LongRunning int
	// Queue is how many may wait in all, 1 to 100,000. Key: queue. Default: 10000.
	Queue int
	// Wait is how long one may wait, 100 milliseconds to 5 minutes. Key: wait.
	// Default: 10s.
	Wait time.Duration
	// Tries is how often a read is sent at most that fails for a moment, 1 to 5.
	// Key: tries. Default: 3.
	Tries int
}

// SignInFor returns the sign-in that holds on a site: its own, else t's.
func (t Tableau) SignInFor(s Site) SignIn {
	if s.SignIn != nil {
		return *s.SignIn
	}
	return t.SignIn
}

// The sign-in methods of this version.
const (
	MethodPassword            = "password"
	MethodPersonalAccessToken = "personalAccessToken"
	MethodConnectedApp        = "connectedApp"
	MethodUnifiedAccessToken  = "unifiedAccessToken"
)

// How Tableau trusts a connected app.
const (
	TrustDirect = "direct"
	TrustOAuth  = "oauth"
)

// IssuerPath is where this server is the issuer that Tableau trusts, below
// PublicURL: method connectedApp with trust oauth.
const IssuerPath = "/tableau-issuer"

// SignIn is how people's sessions are obtained: an administrator account that
// looks up users and impersonates them, or what signs a JWT for each of them.
type SignIn struct {
	// Method is one of the methods above. Key: method.
	Method string
	// Name and Password are the account's, for MethodPassword only.
	// Keys: name, passwordFile, passwordEnv.
	Name         string
	Password     Secret
	PasswordFile string // for [ReadSecret]; empty where it came from the environment
	// Tokens are the personal access tokens of the account, for
	// MethodPersonalAccessToken only: the first looks up; the others
	// impersonate, and one alone does both. Key: tokens.
	Tokens []Token
	// Trust is [TrustDirect] or [TrustOAuth], for MethodConnectedApp only.
	// Key: trust.
	Trust string
	// ClientID, SecretID and Secret are the connected app's, for TrustDirect
	// only. Keys: clientID, secretID, secretFile, secretEnv.
	ClientID, SecretID string
	Secret             Secret
	// Key is a private key in PEM form, for TrustOAuth and
	// MethodUnifiedAccessToken; further keys behind it are only published.
	// Keys: keyFile, keyEnv.
	Key Secret
	// Issuer, TenantID, KeyID and UserClaim are of MethodUnifiedAccessToken
	// only: the configuration's issuer URI and tenant, the key's id where
	// Tableau reads a key set, and the claim that holds the user name, email when
	// empty. Keys: issuer, tenantID, keyID, userClaim.
	Issuer, TenantID, KeyID, UserClaim string
	// Attributes are user attributes that JWTs carry. Key: attributes.
	Attributes []Attribute
	// OnDemand is access without a user of the site; Cloud only.
	// Key: onDemandAccess.
	OnDemand OnDemand
}

// SignsJWTs reports whether the method signs a JWT for each person.
func (s SignIn) SignsJWTs() bool {
	return s.Method == MethodConnectedApp || s.Method == MethodUnifiedAccessToken
}

// Attribute is a user attribute made of a claim of the access token.
// Keys: claim, name.
type Attribute struct {
	Claim string // a dot reaches into objects
	Name  string // in Tableau; the claim's when empty
}

// OnDemand says in which groups of a site people are without being its users.
type OnDemand struct {
	Groups []string // Key: groups.
	Claim  string   // of the access token, for further ones. Key: claim.
}

// Claims are the claims of access tokens that sign-ins and embed tokens use,
// without repetition.
func (t Tableau) Claims() []string {
	var claims []string
	for _, site := range t.Sites {
		in := t.SignInFor(site)
		for _, a := range in.Attributes {
			claims = append(claims, a.Claim)
		}
		if in.OnDemand.Claim != "" {
			claims = append(claims, in.OnDemand.Claim)
		}
		if app := t.EmbedFor(site); app != nil {
			for _, a := range app.Attributes {
				claims = append(claims, a.Claim)
			}
		}
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}

// OAuthTrust returns the sign-in that makes this server an issuer for Tableau;
// nil if absent.
func (t *Tableau) OAuthTrust() *SignIn {
	for _, site := range t.Sites {
		in := &t.SignIn
		if site.SignIn != nil {
			in = site.SignIn
		}
		if in.Method == MethodConnectedApp && in.Trust == TrustOAuth {
			return in
		}
	}
	return nil
}

// Token is one personal access token. Keys: name, secretFile, secretEnv.
type Token struct {
	Name   string
	Secret Secret
	File   string // for [ReadSecret]; empty where it came from the environment
}

// Site is one site of Tableau. In the file it is its content URL alone, or an
// object with contentUrl, signIn and embed.
type Site struct {
	// ContentURL is the site's name in addresses; "" is the default site.
	ContentURL string
	// SignIn replaces Tableau.SignIn on this site; nil for most.
	SignIn *SignIn
	// Embed replaces Tableau.Embed on this site; nil for most.
	Embed *Embed
}

// Issuer is one OpenID provider whose access tokens are accepted. [DefaultIssuer]
// has what the file's defaults are.
type Issuer struct {
	// URL is the issuer, letter for letter as its tokens name it, a slash at the
	// end included. https, or http on loopback. Key: issuer.
	URL string
	// Audiences are the values of aud that mean this server, at least one.
	// Key: audiences.
	Audiences []string
	// TokenTypes are the accepted values of the header typ: at+jwt, and JWT for
	// providers that set no type of their own. Key: tokenTypes. Default: at+jwt.
	TokenTypes []string
	// AcceptIDTokens takes ID tokens for access tokens. Key: acceptIDTokens.
	AcceptIDTokens bool
	// DangerouslyAcceptBoundTokens takes tokens that are bound to a key of the
	// client (claim cnf: DPoP, mutual TLS) without proof that the sender has the
	// key. Key: dangerouslyAcceptBoundTokens.
	DangerouslyAcceptBoundTokens bool
	// Algorithms are the accepted signatures; never none, never symmetric ones.
	// Key: algorithms. Default: RS256, ES256, PS256, EdDSA.
	Algorithms []string
	// Leeway is what clocks may differ by, at most 5 minutes. Key: leeway.
	// Default: 30s.
	Leeway time.Duration
	// UserInfo asks the provider when a token lacks the name claim. Key: userInfo.
	UserInfo bool
	// Username is how the Tableau user name is found. Key: username.
	Username Username
	// Groups is where the person's groups are. Key: groups.
	Groups Groups
	// RequiredScopes are the scopes that every access token must have.
	// Key: requiredScopes.
	RequiredScopes []string
	// Introspection accepts opaque tokens too. Key: introspection.
	Introspection Introspection
	// Scopes are what the playground asks for. Key: scopes. Default: openid, email.
	Scopes []string
	// DangerouslyWithoutTLS accepts a URL with http that is not on loopback.
	// Key: dangerouslyWithoutTLS.
	DangerouslyWithoutTLS bool
	// LogoutClients are the clients for which the provider sends logout tokens to
	// /oidc/backchannel-logout; none switches that off. Key: backchannelLogout.clients.
	LogoutClients []string
	// AuthorizeParams are further parameters of the playground's sign-in.
	// Key: authorizeParams.
	AuthorizeParams map[string]string
	// CA is a PEM file's content: certificates to trust besides the system's; nil
	// for none. Key: caFile.
	CA []byte
}

// Username is the rule from a token's claims to a Tableau user name.
type Username struct {
	// Claim is the claim that holds the name. Key: claim. Default: email.
	Claim string
	// RequireVerified refuses people whose email_verified is not true.
	// Key: requireVerified. Default: true where the claim is email.
	RequireVerified bool
	// StripDomain is the mail domain that is cut off; a name of another domain is
	// refused. Key: stripDomain. Default: nothing is cut off.
	StripDomain string
	// PrefixDomain is the Windows domain put before the name: CORP gives
	// CORP\name. Key: prefixDomain. Default: none.
	PrefixDomain string
}

// Groups is where the groups are.
type Groups struct {
	// Claim is the claim that holds them, a list or one string; dots reach into
	// objects, as in realm_access.roles. Key: claim. Default: groups.
	Claim string
}

// CORS are the front ends on other origins that may call.
type CORS struct {
	// Origins are exact: scheme, host and port, https or http on loopback.
	// Key: origins.
	Origins []string
	// Headers are the request headers that those pages may send besides the ones
	// that are always allowed. Key: headers.
	Headers []string
}

// Content are short-lived addresses of pictures and files.
type Content struct {
	// LinkLifetime is how long a link works at most, 10 seconds to an hour; never
	// longer than the token that asked for it. Key: linkLifetime.
	// Default: 5m.
	LinkLifetime time.Duration
}

// Page is a page that the server brings along, which signs people in at the first issuer.
type Page struct {
	// Enabled serves it. Key: enabled. Default: false.
	Enabled bool
	// ClientID is its public client at the first issuer. Key: clientID.
	ClientID string
}

// Log is how events are written to standard error.
type Log struct {
	// Format is json or text. Key: format. Default: json.
	Format string
	// Level is the least level that is written: debug, info, warn or error.
	// Key: level. Default: info.
	Level slog.Level
	// UserNames writes the Tableau user name of who asks into each event of a
	// request. Key: userNames. Default: true.
	UserNames bool
}

// Metrics is what the metrics at AdminListen distinguish.
type Metrics struct {
	// Operations are the names of GraphQL operations whose durations are counted one by one, at
	// most 200. All others count together. Key: operations.
	Operations []string
}

// Shutdown is how the server stops after SIGTERM.
type Shutdown struct {
	// Delay is how long the server goes on serving while /readyz says that it is
	// not ready, 0 to 5 minutes: longer than a load balancer needs to notice.
	// Key: delay. Default: 5s.
	Delay time.Duration
	// Grace is how long running requests may take after that, 0 to 10 minutes;
	// then they are answered 503. Key: grace. Default: 20s.
	Grace time.Duration
}

// Default returns the settings of an empty file: every default, and none of what
// an operator must say.
func Default() *Config {
	return &Config{
		Listen: "127.0.0.1:8080", ForwardedHeader: "X-Forwarded-For", Connections: Connections{Total: 20_000, PerAddress: 2_000},
		Tableau: Tableau{
			APIVersion: "auto", SessionIdle: 240 * time.Minute, LUIDLifetime: 24 * time.Hour, MaxSessions: 20000,
			Limits: TableauLimits{
				PerUser: 16, PerSite: 64, Total: 256, LongRunning: 20, Queue: 10_000, Wait: 10 * time.Second, Tries: 3,
			},
		},
		Limits: defaultLimits(), Cache: defaultCache(),
		Log: Log{Format: "json", Level: slog.LevelInfo, UserNames: true},

		Audit: Audit{Output: AuditNone, MaxMegabytes: 100},

		Shutdown: Shutdown{Delay: 5 * time.Second, Grace: 20 * time.Second},

		Content: Content{LinkLifetime: 5 * time.Minute},

		Documents: Documents{Mode: DocumentsOff},

		SharedStore: SharedStore{Timeout: time.Second},
	}
}

// DefaultIssuer returns the settings of an issuer that the file only names.
func DefaultIssuer() Issuer {
	return Issuer{
		TokenTypes: []string{"at+jwt"},
		Algorithms: []string{"RS256", "ES256", "PS256", "EdDSA"},
		Leeway:     30 * time.Second,
		Username:   Username{Claim: "email", RequireVerified: true},
		Groups:     Groups{Claim: "groups"},
		Scopes:     []string{"openid", "email"},
	}
}
