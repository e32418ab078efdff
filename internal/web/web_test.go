package web

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// built is what a small build would have left in dist.
func built() fstest.MapFS {
	return fstest.MapFS{
		"README.md": {Data: []byte("read me")},
		"manifest.json": {Data: []byte(`{"playground": {"script": "p-1.js", "styles": ["p-1.css"], "icon": "i-1.svg", "licenses": "l-1.txt"},
			"gallery": {"script": "chunk-2.js", "styles": [], "icon": "i-1.svg", "licenses": "l-1.txt"}}`)},
		"assets/p-1.js":         {Data: []byte("script")},
		"assets/p-1.js.gz":      {Data: []byte("packed script")},
		"assets/p-1.js.br":      {Data: []byte("smallest script")},
		"assets/p-1.css":        {Data: []byte("style")},
		"assets/i-1.svg":        {Data: []byte("<svg/>")},
		"assets/l-1.txt":        {Data: []byte("licenses")},
		"assets/chunk-2.js":     {Data: []byte("chunk")},
		"assets/chunk-2.js.gz":  {Data: []byte("packed chunk")},
		"secret-beside-dist.js": {Data: []byte("not for the world")},
	}
}

func config() Config {
	return Config{
		PublicURL: "https://bi.example.com",
		Playground: &Page{
			Issuer:          "https://login.example.com/realms/bi",
			ClientID:        `vitrine"><script>`,
			Scopes:          []string{"openid", "email"},
			AuthorizeParams: map[string]string{"audience": "vitrine"},
			Endpoint:        "/graphql",
		},
		Gallery: &Page{
			Issuer:   "https://login.example.com/realms/bi",
			ClientID: "gallery",
			Scopes:   []string{"openid"},
			Endpoint: "/graphql",
		},
	}
}

func pages(t *testing.T, cfg Config, files fstest.MapFS) *Pages {
	t.Helper()
	p, err := newPages(cfg, files)
	if err != nil {
		t.Fatalf("newPages: %v", err)
	}
	return p
}

func request(t *testing.T, h http.Handler, method, path string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, http.NoBody)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("reading the answer: %v", err)
	}
	return string(body)
}

func TestPlaygroundCarriesItsSettings(t *testing.T) {
	t.Parallel()
	body := text(t, request(t, pages(t, config(), built()).Playground(), http.MethodGet, "/playground", nil))
	found := regexp.MustCompile(`<meta name="vitrine-settings" content="([^"]*)">`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no settings in the page:\n%s", body)
	}
	var got settings
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &got); err != nil {
		t.Fatalf("settings are no JSON: %v", err)
	}
	want := settings{
		PublicURL: "https://bi.example.com",
		Endpoint:  "/graphql",
		Path:      "/playground",
		Licenses:  "/assets/l-1.txt",
		Pages:     pagePaths{Gallery: "/gallery", Playground: "/playground"},
		SignIn: signIn{
			Issuer:          "https://login.example.com/realms/bi",
			ClientID:        `vitrine"><script>`,
			Scopes:          []string{"openid", "email"},
			AuthorizeParams: map[string]string{"audience": "vitrine"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestPlaygroundHoldsNothingInline(t *testing.T) {
	t.Parallel()
	body := text(t, request(t, pages(t, config(), built()).Playground(), http.MethodGet, "/playground", nil))
	for _, inline := range []string{"<script>", "<style", " style=", " onload=", "javascript:"} {
		if strings.Contains(body, inline) {
			t.Errorf("the page contains %q, which its policy refuses:\n%s", inline, body)
		}
	}
	for _, wanted := range []string{`src="/assets/p-1.js"`, `href="/assets/p-1.css"`, `href="/assets/i-1.svg"`} {
		if !strings.Contains(body, wanted) {
			t.Errorf("the page lacks %q:\n%s", wanted, body)
		}
	}
}

func TestPlaygroundIsServedUnderAStrictPolicy(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/playground", "/playground/callback"} {
		r := request(t, pages(t, config(), built()).Playground(), http.MethodGet, path, nil)
		if r.StatusCode != http.StatusOK {
			t.Errorf("GET %s: status %d, want 200", path, r.StatusCode)
		}
		want := map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
				"connect-src 'self' https://login.example.com; form-action 'self' https://login.example.com; frame-ancestors 'none'; base-uri 'none'",
			"Content-Type":               "text/html; charset=utf-8",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Cache-Control":              "no-cache",
		}
		for name, value := range want {
			if got := r.Header.Get(name); got != value {
				t.Errorf("GET %s: %s is %q, want %q", path, name, got, value)
			}
		}
		if len(r.Cookies()) != 0 {
			t.Errorf("GET %s sets cookies %v, want none", path, r.Cookies())
		}
	}
}

func TestOnlyTheGalleryMayLoadLiveViewsAndOnlyFromTableau(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.Gallery.Tableau = "https://Tableau.example.com"
	p := pages(t, cfg, built())
	gallery := request(t, p.Gallery(), http.MethodGet, "/gallery", nil)
	policy := gallery.Header.Get("Content-Security-Policy")
	for _, want := range []string{"; script-src 'self' https://tableau.example.com;", "; frame-src https://tableau.example.com"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy of the gallery lacks %q: %s", want, policy)
		}
	}
	if body := html.UnescapeString(text(t, gallery)); !strings.Contains(body, `"embedOrigin":"https://tableau.example.com"`) {
		t.Errorf("the settings of the gallery lack the origin of Tableau:\n%s", body)
	}
	playground := request(t, p.Playground(), http.MethodGet, "/playground", nil)
	if policy := playground.Header.Get("Content-Security-Policy"); strings.Contains(policy, "tableau") || strings.Contains(policy, "frame-src") {
		t.Errorf("the policy of the playground is %s", policy)
	}
}

func TestStartLeadsToThePageThatIsOn(t *testing.T) {
	t.Parallel()
	both, playground, none := config(), config(), config()
	playground.Gallery, none.Gallery, none.Playground = nil, nil, nil
	for want, cfg := range map[string]Config{"/gallery": both, "/playground": playground, "": none} {
		r := request(t, pages(t, cfg, built()).Start(), http.MethodGet, "/", nil)
		status := http.StatusFound
		if want == "" {
			status = http.StatusNotFound
		}
		if got := r.Header.Get("Location"); r.StatusCode != status || got != want {
			t.Errorf("status %d to %q, want %d to %q", r.StatusCode, got, status, want)
		}
	}
}

func TestGalleryIsOnePageForAllPathsBelowIt(t *testing.T) {
	t.Parallel()
	p := pages(t, config(), built())
	first := text(t, request(t, p.Gallery(), http.MethodGet, "/gallery", nil))
	for _, path := range []string{"/gallery/callback", "/gallery/site/view/Superstore/Overview"} {
		if got := text(t, request(t, p.Gallery(), http.MethodGet, path, nil)); got != first || !strings.Contains(got, "/assets/chunk-2.js") {
			t.Errorf("GET %s:\n%s", path, got)
		}
	}
}

func TestPlaygroundThatIsOffIsNotFound(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.Playground = nil
	if r := request(t, pages(t, cfg, built()).Playground(), http.MethodGet, "/playground", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("status %d, want 404", r.StatusCode)
	}
}

func TestUnbuiltPagesSayHowToBuildThem(t *testing.T) {
	t.Parallel()
	p := pages(t, config(), fstest.MapFS{"README.md": {Data: []byte("read me")}})
	r := request(t, p.Playground(), http.MethodGet, "/playground", nil)
	if r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", r.StatusCode)
	}
	if body := text(t, r); !strings.Contains(body, "make web") {
		t.Errorf("the page does not say how to build it:\n%s", body)
	}
	if r := request(t, p.Assets(), http.MethodGet, "/assets/p-1.js", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("an asset: status %d, want 404", r.StatusCode)
	}
}

func TestNewAcceptsTheEmbeddedPages(t *testing.T) {
	t.Parallel()
	p, err := New(config())
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	switch r := request(t, p.Playground(), http.MethodGet, "/playground", nil); r.StatusCode {
	case http.StatusOK, http.StatusServiceUnavailable: // the second when the pages have not been built here
	default:
		t.Errorf("status %d, want 200 or 503", r.StatusCode)
	}
}

func TestPagesAreReadOnly(t *testing.T) {
	t.Parallel()
	p := pages(t, config(), built())
	for path, h := range map[string]http.Handler{"/playground": p.Playground(), "/assets/p-1.js": p.Assets()} {
		r := request(t, h, http.MethodPost, path, nil)
		if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: status %d, Allow %q, want 405 and GET, HEAD", path, r.StatusCode, r.Header.Get("Allow"))
		}
		if body := text(t, request(t, h, http.MethodHead, path, nil)); body != "" {
			t.Errorf("HEAD %s has the body %q, want none", path, body)
		}
	}
}

func TestNewReportsEveryProblem(t *testing.T) {
	t.Parallel()
	playground := func(edit func(*Page)) Config {
		cfg := config()
		edit(cfg.Playground)
		return cfg
	}
	tests := map[string]struct {
		cfg  Config
		want []string
	}{
		"a path in the public URL":  {Config{PublicURL: "https://bi.example.com/vitrine"}, []string{"scheme and host only"}},
		"a slash at its end":        {Config{PublicURL: "https://bi.example.com/"}, []string{`"https://bi.example.com"`}},
		"no public URL":             {Config{}, []string{"public URL"}},
		"a policy in the issuer":    {playground(func(p *Page) { p.Issuer = "https://a;script-src" }), []string{"content security policy"}},
		"a space in the issuer":     {playground(func(p *Page) { p.Issuer = "https://a *" }), []string{"not an address"}},
		"an IPv6 issuer":            {playground(func(p *Page) { p.Issuer = "https://[::1]:8082" }), []string{"IPv4"}},
		"another scheme":            {playground(func(p *Page) { p.Issuer = "ftp://login.example.com" }), []string{"neither https nor http"}},
		"a password in the issuer":  {playground(func(p *Page) { p.Issuer = "https://u:p@login.example.com" }), []string{"no user name"}},
		"scopes without openid":     {playground(func(p *Page) { p.Scopes = []string{"email"} }), []string{"lack openid"}},
		"an endpoint on other host": {playground(func(p *Page) { p.Endpoint = "//evil.example.com/" }), []string{"endpoint"}},
		"a policy in Tableau":       {playground(func(p *Page) { p.Tableau = "https://a;script-src" }), []string{"Tableau", "content security policy"}},
		"several at once":           {playground(func(p *Page) { *p = Page{} }), []string{"issuer", "client id", "openid", "endpoint"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newPages(test.cfg, built())
			if err == nil {
				t.Fatal("accepted, want an error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}
