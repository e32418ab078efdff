package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"vitrine/internal/dialerr"
)

const (
	// maxAnswer bounds each answer of a provider, in bytes.
	maxAnswer = 1 << 20
	// fetchTimeout bounds each request to a provider.
	fetchTimeout = 10 * time.Second
)

// document holds the members of the discovery document that we use (OpenID
// Connect Discovery, section 3).
type document struct {
	Keys     string `json:"jwks_uri"`
	UserInfo string `json:"userinfo_endpoint"`

	Introspection     string   `json:"introspection_endpoint"`
	IntrospectionAuth []string `json:"introspection_endpoint_auth_methods_supported"`
}

// provider is the way to one issuer's server. It keeps nothing.
type provider struct {
	issuer string
	plain  bool           // http is accepted where it is not on loopback
	server dialerr.Server // for messages
	client *http.Client
}

// newProvider takes over the client's transport and jar-less settings, and adds
// the bounds that the client may lack.
func newProvider(i Issuer, number int) *provider {
	client := i.Client
	c := &http.Client{Timeout: fetchTimeout}
	var next http.RoundTripper
	if client != nil {
		next = client.Transport
		if client.Timeout > 0 {
			c.Timeout = client.Timeout
		}
	}
	if next == nil {
		next = http.DefaultTransport
	}
	c.Transport = bounded{next}
	// A redirect would send the token, or our trust in the keys, to an address
	// that nobody configured.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &provider{
		issuer: i.URL, plain: i.DangerouslyWithoutTLS, client: c,
		server: dialerr.At(i.URL, fmt.Sprintf("oidc[%d].issuer", number), fmt.Sprintf("oidc[%d].caFile", number)),
	}
}

// bounded limits the bodies of answers. The body of an error is dropped: go-oidc
// would make it a part of its error text.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		err := resp.Body.Close()
		resp.Body, resp.ContentLength = http.NoBody, 0
		return resp, err
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	return resp, nil
}

// discover fetches the discovery document. go-oidc compares the issuer in it
// with ours (OpenID Connect Discovery, section 4.3).
func (p *provider) discover(ctx context.Context) (document, error) {
	var doc document
	client, seen := *p.client, &answered{next: p.client.Transport}
	client.Transport = seen
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, &client), p.issuer)
	if err != nil {
		return doc, p.explain(err, seen)
	}
	if err := found.Claims(&doc); err != nil {
		return doc, fmt.Errorf("discovery: the document cannot be read: %w", err)
	}
	if err := p.checkEndpoint("jwks_uri", doc.Keys); err != nil {
		return doc, err
	}
	if doc.UserInfo != "" {
		if err := p.checkEndpoint("userinfo_endpoint", doc.UserInfo); err != nil {
			return doc, err
		}
	}
	if doc.Introspection != "" {
		return doc, p.checkEndpoint("introspection_endpoint", doc.Introspection)
	}
	return doc, nil
}

// answered keeps what go-oidc's errors say in texts only.
type answered struct {
	next   http.RoundTripper
	status int // 0: there was no answer
	kind   string
}

func (a *answered) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.next.RoundTrip(req)
	if err == nil {
		a.status, a.kind = resp.StatusCode, resp.Header.Get("Content-Type")
	}
	return resp, err
}

// explain says what to do about a failed discovery, for each of the errors of oidc.NewProvider: no
// answer, an answer other than 200, one that cannot be read to its end or is no discovery document,
// and one of another issuer.
func (p *provider) explain(err error, seen *answered) error {
	at := strings.TrimSuffix(p.issuer, "/") + "/.well-known/openid-configuration"
	media, _, _ := mime.ParseMediaType(seen.kind)
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return fmt.Errorf("discovery: the provider calls itself %q; set issuer to exactly that, "+
			"also as to a slash at the end, if this is the provider you mean", mismatch.Discovered)
	case seen.status == 0:
		if explained := p.server.Explain(err); explained != err { //nolint:errorlint // whether it is another one is what counts
			return fmt.Errorf("discovery: GET %s: %w", at, explained)
		}
		return fmt.Errorf("discovery: GET %s: %w; check the address, and the proxy on the way", at, err)
	case seen.status != http.StatusOK:
		return fmt.Errorf("discovery: %w; compare issuer with the claim iss of a token: the document must be at this address",
			&statusError{at, seen.status})
	case media == "text/html", strings.Contains(err.Error(), "invalid character '<'"):
		return fmt.Errorf("discovery: GET %s: answered with a page (HTML), and not with JSON; "+
			"check the address, and whether a proxy or a sign-in page is in front of it (%w)", at, err)
	}
	return fmt.Errorf("discovery: GET %s: the answer is not a discovery document: %w; check %s, and what is in front of the provider", at, err, p.server.Setting)
}

// checkEndpoint holds the addresses in the document to the rule for issuers,
// and lets an issuer out on the network name no address on our loopback.
func (p *provider) checkEndpoint(name, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return fmt.Errorf("discovery: %s %q is not an address", name, raw)
	}
	if u.Scheme == "https" || u.Scheme == "http" && p.acceptsPlain(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("discovery: %s %q must begin with https://", name, raw)
}

// acceptsPlain reports whether the provider may be asked by plain http at a host: on loopback if
// the issuer is there too, elsewhere if the settings accept it.
func (p *provider) acceptsPlain(host string) bool {
	issuer, err := url.Parse(p.issuer)
	if err != nil || issuer.Scheme != "http" {
		return false
	}
	if loopback(host) {
		return loopback(issuer.Hostname())
	}
	return p.plain
}

// keys fetches the key set.
func (p *provider) keys(ctx context.Context, doc document) ([]publicKey, error) {
	body, err := p.get(ctx, doc.Keys)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	keys, err := parseKeys(body)
	if err != nil {
		return nil, fmt.Errorf("keys: GET %s: %w", doc.Keys, err)
	}
	return keys, nil
}

// statusError is an answer of a provider other than 200.
type statusError struct {
	at     string
	status int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("GET %s: answered %d %s", e.at, e.status, http.StatusText(e.status))
}

// get sends one GET without credentials.
func (p *provider) get(ctx context.Context, at string) ([]byte, error) {
	body, _, err := p.fetch(ctx, at, "")
	return body, err
}

// fetch sends one GET, with a bearer token unless it is empty, and returns the body of the answer
// and its Content-Type. An answer other than 200 is a [statusError].
func (p *provider) fetch(ctx context.Context, at, bearer string) (body []byte, kind string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, "", dialerr.At(at, p.server.Setting, p.server.CA).Explain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, "", &statusError{at, resp.StatusCode}
	}
	if body, err = io.ReadAll(resp.Body); err != nil {
		return nil, "", fmt.Errorf("GET %s: %w", at, dialerr.At(at, p.server.Setting, p.server.CA).Explain(err))
	}
	return body, resp.Header.Get("Content-Type"), nil
}
