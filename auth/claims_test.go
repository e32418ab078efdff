package auth

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUsernameRule(t *testing.T) {
	t.Parallel()
	verified := UsernameRule{Claim: "email", RequireVerified: true, StripDomain: "example.com"}
	strip := UsernameRule{Claim: "email", StripDomain: "example.com"}
	plain := UsernameRule{Claim: "upn"}
	prefix := UsernameRule{Claim: "upn", PrefixDomain: "CORP"}
	tests := map[string]struct {
		rule   UsernameRule
		claims dict
		want   string // "" is a refusal
	}{
		"verified address":            {verified, dict{"email": "alice@example.com", "email_verified": true}, "alice"},
		"verified as text":            {verified, dict{"email": "alice@example.com", "email_verified": "true"}, "alice"},
		"not verified":                {verified, dict{"email": "alice@example.com", "email_verified": false}, ""},
		"verified is missing":         {verified, dict{"email": "alice@example.com"}, ""},
		"verified is 1":               {verified, dict{"email": "alice@example.com", "email_verified": 1.0}, ""},
		"verified is True":            {verified, dict{"email": "alice@example.com", "email_verified": "True"}, ""},
		"domain in capitals":          {strip, dict{"email": "Alice@EXAMPLE.com"}, "Alice"},
		"another domain":              {strip, dict{"email": "alice@evil.example"}, ""},
		"domain as a suffix":          {strip, dict{"email": "alice@notexample.com"}, ""},
		"a domain below":              {strip, dict{"email": "alice@sub.example.com"}, ""},
		"domain with a dot at end":    {strip, dict{"email": "alice@example.com."}, ""},
		"two @":                       {strip, dict{"email": "alice@evil.example@example.com"}, ""},
		"two @, other way round":      {strip, dict{"email": "alice@example.com@evil.example"}, ""},
		"quoted @":                    {strip, dict{"email": `"alice@x"@example.com`}, ""},
		"no @":                        {strip, dict{"email": "alice"}, ""},
		"nothing before @":            {strip, dict{"email": "@example.com"}, ""},
		"domain alone":                {strip, dict{"email": "example.com"}, ""},
		"Windows domain before @":     {strip, dict{"email": `EVIL\bob@example.com`}, ""},
		"Kelvin sign in the domain":   {UsernameRule{Claim: "email", StripDomain: "kelvin.com"}, dict{"email": "alice@\u212aelvin.com"}, ""},
		"long s in the domain":        {UsernameRule{Claim: "email", StripDomain: "sun.com"}, dict{"email": "alice@\u017fun.com"}, ""},
		"no rule for a domain":        {plain, dict{"upn": "alice@any.example"}, "alice@any.example"},
		"Windows name as it is":       {plain, dict{"upn": `CORP\alice`}, `CORP\alice`},
		"prefix":                      {prefix, dict{"upn": "alice"}, `CORP\alice`},
		"prefix on a Windows name":    {prefix, dict{"upn": `EVIL\alice`}, ""},
		"strip and prefix":            {UsernameRule{Claim: "email", StripDomain: "example.com", PrefixDomain: "CORP"}, dict{"email": "al@example.com"}, `CORP\al`},
		"missing":                     {plain, dict{}, ""},
		"null":                        {plain, dict{"upn": nil}, ""},
		"empty":                       {plain, dict{"upn": ""}, ""},
		"a number":                    {plain, dict{"upn": 7.0}, ""},
		"a list":                      {plain, dict{"upn": []any{"alice"}}, ""},
		"an object":                   {plain, dict{"upn": dict{"name": "alice"}}, ""},
		"a line break":                {plain, dict{"upn": "alice\nbob"}, ""},
		"a NUL":                       {plain, dict{"upn": "alice\x00"}, ""},
		"a no-break space":            {plain, dict{"upn": "alice\u00a0"}, ""},
		"a zero-width space":          {plain, dict{"upn": "al\u200bice"}, ""},
		"a right-to-left mark":        {plain, dict{"upn": "alice\u202e"}, ""},
		"a replacement character":     {plain, dict{"upn": "alice\ufffd"}, ""},
		"a space before":              {plain, dict{"upn": " alice"}, ""},
		"a space after":               {plain, dict{"upn": "alice "}, ""},
		"only a space":                {plain, dict{"upn": " "}, ""},
		"a space inside":              {plain, dict{"upn": "alice smith"}, "alice smith"},
		"letters of other scripts":    {plain, dict{"upn": "Zoë Łukasz 王"}, "Zoë Łukasz 王"},
		"too long":                    {plain, dict{"upn": strings.Repeat("a", maxUsername+1)}, ""},
		"claim in another case":       {plain, dict{"UPN": "alice"}, ""},
		"a filter is only a name":     {plain, dict{"upn": "bob,name:eq:admin"}, "bob,name:eq:admin"},
		"a path":                      {UsernameRule{Claim: "a.b"}, dict{"a": dict{"b": "alice"}}, "alice"},
		"a literal name with a dot":   {UsernameRule{Claim: "a.b"}, dict{"a": dict{"b": "bob"}, "a.b": "alice"}, "alice"},
		"an address as name of claim": {UsernameRule{Claim: "https://x.example/name"}, dict{"https://x.example/name": "alice"}, "alice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.rule.name(tt.claims, "The token")
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
			if err == nil {
				return
			}
			if err.Status != 403 || err.Code != CodeForbidden || !strings.Contains(err.Message, `"`+tt.rule.Claim+`"`) {
				t.Errorf("%d %s %q: want a 403 FORBIDDEN that names the claim", err.Status, err.Code, err.Message)
			}
			if v, ok := tt.claims[tt.rule.Claim].(string); ok && len(v) > 7 && v != tt.rule.StripDomain && strings.Contains(err.Message, v) {
				t.Errorf("message %q repeats the value", err.Message)
			}
		})
	}
}

func TestGroupsRule(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		claim  string
		claims dict
		want   []string
		status int
	}{
		"list":                   {"groups", dict{"groups": []any{"b", "a", "b"}}, []string{"a", "b"}, 200},
		"one text":               {"groups", dict{"groups": "a"}, []string{"a"}, 200},
		"path":                   {"realm_access.roles", dict{"realm_access": dict{"roles": []any{"a"}}}, []string{"a"}, 200},
		"deep path":              {"a.b.c", dict{"a": dict{"b": dict{"c": "x"}}}, []string{"x"}, 200},
		"literal name first":     {"a.b", dict{"a.b": "x", "a": dict{"b": "y"}}, []string{"x"}, 200},
		"literal name inside":    {"resource.my.app", dict{"resource": dict{"my.app": "x"}}, []string{"x"}, 200},
		"address":                {"https://x.example/groups", dict{"https://x.example/groups": []any{"x"}}, []string{"x"}, 200},
		"path through a text":    {"a.b", dict{"a": "b"}, nil, 403},
		"path through nothing":   {"a.b", dict{"a": nil}, nil, 403},
		"missing":                {"groups", dict{}, nil, 200},
		"no rule":                {"", dict{"groups": "a", "": "b"}, nil, 200},
		"a number":               {"groups", dict{"groups": 1.0}, nil, 403},
		"null":                   {"groups", dict{"groups": nil}, nil, 403},
		"an object":              {"groups", dict{"groups": dict{"a": true}}, nil, 403},
		"a list with a number":   {"groups", dict{"groups": []any{"a", 1.0}}, nil, 403},
		"too many, by reference": {"groups", dict{"_claim_names": dict{"groups": "src1"}}, nil, 403},
		"another by reference":   {"groups", dict{"_claim_names": dict{"roles": "src1"}}, nil, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := GroupsRule{Claim: tt.claim}.groups(tt.claims)
			s := 200
			if err != nil {
				s = err.Status
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || s != tt.status {
				t.Errorf("status %d, groups (-want +got):\n%s", s, diff)
			}
		})
	}
}

func TestTokenKinds(t *testing.T) {
	t.Parallel()
	c := newClock()
	k := rsaPair()
	base := with(goodClaims(c.Now()), dict{"client_id": nil, "scope": nil})
	strict := func(*Issuer) {}
	jwt := func(i *Issuer) { i.TokenTypes = []string{"at+jwt", "JWT"} }
	ids := func(i *Issuer) { i.AcceptIDTokens = true }
	tests := map[string]struct {
		settings func(*Issuer)
		typ      any
		claims   dict
		want     int
	}{
		"at+jwt":                         {strict, "at+jwt", nil, 200},
		"application/at+jwt":             {strict, "application/at+jwt", nil, 200},
		"AT+JWT":                         {strict, "AT+JWT", nil, 200},
		"access token as JWT":            {strict, "JWT", dict{"scope": "x"}, 401},
		"JWT with scope":                 {jwt, "JWT", dict{"scope": "x"}, 200},
		"JWT with scp (Entra, Okta)":     {jwt, "JWT", dict{"scp": "x"}, 200},
		"JWT with client_id":             {jwt, "JWT", dict{"client_id": "front-end"}, 200},
		"no typ with scope":              {jwt, nil, dict{"scope": "x"}, 200},
		"JWT for another party (Auth0)":  {jwt, "JWT", dict{"azp": "front-end"}, 200},
		"Keycloak access token":          {jwt, "JWT", dict{"typ": "Bearer", "azp": "vitrine", "nonce": "n"}, 200},
		"Keycloak ID token":              {jwt, "JWT", dict{"typ": "ID", "azp": "front-end", "scope": "x"}, 401},
		"Keycloak refresh token":         {jwt, "JWT", dict{"typ": "Refresh", "scope": "x"}, 401},
		"Cognito access token":           {jwt, nil, dict{"token_use": "access"}, 200},
		"Cognito ID token":               {jwt, nil, dict{"token_use": "id", "scope": "x"}, 401},
		"JWT with nonce":                 {jwt, "JWT", dict{"nonce": "n", "scope": "x"}, 401},
		"JWT with at_hash":               {jwt, "JWT", dict{"at_hash": "h", "scope": "x", "typ": "Bearer"}, 401},
		"JWT with c_hash":                {jwt, "JWT", dict{"c_hash": "h", "scope": "x"}, 401},
		"JWT without any mark":           {jwt, "JWT", nil, 401},
		"JWT for its own audience":       {jwt, "JWT", dict{"azp": "vitrine"}, 401},
		"logout token as JWT":            {jwt, "JWT", dict{"events": dict{}, "scope": "x"}, 401},
		"logout token where IDs pass":    {ids, "JWT", dict{"events": dict{}}, 401},
		"ID token":                       {ids, "JWT", dict{"nonce": "n", "azp": "vitrine"}, 200},
		"ID token without typ":           {ids, nil, nil, 200},
		"ID token of another client":     {ids, "JWT", dict{"nonce": "n", "azp": "other"}, 401},
		"ID token with azp a list":       {ids, "JWT", dict{"nonce": "n", "azp": []string{"vitrine"}}, 401},
		"ID token for several":           {ids, "JWT", dict{"nonce": "n", "aud": []string{"vitrine", "x"}}, 401},
		"ID token for several, with azp": {ids, "JWT", dict{"nonce": "n", "aud": []string{"vitrine", "x"}, "azp": "vitrine"}, 200},
		"access token where IDs pass":    {ids, "at+jwt", nil, 200},
		"plain JWT where IDs pass":       {ids, "JWT", dict{"scope": "x"}, 401},
		"only JWT is accepted":           {func(i *Issuer) { i.TokenTypes = []string{"JWT"} }, "at+jwt", nil, 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := goodConfig(newProviderFake(k), c.Now)
			tt.settings(&config.Issuers[0])
			v := newVerifier(t, config)
			raw := sign(t, k, with(goodHeader(k), dict{"typ": tt.typ}), with(base, tt.claims))
			_, err := v.Verify(context.Background(), raw)
			if status(err) != tt.want {
				t.Errorf("got %d (%v), want %d", status(err), err, tt.want)
			}
		})
	}
}

func TestTimesHaveLeeway(t *testing.T) {
	t.Parallel()
	c := newClock()
	now := c.Now().Unix()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	for name, change := range map[string]dict{
		"just expired":          {"exp": now - 29},
		"just not valid yet":    {"nbf": now + 30},
		"just issued":           {"iat": now + 30},
		"fractions":             {"exp": float64(now) + 0.5},
		"an exponent":           {"exp": 1.9e9},
		"without iat":           {"iat": nil},
		"several audiences":     {"aud": []string{"other", "vitrine"}},
		"claims that we ignore": {"auth_time": now, "acr": "0", "x": []any{nil, true, dict{"y": 1.5}}},
	} {
		_, err := v.Verify(context.Background(), sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), change)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryAlgorithmVerifies(t *testing.T) {
	t.Parallel()
	c := newClock()
	ps := pair{"ps-1", "PS256", otherPair().private}
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair(), ecPair(), edPair(), ps), c.Now))
	token := tokens(t, c)
	for _, k := range []pair{rsaPair(), ecPair(), edPair(), ps} {
		if _, err := v.Verify(context.Background(), token(k)); err != nil {
			t.Errorf("%s: %v", k.alg, err)
		}
	}
}

func TestAlgorithmOutsideTheSettingsIsRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	k := pair{"k", "", rsaPair().private} // a key that does not say for which algorithm it is
	config := goodConfig(newProviderFake(k), c.Now)
	config.Issuers[0].Algorithms = []string{"PS256"}
	v := newVerifier(t, config)
	signed := func(alg string) string {
		k := pair{"k", alg, k.private}
		return sign(t, k, goodHeader(k), goodClaims(c.Now()))
	}
	wantStatus(t, v, signed("PS256"), 200)
	wantStatus(t, v, signed("RS256"), 401)
}

func TestErrorsHoldNoTokenText(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	const mark = "c2VjcmV0LW1hcms"
	for _, claims := range []dict{
		{"aud": mark},
		{"iss": "https://" + mark},
		{"sub": []string{mark}},
		{"exp": mark},
		{"email": mark},
		{"email": mark + "@evil.example"},
		{"groups": dict{mark: 1}},
	} {
		raw := sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), claims))
		_, err := v.Verify(context.Background(), raw)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v: got %v, want an *Error", claims, err)
		}
		for _, part := range append(strings.Split(raw, "."), mark) {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%v: %q repeats the token", claims, err)
			}
		}
	}
}

func TestFurtherClaims(t *testing.T) {
	t.Parallel()
	names := []string{"department", "realm.regions"}
	long := make([]any, maxClaimTexts+1)
	for i := range long {
		long[i] = "x"
	}
	tests := map[string]struct {
		token, info dict
		want        map[string][]string
		refused     bool
	}{
		"none":                 {token: dict{"other": "x"}},
		"a text":               {token: dict{"department": "Sales"}, want: map[string][]string{"department": {"Sales"}}},
		"a list inside":        {token: dict{"realm": dict{"regions": []any{"N", "S"}}}, want: map[string][]string{"realm.regions": {"N", "S"}}},
		"a number":             {token: dict{"department": json.Number("7")}, want: map[string][]string{"department": {"7"}}},
		"a boolean":            {token: dict{"department": true}, want: map[string][]string{"department": {"true"}}},
		"null":                 {token: dict{"department": nil}},
		"an empty list":        {token: dict{"department": []any{}}, want: map[string][]string{"department": {}}},
		"from UserInfo":        {info: dict{"department": "HR"}, want: map[string][]string{"department": {"HR"}}},
		"the token goes first": {token: dict{"department": "A"}, info: dict{"department": "B"}, want: map[string][]string{"department": {"A"}}},
		"an object":            {token: dict{"department": dict{"a": "b"}}, refused: true},
		"a list of numbers":    {token: dict{"department": []any{json.Number("7")}}, refused: true},
		"too long":             {token: dict{"department": strings.Repeat("x", maxClaimBytes+1)}, refused: true},
		"too many":             {token: dict{"department": long}, refused: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := further(names, test.token, test.info)
			if (err != nil) != test.refused || err != nil && err.Code != CodeForbidden {
				t.Fatalf("error %v, want a refusal: %t", err, test.refused)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}
