package program

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"vitrine/internal/cli"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// One of two issuers is down: its people are refused, all others are served, and both check and the
// log say so.
func TestOneOfTwoIssuersIsDown(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file := harness.SettingsFile(t, s, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const down = "http://127.0.0.1:1/down"
	two := strings.Replace(string(text), "oidc:\n", "dangerouslySharedNames: true\noidc:\n  - {issuer: \""+down+"\", audiences: [vitrine]}\n", 1)
	if err := os.WriteFile(file, []byte(two), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := call(t, nil, "check", "--config", file, "--user", "alice")
	if err == nil || !strings.Contains(err.Error(), "not for the people of 1 of the OpenID issuers") {
		t.Errorf("check ends with %v", err)
	}
	for _, want := range []string{"warning OpenID provider", down, "ok      OpenID provider", "1 of 2 issuers"} {
		if !strings.Contains(out, want) || strings.Contains(out, "FAILED") {
			t.Errorf("check does not say %q:\n%s", want, out)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	lines, log := newLines(), &harness.SyncBuffer{}
	done := make(chan error, 1)
	go func() {
		done <- cli.Run(ctx, []string{"serve", "--config", file}, func(string) string { return "" }, lines, log)
	}()
	fields := strings.Fields(lines.next(t))
	address := strings.TrimSuffix(fields[len(fields)-1], "/graphql")
	p := &program{&harness.Program{Servers: s, Address: address}}
	if got := p.Post(t, p.Token(t, "alice"), `{ viewer { subject } }`); got.Status != 200 {
		t.Errorf("a person of the issuer that works: %d %s", got.Status, got.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := harness.Send(t, r); got.Status != 200 {
		t.Errorf("/readyz: %d %s, want 200", got.Status, got.Body)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve ended with %v", err)
	}
	if !strings.Contains(log.String(), "identity provider unavailable") || !strings.Contains(log.String(), down) {
		t.Errorf("the log does not say which issuer is down:\n%s", log.String())
	}
}
