package auth

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMiddlewareLetsAGoodTokenPass(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	raw := tokens(t, c)(rsaPair())
	for _, scheme := range []string{"Bearer", "bearer", "BEARER", "bEaReR"} {
		resp, _, id := send(t, v, http.Header{"Authorization": {scheme + " " + raw}})
		want := &Identity{
			Issuer: issuerURL, Subject: "u-1", Username: "alice", Groups: []string{"bi-analysts"},
			Scopes: []string{"email", "openid"}, Client: "front-end", IssuedAt: c.Now(), Expires: c.Now().Add(5 * 60e9),
		}
		if diff := cmp.Diff(want, id); diff != "" || resp.StatusCode != 200 {
			t.Errorf("%s: status %d, identity (-want +got):\n%s", scheme, resp.StatusCode, diff)
		}
	}
}

func TestMiddlewareRefusesRequestsWithoutOneToken(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	raw := tokens(t, c)(rsaPair())
	tests := map[string]struct {
		header http.Header
		status int
		error  string // of the challenge
	}{
		"nothing":            {http.Header{}, 401, ""},
		"empty":              {http.Header{"Authorization": {""}}, 401, ""},
		"Basic":              {http.Header{"Authorization": {"Basic YTpi"}}, 401, ""},
		"Basic with a token": {http.Header{"Authorization": {"Basic " + raw}}, 401, ""},
		"DPoP":               {http.Header{"Authorization": {"DPoP " + raw}}, 401, ""},
		"no scheme":          {http.Header{"Authorization": {raw}}, 401, ""},
		"scheme alone":       {http.Header{"Authorization": {"Bearer"}}, 401, "invalid_token"},
		"no token":           {http.Header{"Authorization": {"Bearer "}}, 401, "invalid_token"},
		"two spaces":         {http.Header{"Authorization": {"Bearer  " + raw}}, 401, "invalid_token"},
		"a tab":              {http.Header{"Authorization": {"Bearer\t" + raw}}, 401, ""},
		"two headers":        {http.Header{"Authorization": {"Bearer " + raw, "Bearer " + raw}}, 400, "invalid_request"},
		"two headers, mixed": {http.Header{"Authorization": {"Basic YTpi", "Bearer " + raw}}, 400, "invalid_request"},
		"joined headers":     {http.Header{"Authorization": {"Bearer " + raw + ", Bearer " + raw}}, 401, "invalid_token"},
		"as parameter":       {http.Header{"Authorization": {"Bearer token=" + raw}}, 401, "invalid_token"},
		"in a cookie":        {http.Header{"Cookie": {"access_token=" + raw + "; Authorization=Bearer " + raw}}, 401, ""},
		"in another header":  {http.Header{"X-Forwarded-Access-Token": {raw}, "Proxy-Authorization": {"Bearer " + raw}}, 401, ""},
		"as protocol":        {http.Header{"Sec-Websocket-Protocol": {"bearer, " + raw}}, 401, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, body, id := send(t, v, tt.header)
			if id != nil {
				t.Fatal("passed")
			}
			challenge := resp.Header.Get("WWW-Authenticate")
			if resp.StatusCode != tt.status || strings.Contains(challenge, "error=") != (tt.error != "") || !strings.Contains(challenge, tt.error) {
				t.Errorf("got %d %s, want %d and error %q: %s", resp.StatusCode, challenge, tt.status, tt.error, body)
			}
		})
	}
}

func TestTokenInTheAddressIsNotRead(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	raw := tokens(t, c)(rsaPair())
	r := httptest.NewRequest(http.MethodGet, "/graphql?access_token="+raw, unread{t})
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	v.Middleware(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", w.Code)
	}
}

func TestRefusalIsAGraphQLResponse(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	f.down = true
	down := newVerifier(t, goodConfig(f, c.Now))
	up := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	raw := tokens(t, c)(rsaPair())
	nameless := sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"email": nil}))
	const where = `, resource_metadata="https://bi.example.com/.well-known/oauth-protected-resource"`
	tests := map[string]struct {
		v                           *Verifier
		auth                        string
		status                      int
		code, challenge, retryAfter string
	}{
		"no token": {up, "", 401, CodeUnauthenticated, `Bearer realm="vitrine"` + where, ""},
		"bad token": {
			up, "Bearer x", 401, CodeUnauthenticated, `Bearer realm="vitrine", error="invalid_token", ` +
				`error_description="The token is not a signed JWT in compact form."` + where, "",
		},
		"no name":       {up, "Bearer " + nameless, 403, CodeForbidden, "", ""},
		"provider down": {down, "Bearer " + raw, 503, CodeUnavailable, "", "10"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if tt.auth != "" {
				h.Set("Authorization", tt.auth)
			}
			resp, body, _ := send(t, tt.v, h)
			var got struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code, RequestID string }
				}
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.Errors) != 1 || got.Errors[0].Message == "" {
				t.Fatalf("body %s: %v", body, err)
			}
			e := got.Errors[0].Extensions
			if e.Code != tt.code || e.RequestID != "req-1" || resp.StatusCode != tt.status {
				t.Errorf("got %d %s", resp.StatusCode, body)
			}
			want := map[string]string{
				"WWW-Authenticate": tt.challenge, "Retry-After": tt.retryAfter,
				"Cache-Control": "no-store", "Content-Type": "application/json; charset=utf-8",
			}
			for k, v := range want {
				if resp.Header.Get(k) != v {
					t.Errorf("%s: %q, want %q", k, resp.Header.Get(k), v)
				}
			}
		})
	}
}

func TestRefusedIsToldOfEachRefusal(t *testing.T) {
	t.Parallel()
	var codes []string
	c := newClock()
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Refused = func(_ context.Context, e *Error) { codes = append(codes, e.Code) }
	v := newVerifier(t, config)
	send(t, v, http.Header{})
	send(t, v, http.Header{"Authorization": {"Bearer " + tokens(t, c)(rsaPair())}})
	if diff := cmp.Diff([]string{CodeUnauthenticated}, codes); diff != "" {
		t.Error(diff)
	}
}

func TestChallengeCannotBeBrokenByTheRealm(t *testing.T) {
	t.Parallel()
	config := goodConfig(newProviderFake(), newClock().Now)
	config.Realm = "a\", x=\"\\\r\nSet-Cookie: b=ü"
	v := newVerifier(t, config)
	want := `Bearer realm="a', x=''Set-Cookie: b=", resource_metadata="https://bi.example.com/.well-known/oauth-protected-resource"`
	if got := v.challenge(missing()); got != want {
		t.Errorf("got %s", got)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	config := goodConfig(newProviderFake(), newClock().Now)
	config.Issuers[0].Scopes = []string{"openid", "email", "openid"}
	v := newVerifier(t, config)
	w := httptest.NewRecorder()
	v.Metadata().ServeHTTP(w, httptest.NewRequest(http.MethodGet, metadataPath, http.NoBody))
	want := `{"resource":"https://bi.example.com","resource_name":"vitrine","authorization_servers":["https://login.example.com"],` +
		`"bearer_methods_supported":["header"],"scopes_supported":["email","openid"]}`
	if w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	w = httptest.NewRecorder()
	v.Metadata().ServeHTTP(w, httptest.NewRequest(http.MethodPost, metadataPath, http.NoBody))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST: got %d %v", w.Code, w.Header())
	}
}

func TestMetadataURLKeepsThePathOfTheResource(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		"":                               "",
		"https://bi.example.com":         "https://bi.example.com/.well-known/oauth-protected-resource",
		"https://bi.example.com/":        "https://bi.example.com/.well-known/oauth-protected-resource",
		"https://bi.example.com/graphql": "https://bi.example.com/.well-known/oauth-protected-resource/graphql",
	} {
		if got := metadataURL(resource); got != want {
			t.Errorf("%q: got %q, want %q", resource, got, want)
		}
	}
}
