package program

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
)

// link asks for a content link as somebody and gives its address.
func (p *program) link(t testing.TB, user, view string) string {
	t.Helper()
	got := p.Post(t, p.Token(t, user), `{ site(contentUrl: "") { view(by: {path: "Superstore/Overview"}) { link: `+view+` { url } } } }`)
	site, _ := got.Data["site"].(map[string]any)
	v, _ := site["view"].(map[string]any)
	link, _ := v["link"].(map[string]any)
	address, _ := link["url"].(string)
	if address == "" {
		t.Fatalf("no link: %s", got.Body)
	}
	return address
}

// fetch gets an address with headers in pairs.
func (p *program) fetch(t testing.TB, address string, headers ...string) (res *http.Response, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if res, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

// A link from an answer works in an <img> of another origin: without a header, with CORS for those
// that are listed; and the log does not know it.
func TestContentLinksWorkInAPage(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.CORS.Origins = []string{"https://portal.example.com"} })
	address := p.link(t, "alice", "image(size: {width: 300, height: 200})")
	res, body := p.fetch(t, address, "Origin", "https://portal.example.com")
	for name, want := range map[string]string{
		"Content-Type": "image/png", "Access-Control-Allow-Origin": "https://portal.example.com", "Cross-Origin-Resource-Policy": "cross-origin",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "\x89PNG") {
		t.Errorf("status %d, %.20q", res.StatusCode, body)
	}
	if other, _ := p.fetch(t, address, "Origin", "https://evil.example.com"); other.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("an origin that is not listed was let in")
	}
	link := address[strings.LastIndexByte(address, '/')+1:]
	if log := p.Log.String(); strings.Contains(log, link[:40]) || !strings.Contains(log, "/content/*") {
		t.Error("the log holds a content link, or nothing of it")
	}
}

// What the middleware says of tokens holds for links too, and the schema of the person who fetches
// is used.
func TestContentLinksAreTheOwners(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	address := p.link(t, "alice", "csv")
	_, nothing := p.fetch(t, p.Address+"/content/nothing")
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"no header":         {nil, 200},
		"the owner's token": {[]string{"Authorization", "Bearer " + p.Token(t, "alice")}, 200},
		"another's token":   {[]string{"Authorization", "Bearer " + p.Token(t, "bob")}, 404},
		"no bearer token":   {[]string{"Authorization", "Basic YWxpY2U6YWxpY2U="}, 404},
		"a spoilt token":    {[]string{"Authorization", "Bearer " + p.Token(t, "alice") + "x"}, 404},
	} {
		res, body := p.fetch(t, address, c.header...)
		if res.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", name, res.StatusCode, c.want)
		}
		if c.want == 404 && withoutRequestID(body) != withoutRequestID(nothing) {
			t.Errorf("%s: %s, where nothing is %s", name, body, nothing)
		}
	}
}

func withoutRequestID(body string) string {
	before, after, _ := strings.Cut(body, `"requestId":"`)
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

// One replica serves what another has given, where both have the same keys and the same address;
// else it is nothing.
func TestReplicasServeEachOthersLinks(t *testing.T) {
	t.Parallel()
	keys := []config.Secret{config.Secret(strings.Repeat("k", 44))}
	one := start(t, tableausim.Config{}, func(c *config.Config) { c.Keys = keys })
	address := one.link(t, "bob", "image")
	path := strings.TrimPrefix(address, one.Address)
	other := serve(t, one.Servers, func(c *config.Config) { c.Keys = keys })
	if res, _ := other.fetch(t, other.Address+path); res.StatusCode != http.StatusNotFound {
		t.Errorf("a server of another address: status %d", res.StatusCode)
	}
	if res, _ := one.fetch(t, address); res.StatusCode != http.StatusOK {
		t.Errorf("itself: status %d", res.StatusCode)
	}
}

// Files are closed unless a role names them.
func TestDownloadsAreClosedUnlessARoleNamesThem(t *testing.T) {
	t.Parallel()
	const query = `{ site(contentUrl: "") { workbook(by: {contentUrl: "Superstore"}) { download(includeExtract: false) { url fileName contentType } } } }`
	closed := start(t, tableausim.Config{}, nil)
	if got := closed.Post(t, closed.Token(t, "carol"), query); got.Codes() != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("closed: %s", got.Body)
	}
	open := serve(t, closed.Servers, func(c *config.Config) { c.Roles[0].Allow = append(c.Roles[0].Allow, "DOWNLOAD") })
	got := open.Post(t, open.Token(t, "alice"), query)
	link, ok := dig(got.Data, "site", "workbook", "download").(map[string]any)
	if !ok || link["fileName"] != "Superstore.twbx" || link["contentType"] != "application/octet-stream" {
		t.Fatalf("open: %s", got.Body)
	}
	address, _ := link["url"].(string)
	res, body := open.fetch(t, address)
	if res.StatusCode != 200 || res.Header.Get("Content-Disposition") != `attachment; filename="Superstore.twb"` || !strings.HasPrefix(body, "<?xml") {
		t.Errorf("status %d, %v, %.60q", res.StatusCode, res.Header, body)
	}
	// bob is a Viewer, who takes no files along: what he may not have is not there.
	bobs, _ := dig(open.Post(t, open.Token(t, "bob"), query).Data, "site", "workbook", "download", "url").(string)
	if res, _ := open.fetch(t, bobs); res.StatusCode != http.StatusNotFound {
		t.Errorf("bob's: status %d", res.StatusCode)
	}
}

// Former versions of a file are fetched like the file, the current one as the thing itself.
func TestFormerVersionsAreDownloaded(t *testing.T) {
	t.Parallel()
	e := start(t, tableausim.Config{}, func(c *config.Config) { c.Roles[0].Allow = append(c.Roles[0].Allow, "GOVERNANCE", "DOWNLOAD") })
	for kind, plain := range map[string]string{"workbooks": ".twb", "dataSources": ".tds"} {
		query := `{ site(contentUrl: "") { ` + kind + `(first: 6) { nodes { name revisions { nodes { number isCurrent download { url fileName contentType } } } } } } }`
		nodes, _ := dig(e.Post(t, e.Token(t, "carol"), query).Data, "site", kind, "nodes").([]any)
		fetched := 0
		for _, thing := range nodes {
			revisions, _ := dig(thing, "revisions", "nodes").([]any)
			for _, r := range revisions {
				link, given := dig(r, "download").(map[string]any)
				if current := dig(r, "isCurrent") == true; current == given {
					t.Errorf("%s: current is %v, and there is a link: %v", kind, current, given)
				}
				if !given || fetched == 3 {
					continue
				}
				fetched++
				want := fmt.Sprintf("%v, revision %v%s", dig(thing, "name"), dig(r, "number"), plain)
				if link["fileName"] != want+"x" || link["contentType"] != "application/octet-stream" {
					t.Errorf("%s: %v, not %s", kind, link, want)
				}
				address, _ := link["url"].(string)
				res, body := e.fetch(t, address)
				name := res.Header.Get("Content-Disposition")
				if res.StatusCode != 200 || !strings.Contains(name, want) || !strings.HasPrefix(body, "<?xml") && !strings.HasPrefix(body, "PK") {
					t.Errorf("%s: status %d, %s, %.60q", kind, res.StatusCode, name, body)
				}
			}
		}
		if fetched != 3 {
			t.Errorf("%s: %d former versions", kind, fetched)
		}
	}
}

// dig follows names through objects.
func dig(v any, names ...string) any {
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}
