package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vitrine/internal/dialerr"
)

// Introspection asks the provider what an opaque access token gives (RFC 7662). One issuer at most
// has it: an opaque token does not say whose it is, and must not be shown to anybody else.
type Introspection struct {
	// ClientID and ClientSecret are this server's at the provider.
	ClientID, ClientSecret string
	// Keep is how long an answer is remembered at most, up to 30 seconds; 0 asks for each request. It
	// is how long a token may work after it was revoked.
	Keep time.Duration
}

// Enabled reports whether opaque tokens are accepted.
func (n Introspection) Enabled() bool { return n.ClientID != "" }

func (n Introspection) problems() (errs []error) {
	if !n.Enabled() {
		return nil
	}
	if n.ClientSecret == "" {
		errs = append(errs, errors.New("introspection: there is no client secret"))
	}
	if n.Keep < 0 || n.Keep > keepVerified {
		errs = append(errs, fmt.Errorf("introspection.cacheFor %s: must be from 0s to %s", n.Keep, keepVerified))
	}
	return errs
}

const (
	// maxIntrospections bounds the introspections under way: anyone can send invented tokens.
	maxIntrospections = 32
	// keepInactive is how long a token is remembered that the provider does not know.
	keepInactive = 10 * time.Second
)

// errCrowd is why a token was not introspected.
var errCrowd = errors.New("introspection: too many tokens are waiting for an answer")

// opaque reports whether a text has not the form of a JWT, which is never introspected: it names its
// issuer, and is checked without showing it to anybody.
func opaque(raw string) bool { return strings.Count(raw, ".") != 2 }

// introspecting returns the issuer that opaque tokens belong to; nil if there is none.
func (v *Verifier) introspecting() *issuer {
	n := slices.IndexFunc(v.order, func(i *issuer) bool { return i.Introspection.Enabled() })
	if n < 0 {
		return nil
	}
	return v.order[n]
}

// verifyOpaque finds out who an opaque token speaks for.
func (v *Verifier) verifyOpaque(ctx context.Context, raw string, i *issuer) (outcome, error) {
	d := digest(sha256.Sum256([]byte(raw)))
	if o, ok := v.inactive.of(d).Get(d); ok {
		return o, nil
	}
	t, err := v.introspections.Do(ctx, string(d[:]), func() (*token, error) {
		t, refusal := v.introspect(i.keyring.base, raw, i)
		if refusal == nil {
			return t, nil
		}
		if errors.Is(refusal, errCrowd) {
			return nil, refusal // nothing is known of the token
		}
		keep := keepInactive
		if refusal.Code == CodeUnavailable {
			keep = keepUnavailable
		}
		v.inactive.of(d).PutFor(d, outcome{err: refusal}, keep)
		return nil, refusal
	})
	var refusal *Error
	switch {
	case errors.As(err, &refusal):
		return outcome{err: refusal}, nil
	case err != nil: // the caller's context has ended
		return outcome{}, unavailable(i.URL, keepUnavailable, err)
	}
	return v.resolve(ctx, d, i, t)
}

// introspect asks the provider, and holds the answer to the rules for tokens.
func (v *Verifier) introspect(ctx context.Context, raw string, i *issuer) (*token, *Error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	select {
	case v.asking <- struct{}{}:
		defer func() { <-v.asking }()
	case <-ctx.Done():
		return nil, unavailable(i.URL, time.Second, errCrowd)
	}
	if err := i.keyring.fresh(ctx); err != nil {
		return nil, asRefusal(i, err)
	}
	claims, err := i.provider.introspect(ctx, i.keyring.discovered(), i.Introspection, raw)
	if err != nil {
		return nil, asRefusal(i, err)
	}
	return i.admitActive(raw, claims, v.config.Now())
}

func asRefusal(i *issuer, err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return unavailable(i.URL, keepUnavailable, err)
}

// admitActive makes a token of an answer (RFC 7662, section 2.2). What the answer leaves out it does
// not vouch for: an answer without aud, exp, sub or token_type is refused, because a refresh token,
// or an access token for somebody else, is active too.
func (i *issuer) admitActive(raw string, claims map[string]any, now time.Time) (*token, *Error) {
	switch active, ok := claims["active"].(bool); {
	case !ok:
		return nil, misconfigured(keepUnavailable, "The identity provider's introspection endpoint does not say whether the token is active.")
	case !active:
		return nil, refuse("The provider does not know the token, or it has ended; sign in again.")
	}
	if iss, ok := claims["iss"]; !ok {
		claims["iss"] = i.URL // the answer is the issuer's own
	} else if iss != i.URL {
		return nil, refuse("The token comes from another issuer than the one that was asked; send a token of this issuer.")
	}
	t := &token{raw: raw, claims: claims}
	if err := t.readClaims(); err != nil {
		return nil, err
	}
	if err := i.admitTimes(t, now); err != nil {
		return nil, err
	}
	if t.forUs = named(t, i.Audiences); t.forUs == "" {
		return nil, refuse("The token is meant for another audience (accepted: %s).", strings.Join(i.Audiences, ", "))
	}
	if err := i.admitAnswered(t); err != nil {
		return nil, err
	}
	return t, i.admitLoggedIn(t)
}

// admitAnswered accepts access tokens alone.
func (i *issuer) admitAnswered(t *token) *Error {
	kind, _ := t.claims["token_type"].(string)
	use, hasUse := t.claims["token_use"].(string)
	typ, hasTyp := t.claims["typ"].(string)
	bound := t.has("cnf") || strings.EqualFold(kind, "DPoP")
	switch {
	case bound && !i.DangerouslyAcceptBoundTokens:
		return refuse("The token is bound to a key (DPoP or mutual TLS), and this server does not check that the sender has the key; " +
			"ask the provider for a plain bearer token.")
	case !bound && !strings.EqualFold(kind, "Bearer"):
		return refuse("The provider does not say that the token is an access token of the type Bearer; send an access token, and have the provider answer with token_type.")
	case hasTyp && !strings.EqualFold(typ, "Bearer") && mediaType(typ) != defaultTokenType && mediaType(typ) != "jwt",
		hasUse && use != "access" && use != "access_token":
		return refuse("The token is a refresh token or of another kind; send an access token.")
	}
	return nil
}

// introspect sends a token to the endpoint.
func (p *provider) introspect(ctx context.Context, doc document, n Introspection, raw string) (map[string]any, error) {
	at := doc.Introspection
	if at == "" {
		return nil, misconfigured(keepUnavailable, "The identity provider has no introspection endpoint.")
	}
	form := url.Values{"token": {raw}, "token_type_hint": {"access_token"}}
	inBody := len(doc.IntrospectionAuth) > 0 && !slices.Contains(doc.IntrospectionAuth, "client_secret_basic") && slices.Contains(doc.IntrospectionAuth, "client_secret_post")
	if inBody {
		form.Set("client_id", n.ClientID)
		form.Set("client_secret", n.ClientSecret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !inBody { // RFC 6749, section 2.3.1, has both parts encoded first
		req.SetBasicAuth(url.QueryEscape(n.ClientID), url.QueryEscape(n.ClientSecret))
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, dialerr.At(at, p.server.Setting, p.server.CA).Explain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return nil, misconfigured(keepUnavailable, "The identity provider's introspection endpoint does not accept the client of this server (%d): "+
			"an administrator has to look at introspection.clientID and its secret.", resp.StatusCode)
	default:
		return nil, &statusError{at, resp.StatusCode}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("POST %s: %w", at, err)
	}
	claims, err := object(body)
	if err != nil {
		return nil, misconfigured(keepUnavailable, "The identity provider's introspection endpoint does not answer with a JSON object with distinct keys; "+
			"have it answer with application/json.")
	}
	return claims, nil
}

// probeIntrospection asks about a token that nobody has issued.
func (i *issuer) probeIntrospection(ctx context.Context, doc document) error {
	claims, err := i.provider.introspect(ctx, doc, i.Introspection, "vitrine-check")
	if err != nil {
		return fmt.Errorf("introspection: %w", err)
	}
	if active, ok := claims["active"].(bool); !ok || active {
		return errors.New("introspection: the endpoint does not answer active: false for a token that nobody has issued; look at introspection_endpoint in the provider's discovery document")
	}
	return nil
}
