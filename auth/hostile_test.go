package auth

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestHostileTokensNeverPass holds one row per reason to refuse. None of them
// may reach what is behind the middleware.
func TestHostileTokensNeverPass(t *testing.T) {
	t.Parallel()
	c := newClock()
	rsa, ec, other := rsaPair(), ecPair(), otherPair()
	now := c.Now()
	header, claims := goodHeader(rsa), goodClaims(now)
	good := sign(t, rsa, header, claims)
	parts := strings.Split(good, ".")
	headerOf := func(h dict) string { return sign(t, rsa, with(header, h), claims) }
	claimsOf := func(m dict) string { return sign(t, rsa, header, with(claims, m)) }
	untyped := func(h, m dict) string { return sign(t, rsa, with(header, h), with(claims, m)) }
	rawClaims := func(s string) string { return signRaw(t, rsa, string(marshal(t, header)), s) }
	withHMAC := func(secret []byte, h dict) string {
		input := b64(marshal(t, with(header, h))) + "." + parts[1]
		return input + "." + b64(hmacSHA256(secret, input))
	}
	der, err := x509.MarshalPKIXPublicKey(rsa.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwkOf := func(p pair) json.RawMessage {
		f := newProviderFake(p)
		w := recordKeys(f)
		return w
	}

	tests := map[string]string{
		// algorithm
		"alg none":                        b64([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + ".",
		"alg none with a signature":       headerOf(dict{"alg": "none"}),
		"alg None":                        headerOf(dict{"alg": "None"}),
		"alg nOnE":                        headerOf(dict{"alg": "nOnE"}),
		"alg empty":                       headerOf(dict{"alg": ""}),
		"alg missing":                     headerOf(dict{"alg": nil}),
		"alg a list":                      headerOf(dict{"alg": []string{"RS256"}}),
		"alg null":                        signRaw(t, rsa, `{"alg":null,"typ":"at+jwt","kid":"rsa-1"}`, string(marshal(t, claims))),
		"HS256 with the public key's PEM": withHMAC(publicPEM, dict{"alg": "HS256"}),
		"HS256 with the public key's DER": withHMAC(der, dict{"alg": "HS256"}),
		"HS256 said to be RS256":          withHMAC(publicPEM, nil),
		"RS256 key with ES256":            headerOf(dict{"alg": "ES256"}),
		"ES256 key with RS256":            sign(t, ec, with(goodHeader(ec), dict{"alg": "RS256"}), claims),
		"an algorithm outside the list":   headerOf(dict{"alg": "RS512"}),
		"PS256 by a key for RS256":        sign(t, pair{"rsa-1", "PS256", rsa.private}, with(header, dict{"alg": "PS256"}), claims),
		"lower-case rs256":                headerOf(dict{"alg": "rs256"}),
		"RS1":                             headerOf(dict{"alg": "RS1"}),

		// key
		"signed by a stranger":         sign(t, pair{"rsa-1", "RS256", other.private}, header, claims),
		"signed by a stranger, no kid": sign(t, other, with(header, dict{"kid": nil}), claims),
		"unknown kid":                  headerOf(dict{"kid": "invented"}),
		"kid is a path":                headerOf(dict{"kid": "../../dev/null"}),
		"kid is a query":               headerOf(dict{"kid": "' OR 1=1 --"}),
		"kid is an address":            headerOf(dict{"kid": "https://evil.example/keys"}),
		"kid is a number":              headerOf(dict{"kid": 1}),
		"kid is a list":                headerOf(dict{"kid": []string{"rsa-1"}}),
		"kid too long":                 headerOf(dict{"kid": strings.Repeat("k", maxKeyID+1)}),
		"kid with a line break":        headerOf(dict{"kid": "rsa-1\n"}),
		"kid of another kind of key":   headerOf(dict{"kid": "ec-1"}),
		"kid in another case":          headerOf(dict{"kid": "RSA-1"}),
		"jku of a stranger":            sign(t, other, with(header, dict{"jku": "https://evil.example/keys"}), claims),
		"jku, signed well":             headerOf(dict{"jku": "https://login.example.com/keys"}),
		"x5u of a stranger":            sign(t, other, with(header, dict{"x5u": "https://evil.example/cert"}), claims),
		"jwk of a stranger":            sign(t, other, with(header, dict{"jwk": jwkOf(other)}), claims),
		"jwk, no kid":                  sign(t, other, with(header, dict{"jwk": jwkOf(other), "kid": nil}), claims),
		"x5c of a stranger":            sign(t, other, with(header, dict{"x5c": []string{"MIIB"}}), claims),
		"crit":                         headerOf(dict{"crit": []string{"exp"}}),
		"crit with b64":                headerOf(dict{"crit": []string{"b64"}, "b64": false}),
		"zip":                          headerOf(dict{"zip": "DEF"}),

		// form
		"empty signature":           parts[0] + "." + parts[1] + ".",
		"no signature":              parts[0] + "." + parts[1],
		"truncated signature":       good[:len(good)-8],
		"signature of zeros":        parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"signature with more bits":  good[:len(good)-1] + lastBits(good),
		"signature padded":          good + "==",
		"four parts":                good + ".AAAA",
		"five parts, as JWE":        good + ".AAAA.AAAA",
		"one part":                  parts[0],
		"only dots":                 "..",
		"empty header":              "." + parts[1] + "." + parts[2],
		"payload exchanged":         parts[0] + "." + b64(marshal(t, with(claims, dict{"sub": "u-2"}))) + "." + parts[2],
		"standard base64":           strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+/",
		"JSON-serialized":           `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,
		"JSON-serialized, general":  `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
		"JSON-serialized in base64": b64([]byte(`{"payload":"` + parts[1] + `"}`)),
		"white space before":        " " + good,
		"line break inside":         parts[0] + ".\n" + parts[1] + "." + parts[2],
		"two tokens":                good + " " + good,
		"two tokens with a comma":   good + "," + good,
		"quoted":                    `"` + good + `"`,
		"oversized":                 claimsOf(dict{"pad": strings.Repeat("x", maxToken)}),
		"header not JSON":           signRaw(t, rsa, `alg`, string(marshal(t, claims))),
		"header a list":             signRaw(t, rsa, `["RS256"]`, string(marshal(t, claims))),
		"claims a list":             rawClaims(`[1]`),
		"claims cut":                rawClaims(`{"iss":`),
		"claims with a tail":        rawClaims(string(marshal(t, claims)) + "{}"),
		"claims nested deeply":      rawClaims(`{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`),
		"claims not UTF-8":          rawClaims("{\"sub\":\"\xff\"}"),
		"duplicated iss":            rawClaims(strings.Replace(string(marshal(t, claims)), `{`, `{"iss":"https://evil.example",`, 1)),
		"duplicated exp":            rawClaims(strings.Replace(string(marshal(t, claims)), `{`, `{"exp":1,`, 1)),
		"duplicated inner key":      rawClaims(strings.Replace(string(marshal(t, claims)), `{`, `{"realm_access":{"roles":[],"roles":["x"]},`, 1)),
		"duplicated alg":            signRaw(t, rsa, `{"alg":"none","alg":"RS256","typ":"at+jwt","kid":"rsa-1"}`, string(marshal(t, claims))),
		"iss again in capitals":     rawClaims(strings.Replace(string(marshal(t, claims)), `}`, `,"ISS":"https://evil.example"}`, 1)),
		"iss before in capitals":    rawClaims(strings.Replace(string(marshal(t, claims)), `{`, `{"ISS":"https://evil.example",`, 1)),
		"aud again in capitals":     claimsOf(dict{"AUD": "other"}),
		"iss with a long s":         claimsOf(dict{"i\u017f\u017f": "https://evil.example"}),

		// issuer, audience, subject
		"another issuer":             claimsOf(dict{"iss": "https://evil.example"}),
		"issuer with a slash":        claimsOf(dict{"iss": issuerURL + "/"}),
		"issuer in capitals":         claimsOf(dict{"iss": strings.ToUpper(issuerURL)}),
		"issuer missing":             claimsOf(dict{"iss": nil}),
		"issuer a list":              claimsOf(dict{"iss": []string{issuerURL}}),
		"another audience":           claimsOf(dict{"aud": "other"}),
		"audience of another case":   claimsOf(dict{"aud": "Vitrine"}),
		"audience missing":           claimsOf(dict{"aud": nil}),
		"audience empty":             claimsOf(dict{"aud": ""}),
		"audience an empty list":     claimsOf(dict{"aud": []string{}}),
		"audience a part":            claimsOf(dict{"aud": "vitrine other"}),
		"audience list with numbers": claimsOf(dict{"aud": []any{"vitrine", 1}}),
		"audience an object":         claimsOf(dict{"aud": dict{"vitrine": true}}),
		"subject missing":            claimsOf(dict{"sub": nil}),
		"subject empty":              claimsOf(dict{"sub": ""}),
		"subject a number":           claimsOf(dict{"sub": 1}),
		"subject too long":           claimsOf(dict{"sub": strings.Repeat("s", maxSubject+1)}),
		"subject with a NUL":         claimsOf(dict{"sub": "u\x00"}),

		// times
		"expired":               claimsOf(dict{"exp": now.Add(-31 * time.Second).Unix()}),
		"expired at the leeway": claimsOf(dict{"exp": now.Add(-30 * time.Second).Unix()}),
		"exp missing":           claimsOf(dict{"exp": nil}),
		"exp a text":            claimsOf(dict{"exp": "2999999999"}),
		"exp beyond all years":  rawClaims(strings.Replace(string(marshal(t, with(claims, dict{"exp": nil}))), `{`, `{"exp":1e300,`, 1)),
		"exp negative":          claimsOf(dict{"exp": -1}),
		"exp null":              rawClaims(strings.Replace(string(marshal(t, with(claims, dict{"exp": nil}))), `{`, `{"exp":null,`, 1)),
		"not valid yet":         claimsOf(dict{"nbf": now.Add(31 * time.Second).Unix()}),
		"nbf a text":            claimsOf(dict{"nbf": "0"}),
		"issued in the future":  claimsOf(dict{"iat": now.Add(31 * time.Second).Unix()}),
		"iat a boolean":         claimsOf(dict{"iat": true}),

		// kind
		"typ JWT":                   headerOf(dict{"typ": "JWT"}),
		"typ missing":               headerOf(dict{"typ": nil}),
		"typ empty":                 headerOf(dict{"typ": ""}),
		"typ a number":              headerOf(dict{"typ": 1}),
		"typ of a logout token":     headerOf(dict{"typ": "logout+jwt"}),
		"typ of a DPoP proof":       headerOf(dict{"typ": "dpop+jwt"}),
		"ID token":                  untyped(dict{"typ": "JWT"}, dict{"nonce": "n", "at_hash": "h", "azp": "vitrine"}),
		"ID token without any mark": untyped(dict{"typ": nil}, dict{"client_id": nil, "scope": nil}),
		"bound by DPoP":             claimsOf(dict{"cnf": dict{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}),
		"bound by mutual TLS":       claimsOf(dict{"cnf": dict{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}}),
		"bound to nothing":          claimsOf(dict{"cnf": dict{}}),
		"bound in an unknown way":   claimsOf(dict{"cnf": "key"}),
		"bound to null":             rawClaims(strings.Replace(string(marshal(t, claims)), `{`, `{"cnf":null,`, 1)),
		"logout token":              claimsOf(dict{"events": dict{"http://schemas.openid.net/event/backchannel-logout": dict{}}}),
	}
	f := newProviderFake(rsa, ec)
	v := newVerifier(t, goodConfig(f, c.Now))
	if _, _, id := send(t, v, http.Header{"Authorization": {"Bearer " + good}}); id == nil {
		t.Fatal("the good token is refused: the table would show nothing")
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// One for each: what an unknown key gets depends on what was asked for before.
			v := newVerifier(t, goodConfig(f, c.Now))
			resp, body, reached := send(t, v, http.Header{"Authorization": {"Bearer " + raw}})
			if reached != nil {
				t.Fatalf("passed as %+v", reached)
			}
			if resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("status %d, want 401: %s", resp.StatusCode, body)
			}
			if got := resp.Header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) {
				t.Errorf("WWW-Authenticate %q does not say invalid_token", got)
			}
		})
	}
}

// TestVerifyRefusesWhiteSpace asks without the middleware: decoders of base64
// and of JWS pass over line breaks, and a token must have one spelling.
func TestVerifyRefusesWhiteSpace(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	good := tokens(t, c)(rsaPair())
	for _, at := range []int{0, 4, len(good) / 2, len(good) - 4, len(good)} {
		for _, space := range []string{"\n", "\r", " ", "\t"} {
			wantStatus(t, v, good[:at]+space+good[at:], 401)
		}
	}
}

// recordKeys returns the first key of the fake's set as JSON.
func recordKeys(f *fakeProvider) json.RawMessage {
	r, _ := http.NewRequest(http.MethodGet, issuerURL+"/keys", http.NoBody)
	resp, err := f.RoundTrip(r)
	if err != nil {
		panic(err)
	}
	var set struct{ Keys []json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		panic(err)
	}
	return set.Keys[0]
}

// lastBits changes the bits of the last character that no byte of the signature
// holds: a second spelling of the same signature.
func lastBits(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	n := strings.IndexByte(alphabet, s[len(s)-1])
	return string(alphabet[n^1])
}
