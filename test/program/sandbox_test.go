package program

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/cli"
	"vitrine/test/harness"
)

// What sandbox prints is enough to sign in with the connected app.
func TestSandboxPrintsAConnectedAppThatWorks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, site, user string
		args             []string
	}{
		{"Server", "", "alice", nil},
		{"Cloud", "acme", "alice@example.com", []string{"--cloud"}},
		{"with a trusted issuer", "marketing", "alice", []string{"--trust-issuer", "http://127.0.0.1:1/tableau-issuer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			out, done := newLines(), make(chan error, 1)
			args := append([]string{"sandbox", "--tableau", "127.0.0.1:0", "--idp", "127.0.0.1:0"}, tt.args...)
			go func() { done <- cli.Run(ctx, args, func(string) string { return "" }, out, &harness.SyncBuffer{}) }()
			defer func() {
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			}()
			said := map[string]string{}
			for line := out.next(t); line != "Ctrl-C ends it."; line = out.next(t) {
				for _, label := range []string{"Tableau", "client id", "secret id", "secret"} {
					if rest, ok := strings.CutPrefix(line, label+"  "); ok && said[label] == "" {
						said[label] = strings.Fields(rest)[0]
					}
				}
			}
			options := (&jose.SignerOptions{}).WithHeader("kid", said["secret id"])
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(said["secret"])}, options)
			if err != nil {
				t.Fatalf("printed %v: %v", said, err)
			}
			claims, _ := json.Marshal(map[string]any{
				"iss": said["client id"], "sub": tt.user, "aud": "tableau", "jti": t.Name(),
				"exp": time.Now().Add(time.Minute).Unix(), "scp": []string{"tableau:content:read"},
			})
			signed, err := signer.Sign(claims)
			if err != nil {
				t.Fatal(err)
			}
			token, _ := signed.CompactSerialize()
			body := `{"credentials":{"jwt":"` + token + `","site":{"contentUrl":"` + tt.site + `"}}}`
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, said["Tableau"]+"/api/3.27/auth/signin", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if got := harness.Send(t, r); got.Status != http.StatusOK {
				t.Errorf("sign-in answered %d %s", got.Status, got.Body)
			}
		})
	}
}

func TestSandboxRefusesAnIssuerThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://vitrine.example.com/tableau-issuer", "vitrine", "https://x.example?a=b"} {
		if _, _, err := call(t, nil, "sandbox", "--trust-issuer", address); err == nil || !strings.Contains(err.Error(), "--trust-issuer") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
