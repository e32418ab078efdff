package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const opaqueToken = "an-opaque-token_of.the~provider"

// active is a good answer of an introspection endpoint.
func active(now time.Time) dict {
	return with(goodClaims(now), dict{"active": true, "token_type": "Bearer", "username": "alice"})
}

// introspecting makes a verifier whose provider answers introspections with h.
func introspecting(t *testing.T, c *clock, keep time.Duration, h http.HandlerFunc, discovery dict) (*Verifier, *fakeProvider) {
	t.Helper()
	f := newProviderFake(rsaPair())
	f.replace["/.well-known/openid-configuration"] = answer(with(dict{
		"issuer": issuerURL, "jwks_uri": issuerURL + "/keys", "introspection_endpoint": issuerURL + "/introspect", "userinfo_endpoint": issuerURL + "/me",
	}, discovery))
	f.replace["/introspect"] = h
	config := goodConfig(f, c.Now)
	config.Issuers[0].Introspection = Introspection{ClientID: "id:1", ClientSecret: "s+1", Keep: keep}
	return newVerifier(t, config), f
}

func TestOpaqueTokensAreIntrospectedOnceAndRememberedByTheirHash(t *testing.T) {
	t.Parallel()
	c := newClock()
	v, f := introspecting(t, c, 10*time.Second, func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if r.Method != http.MethodPost || id != "id%3A1" || secret != "s%2B1" || r.FormValue("token") != opaqueToken || r.FormValue("token_type_hint") != "access_token" {
			t.Errorf("asked with %s %s %v", r.Method, id, r.Form)
		}
		answer(active(c.Now()))(w, r)
	}, nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			id, err := v.Verify(context.Background(), opaqueToken)
			if err != nil || id.Username != "alice" || id.Client != "front-end" || !cmp.Equal(id.Groups, []string{"bi-analysts"}) {
				t.Errorf("got %+v, %v", id, err)
			}
		})
	}
	wg.Wait()
	if n := f.count("/introspect"); n != 1 {
		t.Errorf("asked %d times for one token, want 1", n)
	}
	wantStatus(t, v, tokens(t, c)(rsaPair()), 200) // JWTs of the issuer go on to be verified here
	if n := f.count("/introspect"); n != 1 {
		t.Error("a JWT was introspected")
	}
	c.Add(10 * time.Second)
	wantStatus(t, v, opaqueToken, 200)
	if n := f.count("/introspect"); n != 2 {
		t.Errorf("asked %d times, want again after cacheFor", n)
	}
}

func TestIntrospectionIsNeverRememberedPastTheToken(t *testing.T) {
	t.Parallel()
	c := newClock()
	ends := c.Now().Add(5 * time.Second)
	v, _ := introspecting(t, c, keepVerified, func(w http.ResponseWriter, r *http.Request) {
		answer(with(active(c.Now()), dict{"exp": ends.Unix()}))(w, r)
	}, nil)
	wantStatus(t, v, opaqueToken, 200)
	c.Add(time.Minute)
	wantStatus(t, v, opaqueToken, 401)
}

func TestIntrospectionWithoutCacheAsksForEachRequest(t *testing.T) {
	t.Parallel()
	c := newClock()
	revoked := false
	v, _ := introspecting(t, c, 0, func(w http.ResponseWriter, r *http.Request) {
		if revoked {
			answer(dict{"active": false})(w, r)
			return
		}
		answer(active(c.Now()))(w, r)
	}, nil)
	wantStatus(t, v, opaqueToken, 200)
	revoked = true
	wantStatus(t, v, opaqueToken, 401)
}

// TestIntrospectionFailsClosed gives every answer but a good one.
func TestIntrospectionFailsClosed(t *testing.T) {
	t.Parallel()
	c := newClock()
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, text) }
	}
	code := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	changed := func(changes dict) http.HandlerFunc { return answer(with(active(c.Now()), changes)) }
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   int
	}{
		"good":                  {changed(nil), 200},
		"without iss":           {changed(dict{"iss": nil}), 200},
		"bearer":                {changed(dict{"token_type": "bearer"}), 200},
		"inactive":              {answer(dict{"active": false}), 401},
		"inactive with claims":  {changed(dict{"active": false}), 401},
		"active as a text":      {changed(dict{"active": "true"}), 503},
		"active as a number":    {changed(dict{"active": 1}), 503},
		"without active":        {changed(dict{"active": nil}), 503},
		"without exp":           {changed(dict{"exp": nil}), 401},
		"ended":                 {changed(dict{"exp": c.Now().Add(-time.Hour).Unix()}), 401},
		"not yet":               {changed(dict{"nbf": c.Now().Add(time.Hour).Unix()}), 401},
		"without aud":           {changed(dict{"aud": nil}), 401},
		"another audience":      {changed(dict{"aud": "other"}), 401},
		"without sub":           {changed(dict{"sub": nil}), 401},
		"another issuer":        {changed(dict{"iss": issuerURL + "/"}), 401},
		"iss is no text":        {changed(dict{"iss": 7}), 401},
		"without token_type":    {changed(dict{"token_type": nil}), 401},
		"a refresh token":       {changed(dict{"token_type": "refresh_token"}), 401},
		"Keycloak's refresh":    {changed(dict{"typ": "Refresh"}), 401},
		"bound to a key":        {changed(dict{"cnf": dict{"jkt": "x"}}), 401},
		"DPoP":                  {changed(dict{"token_type": "DPoP"}), 401},
		"another's claim":       {changed(dict{"EXP": 1}), 401},
		"without a name":        {changed(dict{"email": nil}), 403},
		"not verified":          {changed(dict{"email_verified": nil}), 403},
		"groups were left out":  {changed(dict{"groups": nil, "_claim_names": dict{"groups": "src1"}}), 403},
		"no JSON":               {body("<html>"), 503},
		"a JWT":                 {body("eyJhbGciOiJub25lIn0.e30."), 503},
		"keys twice":            {body(`{"active":false,"active":true}`), 503},
		"an empty body":         {body(""), 503},
		"a huge body":           {body(`{"active":true,"x":"` + strings.Repeat("x", maxAnswer) + `"}`), 503},
		"our client is refused": {code(401), 503},
		"bad request":           {code(400), 503},
		"redirected":            {code(302), 503},
		"created":               {code(201), 503},
		"broken":                {code(500), 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, f := introspecting(t, c, keepVerified, test.answer, nil)
			for range 2 {
				wantStatus(t, v, opaqueToken, test.want)
			}
			if n := f.count("/introspect"); n != 1 {
				t.Errorf("asked %d times, want 1: each answer is remembered for a while", n)
			}
			_, err := v.Verify(context.Background(), opaqueToken)
			if err != nil && strings.Contains(err.Error(), opaqueToken) {
				t.Errorf("the error holds the token: %v", err)
			}
		})
	}
}

func TestIntrospectionNeedsAnEndpointThatCanBeTrusted(t *testing.T) {
	t.Parallel()
	c := newClock()
	for _, at := range []any{nil, "http://login.example.com/introspect", "ftp://x", 7} {
		v, f := introspecting(t, c, keepVerified, answer(active(c.Now())), dict{"introspection_endpoint": at})
		wantStatus(t, v, opaqueToken, 503)
		if errs := v.Check(t.Context()); len(errs) != 1 {
			t.Errorf("%v: Check finds %v", at, errs)
		}
		if f.count("/introspect") > 0 {
			t.Errorf("%v was asked", at)
		}
	}
	// A provider that takes the secret in the form alone.
	v, _ := introspecting(t, c, keepVerified, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.PostFormValue("client_id") != "id:1" || r.PostFormValue("client_secret") != "s+1" {
			t.Errorf("asked with %v, %v", r.Header, r.PostForm)
		}
		answer(active(c.Now()))(w, r)
	}, dict{"introspection_endpoint_auth_methods_supported": []string{"client_secret_post"}})
	wantStatus(t, v, opaqueToken, 200)
}

// TestInventedTokensDisplaceNoGoodOnes floods the cache.
func TestInventedTokensDisplaceNoGoodOnes(t *testing.T) {
	t.Parallel()
	c := newClock()
	v, f := introspecting(t, c, keepVerified, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("token") != opaqueToken {
			answer(dict{"active": false})(w, r)
			return
		}
		answer(active(c.Now()))(w, r)
	}, nil)
	wantStatus(t, v, opaqueToken, 200)
	for n := range tokenParts*maxRemembered + 10 {
		wantStatus(t, v, fmt.Sprintf("invented-%d", n), 401)
	}
	asked := f.count("/introspect")
	wantStatus(t, v, opaqueToken, 200)
	if f.count("/introspect") != asked {
		t.Error("the good token was forgotten")
	}
	for i := range v.inactive {
		if n := v.inactive[i].Len(); n > maxRemembered {
			t.Errorf("%d invented tokens are remembered in one of %d parts", n, tokenParts)
		}
	}
	if len(v.asking) != 0 {
		t.Errorf("%d introspections are still under way", len(v.asking))
	}
}

// TestIntrospectionsUnderWayAreBounded has the provider not answer.
func TestIntrospectionsUnderWayAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		var mu sync.Mutex
		now, most := 0, 0
		v, _ := introspecting(t, c, keepVerified, func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			<-r.Context().Done()
			mu.Lock()
			now--
			mu.Unlock()
		}, nil)
		var wg sync.WaitGroup
		for n := range 4 * maxIntrospections {
			wg.Go(func() { wantUnavailable(t, v, fmt.Sprintf("slow-%d", n)) })
		}
		wg.Wait()
		if most > maxIntrospections {
			t.Errorf("%d at a time, want at most %d", most, maxIntrospections)
		}
	})
}

func wantUnavailable(t *testing.T, v *Verifier, raw string) {
	t.Helper()
	if _, err := v.Verify(t.Context(), raw); status(err) != http.StatusServiceUnavailable {
		t.Errorf("got %d, %v", status(err), err)
	}
}

func TestOneIssuerAtMostIsAskedAboutOpaqueTokens(t *testing.T) {
	t.Parallel()
	f := newProviderFake(rsaPair())
	c := goodConfig(f, time.Now)
	c.DangerouslySharedNames = true
	c.Issuers[0].Introspection = Introspection{ClientID: "a", ClientSecret: "b"}
	second := c.Issuers[0]
	second.URL += "/other"
	c.Issuers = append(c.Issuers, second)
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), "oidc[1].introspection") {
		t.Errorf("two of them give %v", err)
	}
	c.Issuers[0].Introspection = Introspection{}
	c.Issuers[1].Introspection = Introspection{ClientID: "a", Keep: time.Hour}
	if _, err := New(c); err == nil || strings.Count(err.Error(), "introspection") < 2 {
		t.Errorf("no secret and a long cache give %v", err)
	}
}

func TestTokensNeedTheRequiredScopes(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	config := goodConfig(f, c.Now)
	config.Issuers[0].RequiredScopes = []string{"bi.read", "openid"}
	v := newVerifier(t, config)
	token := func(scope any) string {
		return sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"scope": scope}))
	}
	wantStatus(t, v, token("openid bi.read x"), 200)
	for _, scope := range []any{nil, "openid", "bi.read", "BI.READ openid", "openid,bi.read", "bi.readopenid", 7} {
		raw := token(scope)
		wantStatus(t, v, raw, 403)
		resp, _, reached := send(t, v, http.Header{"Authorization": {"Bearer " + raw}})
		challenge := resp.Header.Get("WWW-Authenticate")
		if reached != nil || (scope == "openid") != strings.Contains(challenge, `error="insufficient_scope"`) && scope == "openid" {
			t.Errorf("%v: reached %v, challenge %q", scope, reached, challenge)
		}
	}
}

// TestRealProviderIntrospects is against a provider that nobody here wrote.
func TestRealProviderIntrospects(t *testing.T) {
	p := startProvider(t)
	v, _ := p.verifier(func(i *Issuer) {
		i.Introspection = Introspection{ClientID: "vitrine server", ClientSecret: "secret of: the+server"}
		i.RequiredScopes = []string{"read"}
	})
	if errs := v.Check(context.Background()); errs != nil {
		t.Fatal(errors.Join(errs...))
	}
	alice := p.signIn("alice", opaqueResource)
	if strings.Contains(alice.AccessToken, ".") || alice.RefreshToken == "" {
		t.Fatalf("the provider gives %+v, want an opaque access token and a refresh token", alice)
	}
	id, err := v.Verify(context.Background(), alice.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{id.Issuer, id.Subject, id.Username, id.Groups, id.Client}
	if diff := cmp.Diff([]any{p.issuer, "alice", "alice", []string{"all", "bi-analysts"}, "front-end"}, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	wantStatus(t, v, alice.RefreshToken, 401)
	wantStatus(t, v, alice.IDToken, 401)
	wantStatus(t, v, "invented", 401)
	wantStatus(t, v, p.signIn("alice", "").AccessToken, 401) // for UserInfo: no audience
	wantStatus(t, v, p.signIn("mallory", opaqueResource).AccessToken, 403)
	wantStatus(t, v, p.signIn("alice", vitrineResource).AccessToken, 200) // a JWT

	resp, err := http.PostForm(p.issuer+"/token/revocation", url.Values{"token": {alice.AccessToken}, "client_id": {"front-end"}})
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("revoking: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
	wantStatus(t, v, alice.AccessToken, 401)

	wrong, _ := p.verifier(func(i *Issuer) { i.Introspection = Introspection{ClientID: "vitrine server", ClientSecret: "wrong"} })
	wantStatus(t, wrong, alice.RefreshToken, 503)
	if errs := wrong.Check(context.Background()); len(errs) != 1 || !strings.Contains(errs[0].Error(), "introspection.clientID") {
		t.Errorf("a wrong secret: %v", errs)
	}
	p.do("stop")
	wantStatus(t, v, alice.AccessToken+"x", 503)
}
