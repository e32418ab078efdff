package program

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/test/harness"
)

// logoutToken is what the provider sends when a user logs out.
func logoutToken(t *testing.T, p *harness.Program, user string, change map[string]any) string {
	t.Helper()
	token, err := p.Provider.TokenWith(user, func(claims, header map[string]any) {
		header["typ"] = "logout+jwt"
		subject, issuer := claims["sub"], claims["iss"]
		clear(claims)
		maps.Copy(claims, map[string]any{
			"iss": issuer, "sub": subject, "aud": "portal", "jti": rand.Text(), "iat": time.Now().Unix(), "exp": time.Now().Add(2 * time.Minute).Unix(),
			"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
		})
		maps.Copy(claims, change)
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// sendLogout posts a form as a provider does.
func sendLogout(t *testing.T, p *harness.Program, form url.Values) *harness.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Address+"/oidc/backchannel-logout", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return harness.Send(t, r)
}

// earlier is a token from before the second in which a test runs: logouts count in whole seconds.
func earlier(t *testing.T, p *harness.Program, user string) string {
	t.Helper()
	token, err := p.Provider.TokenWith(user, func(claims, header map[string]any) {
		harness.Lasting(claims, header)
		claims["iat"] = time.Now().Add(-time.Minute).Unix()
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A provider that logs somebody out at one replica has logged them out at all: their tokens, their
// Tableau sessions and their content links end, and nobody else's do.
func TestLogoutOfTheProviderReachesEveryReplica(t *testing.T) {
	f := startReplicas(t, 1)
	const query = `{ site { workbooks(first: 1) { nodes { name views { image { url } } } } } }`
	first := f.replicas[0]
	alice, bob := earlier(t, first.Program, "alice"), earlier(t, first.Program, "bob")
	links := map[string][]string{} // of each replica: they have addresses of their own here
	for name, token := range map[string]string{"alice": alice, "bob": bob} {
		for _, r := range f.replicas {
			got := r.Post(t, token, query)
			if got.Codes() != "" {
				t.Fatalf("%s: %s", name, got.Body)
			}
			links[name] = append(links[name], firstLink(t, got.Body))
		}
	}
	signOuts := f.Tableau.Count("POST auth/signout")
	token := logoutToken(t, first.Program, "alice", nil)
	if got := sendLogout(t, f.replicas[1].Program, url.Values{"logout_token": {token}}); got.Status != http.StatusOK {
		t.Fatalf("the logout answers %d %s", got.Status, got.Body)
	}
	for i, r := range f.replicas {
		if got := r.Post(t, alice, query); got.Status != http.StatusUnauthorized || !strings.Contains(got.Body, "logged out") {
			t.Errorf("replica %d: alice gets %d %s", i, got.Status, got.Body)
		}
		if got := r.Post(t, bob, query); got.Codes() != "" {
			t.Errorf("replica %d: bob gets %d %s", i, got.Status, got.Body)
		}
		for name, want := range map[string]int{"alice": http.StatusNotFound, "bob": http.StatusOK} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, links[name][i], nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := harness.Send(t, r); got.Status != want {
				t.Errorf("replica %d: the link of %s answers %d", i, name, got.Status)
			}
		}
	}
	for f.Tableau.Count("POST auth/signout") == signOuts { // real time: sign-outs run in the background
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Second) // real time: logouts count in whole seconds
	again := first.Token(t, "alice")
	if got := first.Post(t, again, query); got.Codes() != "" {
		t.Errorf("after the next sign-in alice gets %d %s", got.Status, got.Body)
	}
	// The same logout sent again, to another replica, ends nothing.
	if got := sendLogout(t, f.replicas[2].Program, url.Values{"logout_token": {token}}); got.Status != http.StatusOK {
		t.Errorf("the logout sent again answers %d %s", got.Status, got.Body)
	}
	if got := first.Post(t, again, query); got.Codes() != "" {
		t.Errorf("after the logout was sent again alice gets %d %s", got.Status, got.Body)
	}
	for name, form := range map[string]url.Values{
		"no token": {}, "two tokens": {"logout_token": {token, token}}, "an access token": {"logout_token": {alice}},
		"another client": {"logout_token": {logoutToken(t, first.Program, "alice", map[string]any{"aud": "other"})}},
	} {
		got := sendLogout(t, first.Program, form)
		var answer map[string]string
		if err := json.Unmarshal([]byte(got.Body), &answer); err != nil || got.Status != http.StatusBadRequest || answer["error"] != "invalid_request" || answer["error_description"] == "" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

// firstLink is the first content link of an answer.
func firstLink(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `"url":"`)
	link, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		t.Fatalf("there is no link in %s", body)
	}
	return link
}
