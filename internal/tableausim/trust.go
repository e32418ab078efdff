package tableausim

import (
	"context"
	"crypto/rsa"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/internal/tableausim/wire"
)

// ConnectedApp is one secret of a connected app with direct trust. An app with two secrets is two
// entries with the same client ID.
type ConnectedApp struct {
	ClientID string   // the claim iss of its tokens
	SecretID string   // the header kid
	Secret   string   // the key of HS256
	Enabled  bool     // new apps are not, in Tableau as here
	Sites    []string // content URLs of the sites that it is for; all when empty
	Domains  []string // where pages may embed views with its tokens; everywhere when empty
}

// TrustedIssuer is a registered external authorization server: a connected app with OAuth 2.0
// trust.
type TrustedIssuer struct {
	// URL is the claim iss of its tokens. Its discovery document is below it, at
	// .well-known/openid-configuration or .well-known/oauth-authorization-server. It must be https,
	// or http on a loopback address.
	URL string
	// JWKS is the address of the key set; when it is empty the discovery document says it.
	JWKS string
	// Sites are the content URLs of the sites that it is for; all when empty.
	Sites []string
}

// UnifiedAccess is a configuration of unified access tokens, as Tableau Cloud Manager keeps it.
type UnifiedAccess struct {
	Issuer    string         // the claim iss of its tokens
	TenantID  string         // the claim https://tableau.com/tenantId
	UserClaim string         // the claim with the name of the user; "email" when empty
	KeyID     string         // the header kid; any when empty
	Key       *rsa.PublicKey // checks RS256
	Scopes    []string       // further limits what tokens may ask for; no limit when empty
	Sites     []string       // content URLs of the sites that it is for; all when empty
}

// Methods of signing in, as SessionInfo.Method has them.
const (
	ByPassword = "password"
	ByPAT      = "personalAccessToken"
	ByDirect   = "connectedApp"       // a JWT of a connected app with direct trust
	ByOAuth    = "trustedIssuer"      // a JWT of an external authorization server
	ByUAT      = "unifiedAccessToken" // a JWT of a unified access token configuration
)

// proof is what a verified JWT says.
type proof struct {
	method     string // ByDirect, ByOAuth or ByUAT
	issuer     string // client ID of the app, or address of the issuer
	user       string // name of the user, exactly
	userClaim  string // the claim that has it
	scopes     []string
	attributes map[string][]string // user attributes
	onDemand   bool                // asks for access without a provisioned user
	groups     []string            // of the on-demand user
	sites      []string            // content URLs that the app is for; all when empty
	domains    []string            // where pages may embed with it; everywhere when empty
	siteID     string              // LUID of the one site that a unified access token is for; any when empty
}

// Numbers that Tableau puts at the end of the detail of a refused JWT (Tableau help, "Troubleshoot
// Connected Apps"). Those of the last block are listed there too, but which check gives which of
// them is this stand-in's reading.
const (
	noSuchUser      = 5
	loginFailed     = 16
	notEnabled      = 67
	noSuchApp       = 126
	noSuchSecret    = 127
	noMetadata      = 10081
	noSuchIssuer    = 10082
	badHeader       = 10083
	badClaims       = 10084
	noKeys          = 10085
	keyTooSmall     = 10088
	appDisabled     = 10090
	tokenUsed       = 10091
	wrongAlgorithm  = 10087
	noTokenID       = 10094
	scopesMalformed = 10097
	notSigned       = 10098
	noScopes        = 10099
	tooLong         = 10103
)

// errJWT refuses a sign-in with the number that says why.
func errJWT(number int) *wire.Error {
	return wire.Fail("401001", "Error signing in to Tableau Server (%d)", number)
}

// maxAhead is how far in the future a token may end.
const maxAhead = 10 * time.Minute

// trust verifies tokens. It has a lock of its own, as the keys of an issuer are fetched while it
// works, and the world must not wait for that.
type trust struct {
	now  func() time.Time
	fits func(scope string) bool // says whether a well-formed scope is taken

	mu      sync.Mutex
	apps    []ConnectedApp
	issuers []*issuer
	uats    []UnifiedAccess
	used    map[string]time.Time // tokens that were used, and when they end
	sweepAt int
}

// verify checks a token and returns what it proves. Each token proves it once.
func (t *trust) verify(ctx context.Context, text string, unified bool) (*proof, error) {
	if len(text) > maxJWT {
		return nil, errJWT(tooLong)
	}
	token, err := parseJWT(text)
	if err != nil {
		return nil, errJWT(badHeader)
	}
	iss := token.claims.text("iss")
	if iss == "" {
		iss = token.header.Issuer
	}
	var p *proof
	var number int
	switch issuer := t.issuer(iss); {
	case token.header.Algorithm == "" || strings.EqualFold(token.header.Algorithm, "none"):
		number = notSigned
	case token.header.KeyID == "":
		number = badHeader
	case unified:
		p, number = t.unified(token, iss)
	case issuer != nil:
		p, number = issuer.prove(ctx, token)
	default:
		p, number = t.direct(token, iss)
	}
	if number == 0 {
		number = t.check(token, p)
	}
	if number != 0 {
		return nil, errJWT(number)
	}
	return p, nil
}

// direct finds the secret of a connected app and checks the signature with it.
func (t *trust) direct(token jwt, clientID string) (*proof, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	number := noSuchApp
	if token.header.Algorithm != "HS256" {
		number = noSuchIssuer
	}
	for _, a := range t.apps {
		switch {
		case a.ClientID != clientID || clientID == "":
			continue
		case token.header.Algorithm != "HS256":
			return nil, wrongAlgorithm
		case !a.Enabled:
			return nil, appDisabled
		case a.SecretID == token.header.KeyID && token.signedWith([]byte(a.Secret)):
			return &proof{method: ByDirect, issuer: clientID, userClaim: "sub", sites: a.Sites, domains: a.Domains}, 0
		}
		number = noSuchSecret
	}
	return nil, number
}

// unified finds the configuration of a unified access token and checks the signature with its key.
func (t *trust) unified(token jwt, iss string) (*proof, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	number := noSuchIssuer
	for _, u := range t.uats {
		switch {
		case u.Issuer != iss || iss == "" || u.TenantID != token.claims.text(tenantClaim):
			continue
		case token.header.Algorithm != "RS256":
			return nil, wrongAlgorithm
		case u.KeyID != "" && u.KeyID != token.header.KeyID || u.Key == nil || !token.signedWith(u.Key):
			number = noKeys
			continue
		case u.Key.N.BitLen() < minRSA:
			return nil, keyTooSmall
		}
		claim := u.UserClaim
		if claim == "" {
			claim = "email"
		}
		p := &proof{method: ByUAT, issuer: iss, userClaim: claim, sites: u.Sites, siteID: token.claims.text(siteClaim)}
		if list, ok := token.claims.texts("scp"); ok && len(u.Scopes) > 0 {
			for _, asked := range list {
				if !slices.ContainsFunc(u.Scopes, func(s string) bool { return covers(s, asked) }) {
					return nil, scopesMalformed
				}
			}
		}
		return p, 0
	}
	return nil, number
}

func (t *trust) issuer(url string) *issuer {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, i := range t.issuers {
		if i.URL == url {
			return i
		}
	}
	return nil
}

// use marks a token as used and reports whether it was not before.
func (t *trust) use(p *proof, id string, end time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.used) >= t.sweepAt {
		maps.DeleteFunc(t.used, func(_ string, end time.Time) bool { return end.Before(now) })
		t.sweepAt = max(minSweep, 2*len(t.used))
	}
	key := p.method + "\x00" + p.issuer + "\x00" + id
	if _, again := t.used[key]; again {
		return false
	}
	t.used[key] = end
	return true
}

// ConnectedApps returns the connected apps with direct trust, with their secrets.
func (s *Server) ConnectedApps() []ConnectedApp {
	s.trust.mu.Lock()
	defer s.trust.mu.Unlock()
	return slices.Clone(s.trust.apps)
}

// SetConnectedApps replaces the connected apps with direct trust. Sessions live on.
func (s *Server) SetConnectedApps(apps ...ConnectedApp) {
	s.trust.mu.Lock()
	defer s.trust.mu.Unlock()
	s.trust.apps = slices.Clone(apps)
}

// SetTrustedIssuers replaces the registered issuers and forgets the keys of those before.
func (s *Server) SetTrustedIssuers(issuers ...TrustedIssuer) {
	made := make([]*issuer, len(issuers))
	for i, x := range issuers {
		made[i] = newIssuer(x, s.cfg.Now)
	}
	s.trust.mu.Lock()
	defer s.trust.mu.Unlock()
	s.trust.issuers = made
}

// SetUnifiedAccess replaces the configurations of unified access tokens. Sessions live on.
func (s *Server) SetUnifiedAccess(configurations ...UnifiedAccess) {
	s.trust.mu.Lock()
	defer s.trust.mu.Unlock()
	s.trust.uats = slices.Clone(configurations)
}
