package program

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"vitrine/internal/cli"
	"vitrine/test/harness"
)

// The query of docs/pulse.md has an answer in demo --cloud.
func TestDemoAsCloudHasPulse(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/pulse.md")
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(string(page), "```graphql\n")
	query, _, _ = strings.Cut(query, "```")

	ctx, stop := context.WithCancel(t.Context())
	out, done := newLines(), make(chan error, 1)
	args := []string{"demo", "--cloud", "--listen", "127.0.0.1:0", "--tableau", "127.0.0.1:0", "--idp", "127.0.0.1:0"}
	go func() { done <- cli.Run(ctx, args, func(string) string { return "" }, out, &harness.SyncBuffer{}) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	said := map[string]string{}
	for line := out.next(t); !strings.HasPrefix(line, "Ctrl-C"); line = out.next(t) {
		if fields := strings.Fields(line); len(fields) > 1 {
			said[fields[0]] = fields[1]
		}
	}
	token, _, err := call(t, nil, "token", "--user", "alice", "--idp", said["OpenID"])
	if err != nil {
		t.Fatal(err)
	}
	ask := func(query string) string {
		body, _ := json.Marshal(map[string]string{"query": query})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, said["Vitrine"], strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		return string(harness.Send(t, r).Body)
	}
	pulse := ask(query)
	for _, want := range []string{`"followerCount":2`, `"headline":{"text":"Superstore Datasource: Sales was `, `"pulseSubscriptions":{"nodes":[{"metric":`} {
		if !strings.Contains(pulse, want) {
			t.Errorf("the answer lacks %s", want)
		}
	}
	if strings.Contains(pulse, `"errors"`) {
		t.Errorf("the answer has errors: %s", pulse)
	}
	views := ask(`{ tableau { deployment } site(contentUrl: "acme") { embedToken { token } } viewer { username } }`)
	for _, want := range []string{`"CLOUD"`, `"alice@example.com"`, `"token":"`} {
		if !strings.Contains(views, want) {
			t.Errorf("%s lacks %s", views, want)
		}
	}
}
