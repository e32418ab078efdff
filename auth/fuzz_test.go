package auth

import (
	"net/http"
	"strings"
	"testing"
)

// FuzzBearer looks for headers that give a token which is not one.
func FuzzBearer(f *testing.F) {
	for _, s := range []string{"", "Bearer", "Bearer ", "Bearer a.b.c", "bearer a==", "Bearer a b", "Bearer\ta", "Basic YTpi", "Bearer a,Bearer b", "Bearer {\"a\":1}"} {
		f.Add(s, "")
	}
	f.Add("Bearer a", "Bearer b")
	f.Fuzz(func(t *testing.T, one, two string) {
		h := http.Header{"Authorization": {one}}
		if two != "" {
			h.Add("Authorization", two)
		}
		token, err := bearer(h)
		if (err == nil) != (token != "") {
			t.Fatalf("token %q and error %v", token, err)
		}
		if err == nil && (two != "" || len(one) != len("Bearer ")+len(token) || strings.ContainsAny(token, " \t\r\n,\"{}()")) {
			t.Fatalf("token %q from %q and %q", token, one, two)
		}
		if err != nil && err.Status != 401 && err.Status != 400 {
			t.Fatalf("status %d", err.Status)
		}
	})
}

// FuzzParseToken looks for panics, and for tokens that pass the checks before
// the signature without what they must have.
func FuzzParseToken(f *testing.F) {
	c := newClock()
	good := sign(f, rsaPair(), goodHeader(rsaPair()), goodClaims(c.Now()))
	parts := strings.Split(good, ".")
	f.Add(good)
	f.Add("..")
	f.Add(parts[0] + "." + parts[1] + ".")
	f.Add(b64([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".")
	f.Add(parts[0] + "." + b64([]byte(`{"iss":"a","sub":"b","exp":1e3}`)) + ".AAAA")
	f.Fuzz(func(t *testing.T, raw string) {
		tok, err := parseToken(raw)
		if (tok == nil) == (err == nil) {
			t.Fatalf("token %v and error %v", tok, err)
		}
		if err != nil {
			if err.Status != 401 || err.Code != CodeUnauthenticated {
				t.Fatalf("refused with %d %s", err.Status, err.Code)
			}
			return
		}
		if len(raw) > maxToken || strings.Count(raw, ".") != 2 || !token68(raw) || tok.issuer == "" || tok.expires.IsZero() {
			t.Fatalf("passed: %q", raw)
		}
	})
}

// FuzzParseKeys looks for panics in what a provider may answer.
func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, _ := parseKeys(data)
		for _, k := range keys {
			for _, alg := range allAlgorithms {
				k.fits(alg)
			}
		}
	})
}
