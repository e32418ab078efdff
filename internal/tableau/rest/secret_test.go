package rest

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	secret := NewSecret(markedPassword)
	grant := Grant{Token: secret}
	hidden := struct { // fmt calls no method behind an unexported field
		secret Secret
		grant  *Grant
		inner  Grant
	}{secret, &grant, grant}
	wantNoSecret(t, secret, &secret, grant, &grant, hidden, []Secret{secret}, map[string]Secret{"a": secret},
		Credentials{Name: "admin", Password: NewSecret(markedPassword)}, &Credentials{TokenName: "t", TokenSecret: NewSecret(markedPassword)},
		request{token: secret, secrets: []Secret{secret}})
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", secret, "grant", grant)
	body, err := json.Marshal(grant)
	if err != nil || strings.Contains(log.String()+string(body), "MARKED") {
		t.Errorf("%s %s %v", log.String(), body, err)
	}
	if secret.Reveal() != markedPassword || secret.IsZero() || !(Secret{}).IsZero() || !NewSecret("").IsZero() {
		t.Error("a secret is not what it was made of")
	}
}

func FuzzQuotedTextIsThatOfJSON(f *testing.F) {
	for _, s := range []string{"", "plain", `a"b\c`, "\x00\x1f\x7f\u2028 é 𝄞", "bad \xff utf-8 \xe2\x82", "\n\r\t\b\f</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		WriteQuoted(&b, s)
		var got, want string
		if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
			t.Fatalf("%q is no JSON: %v", b.String(), err)
		}
		theirs, err := json.Marshal(s)
		if err != nil || json.Unmarshal(theirs, &want) != nil || got != want {
			t.Errorf("%q reads as %q, want %q", b.String(), got, want)
		}
	})
}
