package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// One of two issuers is down: its people are refused, all others are served, and both check and the log say so.
func TestOneOfTwoIssuersIsDown(t *testing.T) {
	t.Parallel()
	s, err := startStandIns("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	file := settingsFile(t, s, "")
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
	lines, log := newLines(), &lockedBuffer{}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--config", file}, func(string) string { return "" }, lines, log)
	}()
	fields := strings.Fields(lines.next(t))
	address := strings.TrimSuffix(fields[len(fields)-1], "/graphql")
	p := &program{standIns: s, address: address}
	if got := p.post(t, p.token(t, "alice"), `{ viewer { subject } }`); got.status != 200 {
		t.Errorf("a person of the issuer that works: %d %s", got.status, got.body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, r); got.status != 200 {
		t.Errorf("/readyz: %d %s, want 200", got.status, got.body)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve ended with %v", err)
	}
	if !strings.Contains(log.String(), "identity provider unavailable") || !strings.Contains(log.String(), down) {
		t.Errorf("the log does not say which issuer is down:\n%s", log.String())
	}
}
