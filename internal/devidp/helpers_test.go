package devidp_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"vitrine/internal/devidp"
)

const (
	callback  = "http://127.0.0.1:9999/playground/callback" // registered without the port; nobody listens there
	afterward = "http://127.0.0.1:9999/playground"
)

// clock is a time that tests move by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// idp is a running provider with one client, the demo users and a clock.
type idp struct {
	*devidp.Provider
	t     *testing.T
	clock *clock
}

func start(t *testing.T) *idp {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	c := &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	provider, err := devidp.New(devidp.Config{
		Issuer: "http://" + server.Listener.Addr().String(),
		Users:  devidp.DemoUsers(),
		Now:    c.now,
		Clients: []devidp.Client{
			{
				ID:             "vitrine-playground",
				RedirectURIs:   []string{"http://127.0.0.1/playground/callback"},
				PostLogoutURIs: []string{"http://127.0.0.1/playground"},
				Origins:        []string{"http://127.0.0.1"},
			},
			{ID: "portal", RedirectURIs: []string{"https://portal.example.com/callback"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)
	return &idp{provider, t, c}
}

// client is the front end's half of the code flow.
func (p *idp) client(scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:    "vitrine-playground",
		RedirectURL: callback,
		Scopes:      scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL: p.Issuer() + devidp.PathAuthorization, TokenURL: p.Issuer() + devidp.PathToken, AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// browser is one person's browser: it keeps cookies and stops where a redirect leaves the provider.
type browser struct {
	p      *idp
	client *http.Client
}

func (p *idp) browser() *browser {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &browser{p, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// answer is what came back for one request.
type answer struct {
	status int
	header http.Header
	body   string
}

// location returns the address that the answer redirects to; without one it fails the test.
func (a answer) location(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status/100 != 3 {
		t.Fatalf("no redirect but %d:\n%s", a.status, a.body)
	}
	return u
}

func do(t *testing.T, client *http.Client, req *http.Request) answer {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func (b *browser) get(address string) answer {
	b.p.t.Helper()
	req, err := http.NewRequestWithContext(b.p.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.p.t.Fatal(err)
	}
	return do(b.p.t, b.client, req)
}

func (b *browser) post(address string, form url.Values) answer {
	b.p.t.Helper()
	req, err := http.NewRequestWithContext(b.p.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(b.p.t, b.client, req)
}

var actionOfForm = regexp.MustCompile(`<form method="post" action="([^"]*)"`)

// submit fills in the form of a page and sends it where the page says.
func (b *browser) submit(page answer, form url.Values) answer {
	b.p.t.Helper()
	action := actionOfForm.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || action == nil {
		b.p.t.Fatalf("no form but %d:\n%s", page.status, page.body)
	}
	return b.post(b.p.Issuer()+html.UnescapeString(action[1]), form)
}

// signIn walks through the login page and returns where it leads, with the PKCE verifier.
func (b *browser) signIn(user string, scopes ...string) (*url.URL, string) {
	b.p.t.Helper()
	verifier := oauth2.GenerateVerifier()
	page := b.get(b.p.client(scopes...).AuthCodeURL("state-1", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", "nonce-1")))
	return b.submit(page, url.Values{"user": {user}, "password": {user}}).location(b.p.t), verifier
}

// tokens signs in and exchanges the code.
func (b *browser) tokens(user string, scopes ...string) *oauth2.Token {
	b.p.t.Helper()
	landed, verifier := b.signIn(user, scopes...)
	token, err := b.p.client(scopes...).Exchange(b.p.t.Context(), landed.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		b.p.t.Fatal(err)
	}
	return token
}

// tokenError calls the token endpoint and returns the OAuth error code of a refusal, or "".
func (p *idp) tokenError(form url.Values) string {
	p.t.Helper()
	a := p.browser().post(p.Issuer()+devidp.PathToken, form)
	var body struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		p.t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return body.Error
}

func (p *idp) refresh(token string) (*oauth2.Token, error) {
	return p.client().TokenSource(context.Background(), &oauth2.Token{RefreshToken: token}).Token()
}

// keySet fetches the published keys.
func (p *idp) keySet() jose.JSONWebKeySet {
	p.t.Helper()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(p.browser().get(p.Issuer()+devidp.PathKeys).body), &set); err != nil {
		p.t.Fatal(err)
	}
	return set
}

// verified checks the signature of a token with the published keys and returns header and claims.
func (p *idp) verified(token string) (header, claims map[string]any) {
	p.t.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		p.t.Fatal(err)
	}
	var payload []byte
	for _, key := range p.keySet().Keys { // each in turn: TokenWith can make tokens without a kid
		if payload, err = signed.Verify(key); err == nil {
			break
		}
	}
	if payload == nil {
		p.t.Fatalf("the published keys do not verify the token: %v", err)
	}
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, part := range []struct {
		from []byte
		to   *map[string]any
	}{{raw, &header}, {payload, &claims}} {
		if err := json.Unmarshal(part.from, part.to); err != nil {
			p.t.Fatal(err)
		}
	}
	return header, claims
}
