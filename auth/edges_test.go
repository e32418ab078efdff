package auth

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestContextsCarryIdentitiesAndNothingElse(t *testing.T) {
	t.Parallel()
	id := &Identity{Subject: "s"}
	for name, c := range map[string]struct {
		ctx  context.Context //nolint:containedctx // it is what is tried
		want *Identity
	}{"one": {NewContext(t.Context(), id), id}, "none": {t.Context(), nil}, "nil": {NewContext(t.Context(), nil), nil}} {
		if got, ok := FromContext(c.ctx); got != c.want || ok != (c.want != nil) {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

// tokenOfLength is a token of exactly n bytes, with a signature that nobody made.
func tokenOfLength(t *testing.T, n int, claims dict) string {
	t.Helper()
	head := b64(marshal(t, dict{"alg": "RS256", "typ": "at+jwt"})) + "."
	for pad := range 8 {
		body := head + b64(marshal(t, with(claims, dict{"pad": strings.Repeat("x", n/2+pad)}))) + "."
		if left := n - len(body); left > 0 && left%4 == 0 {
			return body + strings.Repeat("A", left)
		}
	}
	t.Fatalf("no token has %d bytes", n)
	return ""
}

// Every length that is bounded is taken at the bound and refused above it.
func TestLengthsAreTakenUpToTheirBounds(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	for n, tooLong := range map[int]bool{maxToken: false, maxToken + 1: true} {
		raw := tokenOfLength(t, n, goodClaims(c.Now()))
		if len(raw) != n {
			t.Fatalf("%d bytes, want %d", len(raw), n)
		}
		if _, err := parseToken(raw); (err != nil) != tooLong {
			t.Errorf("parseToken, %d bytes: %v", n, err)
		}
		if _, err := Inspect(raw); (err != nil) != tooLong {
			t.Errorf("Inspect, %d bytes: %v", n, err)
		}
		if _, err := v.Verify(t.Context(), raw); err == nil || strings.Contains(err.Error(), "longer than") != tooLong {
			t.Errorf("Verify, %d bytes: %v", n, err)
		}
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	for n, ok := range map[int]bool{maxKeyID: true, maxKeyID + 1: false} {
		if err := (&token{}).readHeader(dict{"alg": "RS256", "kid": long(n)}); (err == nil) != ok {
			t.Errorf("a key id of %d bytes: %v", n, err)
		}
		keys, err := parseKeys(marshal(t, dict{"keys": []any{dict{"kty": "OKP", "crv": "Ed25519", "x": b64(make([]byte, 32)), "kid": long(n)}}}))
		if err != nil || (len(keys) == 1) != ok {
			t.Errorf("a key set with an id of %d bytes: %d keys, %v", n, len(keys), err)
		}
	}
	for n, ok := range map[int]bool{maxSubject: true, maxSubject + 1: false} {
		claims := dict{"iss": issuerURL, "sub": long(n), "exp": json.Number("1")}
		if err := (&token{claims: claims}).readClaims(); (err == nil) != ok {
			t.Errorf("a subject of %d bytes: %v", n, err)
		}
	}
	for n, ok := range map[int]bool{maxUsername: true, maxUsername + 1: false} {
		if _, err := (UsernameRule{Claim: "name"}).name(dict{"name": long(n)}, "The token"); (err == nil) != ok {
			t.Errorf("a name of %d bytes: %v", n, err)
		}
	}
	for n, ok := range map[int]bool{maxClaimTexts: true, maxClaimTexts + 1: false} {
		list := make([]any, n)
		for i := range list {
			list[i] = "x"
		}
		if _, got := plainTexts(list); got != ok {
			t.Errorf("a claim of %d texts: %v", n, got)
		}
	}
	for n, ok := range map[int]bool{maxClaimBytes: true, maxClaimBytes + 1: false} {
		if _, got := plainTexts([]any{long(n - 7), long(7)}); got != ok {
			t.Errorf("a claim of %d bytes: %v", n, got)
		}
	}
	for n, ok := range map[int]bool{maxKeys: true, maxKeys + 1: false} {
		if _, err := parseKeys(marshal(t, dict{"keys": make([]dict, n)})); (err == nil) != ok {
			t.Errorf("a set of %d keys: %v", n, err)
		}
	}
	for levels, ok := range map[int]bool{maxDepth: true, maxDepth + 1: false, 4 * maxDepth: false} {
		for _, text := range []string{
			strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1),
			`{"a":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}",
		} {
			if _, err := object([]byte(text)); (err == nil) != ok {
				t.Errorf("%d levels: %v: %s", levels, err, text)
			}
		}
	}
}

// RSA keys have 2,048 to 8,192 bits and an odd exponent of 2 to 31 bits.
func TestSizesOfRSAKeysAreBounded(t *testing.T) {
	t.Parallel()
	modulus := func(bits uint) *big.Int {
		return new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1)
	}
	exponent := func(bits uint) *big.Int {
		return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), bits), big.NewInt(1))
	}
	for _, c := range []struct {
		n, e *big.Int
		ok   bool
	}{
		{modulus(minRSA), big.NewInt(65537), true},
		{modulus(minRSA - 1), big.NewInt(65537), false},
		{modulus(maxRSA), big.NewInt(65537), true},
		{modulus(maxRSA + 1), big.NewInt(65537), false},
		{new(big.Int).Sub(modulus(minRSA+1), big.NewInt(1)), big.NewInt(65537), false}, // even
		{modulus(minRSA), big.NewInt(1), false},
		{modulus(minRSA), big.NewInt(3), true},
		{modulus(minRSA), big.NewInt(4), false},
		{modulus(minRSA), exponent(31), true},
		{modulus(minRSA), exponent(32), false},
	} {
		k := jwk{Type: "RSA", N: b64(c.n.Bytes()), E: b64(c.e.Bytes())}
		if got := k.public(); (got != nil) != c.ok {
			t.Errorf("a modulus of %d bits and the exponent %v: %v, want %v", c.n.BitLen(), c.e, got != nil, c.ok)
		}
	}
}

func TestTimesOfTokensAreSecondsFrom1970To9999(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"0": time.Unix(0, 0), "1.5": time.Unix(1, 5e8), "253402300799": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"-1": {}, "-0.5": {}, "253402300800": {}, "1e400": {},
	} {
		if got, ok := numericDate(json.Number(text)); !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("%s: %v, %v; want %v", text, got, ok, want)
		}
	}
	if _, ok := numericDate("5"); ok {
		t.Error("a text is taken for a time")
	}
}

// Domains are compared in ASCII alone, of which DEL is the last character.
func TestDomainsAreComparedInASCII(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"Example.COM", "example.com"}: true, {"a\x7f", "A\x7f"}: true, {"\u212aelvin.example", "kelvin.example"}: false, {"\u0080", "\u0080"}: false,
	} {
		if got := sameDomain(pair[0], pair[1]); got != want {
			t.Errorf("%q: %v", pair, got)
		}
	}
}

// error_description holds printable ASCII but quotes and backslashes (RFC 6750, section 3).
func TestChallengesHoldPrintableASCII(t *testing.T) {
	t.Parallel()
	if got, want := quotable(" ~a\x1f\x7f\u0080\u00e9\"\\z\n"), " ~a''z"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What says no, or nothing, says nothing about groups.
func TestSignsHaveToAffirm(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, false, json.Number("0"), json.Number("0.0"), "", " ", "false", "False", "0", "no", []any{}, dict{}} {
		if affirms(v) {
			t.Errorf("%#v says yes", v)
		}
	}
	for _, v := range []any{true, json.Number("1"), json.Number("1e999"), "true", "x", []any{nil}, dict{"a": nil}, 7} {
		if !affirms(v) {
			t.Errorf("%#v says no", v)
		}
	}
	for text, want := range map[string]bool{"groups": true, "Groups": true, "groups.names": true, "group": false, "groupx": false, "": false, "groups.names.x": false, ".names": false} {
		if got := about(text, "groups.names"); got != (want && text != "" && !strings.Contains(text, "groups.names.x")) {
			t.Errorf("%q is about groups.names: %v", text, got)
		}
	}
	for claim, hints := range map[string]bool{"org": true, "orgs": true, "og": false, "ogs": false} {
		if err := (GroupsRule{Claim: claim}).hinted(dict{claim: []any{"a"}, claim + "_truncated": true}, false, nil); (err != nil) != hints {
			t.Errorf("beside %s, %s_truncated: %v", claim, claim, err)
		}
	}
}

// A verified token is remembered for 30 seconds, a UserInfo endpoint that failed for 5, and nothing
// longer than its token.
func TestOutcomesAreKeptForTheirTime(t *testing.T) {
	t.Parallel()
	now := newClock().Now()
	later := now.Add(time.Hour)
	for _, c := range []struct {
		err     *Error
		expires time.Time
		want    time.Duration
	}{
		{nil, later, keepVerified},
		{refuse("no"), later, keepVerified},
		{unavailable(issuerURL, time.Second, errors.New("x")), later, keepUnavailable},
		{nil, now.Add(time.Second), time.Second},
	} {
		if got := keepUntil(c.err, c.expires, now).Sub(now); got != c.want {
			t.Errorf("%v: kept for %s, want %s", c.err, got, c.want)
		}
	}
}

// A token is remembered for as long as it may be, and not at all from then on.
func TestTokensAreForgottenInTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	shards := newTokenShards(clock.Now)
	m := shards.of(digest{})
	m.PutFor(digest{}, outcome{}, time.Hour)
	clock.Add(keepVerified - 1)
	if _, ok := m.Get(digest{}); !ok {
		t.Error("forgotten too early")
	}
	clock.Add(1)
	if _, ok := m.Get(digest{}); ok {
		t.Error("remembered for too long")
	}
}

func TestProvidersAreAskedForTenSecondsAtMost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		client *http.Client
		want   time.Duration
	}{{nil, 10 * time.Second}, {&http.Client{}, 10 * time.Second}, {&http.Client{Timeout: 3 * time.Second}, 3 * time.Second}, {&http.Client{Timeout: time.Minute}, time.Minute}} { // real time: nothing is asked
		if got := newProvider(Issuer{URL: issuerURL, Client: c.client}, 0).client.Timeout; got != c.want {
			t.Errorf("%+v: %s, want %s", c.client, got, c.want)
		}
	}
}

// A page in place of the discovery document is called a page, by its media type or by how it
// begins.
func TestPagesInPlaceOfDiscoveryAreNamed(t *testing.T) {
	t.Parallel()
	p := newProvider(Issuer{URL: issuerURL}, 0)
	for _, c := range []struct {
		kind, err string
		page      bool
	}{
		{"text/html; charset=utf-8", "unexpected end of JSON input", true},
		{"application/json", "invalid character '<' looking for beginning of value", true},
		{"application/json", "invalid character 'x' looking for beginning of value", false},
		{"", "unexpected end of JSON input", false},
	} {
		err := p.explain(errors.New(c.err), &answered{status: http.StatusOK, kind: c.kind})
		if got := strings.Contains(err.Error(), "a page (HTML)"); got != c.page {
			t.Errorf("%s, %s: %v", c.kind, c.err, err)
		}
	}
}

// Explain and check read a whole token, or its claims.
func TestTokensAreReadForOperators(t *testing.T) {
	t.Parallel()
	c := newClock()
	raw := sign(t, rsaPair(), dict{"alg": "RS256", "typ": "at+jwt", "kid": "k"}, goodClaims(c.Now()))
	claims := marshal(t, with(goodClaims(c.Now()), dict{"a.b": "c.d"})) // two dots, and no token
	for name, text := range map[string]string{"token": raw, "with space around it": "\n " + raw + "\n"} {
		if got, refused, err := tokenOrClaims([]byte(text)); err != nil || refused != nil || got.raw != raw {
			t.Errorf("%s: %v, %v", name, refused, err)
		}
	}
	if got, refused, err := tokenOrClaims(claims); err != nil || refused != nil || got.raw != "" || got.issuer != issuerURL {
		t.Errorf("claims: %v, %v", refused, err)
	}
	contents, err := Inspect(raw)
	if err != nil || contents.Algorithm != "RS256" || contents.Type != "at+jwt" || contents.KeyID != "k" || contents.Claims["iss"] != issuerURL {
		t.Errorf("%+v, %v", contents, err)
	}
	parts := strings.Split(raw, ".")
	for name, text := range map[string]string{
		"two parts": parts[0] + "." + parts[1], "four parts": raw + ".x", "a header that cannot be read": "x." + parts[1] + "." + parts[2],
		"claims that cannot be read": parts[0] + ".x." + parts[2], "nothing": "", "too long": raw + strings.Repeat("A", maxToken),
	} {
		if got, err := Inspect(text); err == nil || got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := Inspect(parts[0] + "." + parts[1] + "."); err != nil {
		t.Errorf("nobody looks at the signature: %v", err)
	}
}
