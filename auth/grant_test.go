package auth

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScopesAndClientAreReadAsProvidersWriteThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, claims string
		scopes       []string
		client       string
		refused      string // part of the reason
	}{
		{"none", `{}`, nil, "", ""},
		{"RFC 9068", `{"scope":"openid bi.read  openid","client_id":"portal"}`, []string{"bi.read", "openid"}, "portal", ""},
		{"a list", `{"scp":["bi.read","email"],"cid":"portal"}`, []string{"bi.read", "email"}, "portal", ""},
		{"a text", `{"scp":"bi.read email","appid":"portal"}`, []string{"bi.read", "email"}, "portal", ""},
		{"both", `{"scope":"a","scp":["b"]}`, []string{"a", "b"}, "", ""},
		{"authorized party", `{"azp":"portal"}`, nil, "portal", ""},
		{"client_id before azp", `{"azp":"other","client_id":"portal"}`, nil, "portal", ""},
		{"empty", `{"scope":"","client_id":""}`, nil, "", ""},
		{"scopes of another form", `{"scope":{"a":true}}`, nil, "", `"scope"`},
		{"a list of numbers", `{"scp":[1]}`, nil, "", `"scp"`},
		{"a client that is a number", `{"client_id":7}`, nil, "", `"client_id"`},
	}
	for _, tt := range tests {
		var claims map[string]any
		if err := json.Unmarshal([]byte(tt.claims), &claims); err != nil {
			t.Fatal(err)
		}
		scopes, err := grantRule{strict: true}.scopes(claims)
		client, clientErr := grantRule{strict: true}.client(claims)
		if err == nil {
			err = clientErr
		}
		switch {
		case tt.refused == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.refused != "" && (err == nil || err.Status != 403 || !strings.Contains(err.Message, tt.refused)):
			t.Errorf("%s: %v, want a 403 about %s", tt.name, err, tt.refused)
		case tt.refused != "":
		case client != tt.client || !cmp.Equal(append([]string{}, tt.scopes...), append([]string{}, scopes...)):
			t.Errorf("%s: scopes %q, client %q", tt.name, scopes, client)
		}
	}
}

func TestExplainClaims(t *testing.T) {
	t.Parallel()
	c := newClock()
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Issuers[0].Claims = []string{"department"}
	v := newVerifier(t, config)
	s, err := v.Explain([]byte(`{"iss":"` + issuerURL + `","sub":"u-1","exp":1,"aud":"elsewhere","department":"Sales","scope":"a b",` +
		`"groups":["g"],"preferred_username":"alice","email":"alice@example.com","email_verified":true}`))
	if err != nil || s.Identity == nil {
		t.Fatalf("%+v, %v", s, err)
	}
	if s.Identity.Client != "" || !cmp.Equal(s.Identity.Scopes, []string{"a", "b"}) || !cmp.Equal(s.Identity.Claims["department"], []string{"Sales"}) {
		t.Errorf("%+v", s.Identity)
	}
	if len(s.Notes) == 0 || !strings.Contains(s.Notes[0], "expired") {
		t.Errorf("notes %q do not say that the token has expired", s.Notes)
	}
	for claims, want := range map[string]string{
		`{"iss":"https://other.example.com","sub":"u","exp":1}`: "an issuer that is not accepted",
		`{"iss":"` + issuerURL + `","sub":"u","exp":1}`:         "has no claim",
		`{"iss":"` + issuerURL + `","exp":1}`:                   "no subject",
	} {
		s, err := v.Explain([]byte(claims))
		if err != nil || s.Identity != nil || s.Refused == nil || !strings.Contains(s.Refused.Error(), want) {
			t.Errorf("%s: %+v, %v", claims, s, err)
		}
	}
	if _, err := v.Explain([]byte("[]")); err == nil {
		t.Error("a list passed for claims")
	}
}
