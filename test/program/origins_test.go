package program

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"vitrine/internal/cli"
	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// preflight is what a browser asks before a page of another origin may send a request.
func preflight(t *testing.T, address, path, origin, headers string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, address+path, http.NoBody)
	r.RequestURI = ""
	r.Header.Set("Origin", origin)
	r.Header.Set("Access-Control-Request-Method", "POST")
	if headers != "" {
		r.Header.Set("Access-Control-Request-Headers", headers)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}

// A preflight never carries a token, so none may be asked for: 401 would look like a broken server
// where a setting is missing.
func TestPreflightsAreAnsweredBeforeAuthentication(t *testing.T) {
	t.Parallel()
	const ours = "https://portal.example.com"
	open := start(t, tableausim.Config{}, func(c *config.Config) { c.CORS.Origins = []string{ours} })
	closed := start(t, tableausim.Config{}, nil)
	for _, path := range []string{"/graphql", "/schema.graphql", "/content/x", "/content/", "/.well-known/oauth-protected-resource"} {
		for _, tt := range []struct {
			address, origin string
			want            int
		}{
			{open.Address, ours, 204},
			{open.Address, "https://evil.example", 403},
			{open.Address, "null", 403},
			{closed.Address, ours, 403},
			{closed.Address, "null", 403},
		} {
			res := preflight(t, tt.address, path, tt.origin, "authorization,content-type")
			allowed := res.Header.Get("Access-Control-Allow-Origin")
			if res.StatusCode != tt.want || (tt.want == 204) != (allowed == tt.origin) || res.Header.Get("WWW-Authenticate") != "" {
				t.Errorf("%s from %s: %d %v, want %d", path, tt.origin, res.StatusCode, res.Header, tt.want)
			}
		}
	}
}

func TestPagesMaySendTheHeadersOfClientsAndTracing(t *testing.T) {
	t.Parallel()
	const ours = "https://portal.example.com"
	p := start(t, tableausim.Config{}, func(c *config.Config) {
		c.CORS = config.CORS{Origins: []string{ours}, Headers: []string{"X-App-Version", "Traceparent"}}
	})
	for headers, want := range map[string]int{
		"authorization,content-type": 204,
		"apollographql-client-name,apollographql-client-version,authorization,content-type": 204,
		"authorization,baggage,content-type,sentry-trace,traceparent,tracestate":            204,
		"authorization,content-type,x-app-version":                                          204,
		"authorization,content-type,x-other":                                                403,
		"cookie":                                                                            403,
	} {
		if res := preflight(t, p.Address, "/graphql", ours, headers); res.StatusCode != want {
			t.Errorf("%s: %d %v, want %d", headers, res.StatusCode, res.Header, want)
		}
	}
}

// The documents list what a page can read of a response.
func TestExposedHeadersAreDocumented(t *testing.T) {
	t.Parallel()
	const ours = "https://portal.example.com"
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.CORS.Origins = []string{ours} })
	r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", p.Token(t, "alice"), "")
	r.Header.Set("Origin", ours)
	exposed := harness.Send(t, r).Header.Get("Access-Control-Expose-Headers")
	guide, err := os.ReadFile("../../docs/guide-frontend.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(exposed, ",") {
		if canonical := http.CanonicalHeaderKey(name); !strings.Contains(strings.ToLower(string(guide)), "`"+name+"`") {
			t.Errorf("the guide for front ends lacks `%s`", canonical)
		}
	}
	if strings.Count(exposed, ",") < 5 {
		t.Errorf("exposed are %q", exposed)
	}
}

// demo and sandbox serve a page of one's own: CORS, and a client of the stand-in provider.
func TestDemoServesPagesOfTheOrigins(t *testing.T) {
	t.Parallel()
	const first, second = "http://localhost:5173", "http://127.0.0.1:4000"
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		want []string
	}{
		{"demo", nil, []string{"demo", "--listen", "127.0.0.1:0", "--origin", first, "--origin", second}, []string{first, second}},
		{"the environment", map[string]string{"VITRINE_ORIGIN": first + ", " + second}, []string{"demo", "--listen", "127.0.0.1:0"}, []string{first, second}},
		{"the command line wins", map[string]string{"VITRINE_ORIGIN": first}, []string{"demo", "--listen", "127.0.0.1:0", "--origin", second}, []string{second}},
		{"sandbox", nil, []string{"sandbox", "--origin", first}, []string{first}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			out, done := newLines(), make(chan error, 1)
			args := append(tt.args, "--tableau", "127.0.0.1:0", "--idp", "127.0.0.1:0")
			go func() {
				done <- cli.Run(ctx, args, func(name string) string { return tt.env[name] }, out, &harness.SyncBuffer{})
			}()
			defer func() {
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			}()
			said := map[string]string{}
			var pages []string
			for line := out.next(t); !strings.HasPrefix(line, "Ctrl-C"); line = out.next(t) {
				if fields := strings.Fields(line); len(fields) > 1 {
					said[fields[0]] = fields[1]
					if fields[0] == "page" {
						pages = append(pages, fields[1])
					}
				}
			}
			if fmt.Sprint(pages) != fmt.Sprint(tt.want) {
				t.Errorf("pages are %q, want %q", pages, tt.want)
			}
			for _, origin := range tt.want {
				checkPortalClient(t, said["OpenID"], origin)
			}
			if vitrine, ok := strings.CutSuffix(said["Vitrine"], "/graphql"); ok {
				for _, origin := range []string{first, second} {
					allowed := preflight(t, vitrine, "/graphql", origin, "authorization,content-type").StatusCode == http.StatusNoContent
					if strings.Contains(strings.Join(tt.want, " "), origin) != allowed {
						t.Errorf("preflight of %s: allowed is %v", origin, allowed)
					}
				}
			}
		})
	}
}

// checkPortalClient begins a sign-in as a page of the origin would, and a sign-out.
func checkPortalClient(t *testing.T, issuer, origin string) {
	t.Helper()
	for path, query := range map[string]url.Values{
		"/oauth2/authorize": {
			"client_id": {"portal"}, "redirect_uri": {origin + "/callback"}, "response_type": {"code"}, "scope": {"openid"},
			"code_challenge": {strings.Repeat("A", 43)}, "code_challenge_method": {"S256"},
		},
		"/oauth2/logout": {"client_id": {"portal"}, "post_logout_redirect_uri": {origin + "/"}},
	} {
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, issuer+path+"?"+query.Encode(), http.NoBody)
		r.RequestURI = ""
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode >= 400 {
			t.Errorf("%s of %s: %d", path, origin, res.StatusCode)
		}
	}
	if res := preflight(t, issuer, "/oauth2/token", origin, "content-type"); res.Header.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("the token endpoint does not let %s in: %v", origin, res.Header)
	}
}

func TestOriginsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"localhost:5173", "http://localhost:5173/", "http://portal.example.com", "*", "http://localhost:5173,"} {
		for _, command := range []string{"demo", "sandbox"} {
			if _, _, err := call(t, nil, command, "--origin", origin); err == nil || !strings.Contains(err.Error(), "--origin") {
				t.Errorf("%s --origin %s: %v", command, origin, err)
			}
		}
	}
}
