package content_test

import (
	"archive/zip"
	"bytes"
	"context"
	"image/png"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/auth"
	"vitrine/internal/content"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestContentIsServedByItsKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	source := tableau.LUID(w.sim.DatasourceID("", "SuperstoreDatasource"))
	for _, c := range []struct {
		x                               *tableau.Export
		media, disposition, begins, csp string
	}{
		{&tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "image/png", `inline; filename="Sales.png"`, "\x89PNG", ""},
		{&tableau.Export{Kind: tableau.ViewImage, LUID: w.view(), Format: tableau.SVG}, "image/svg+xml", `attachment; filename="Sales.svg"`, "<svg", "; sandbox"},
		{&tableau.Export{Kind: tableau.ViewPreview, LUID: w.view(), Within: w.workbook()}, "image/png", `inline; filename="Sales.png"`, "\x89PNG", ""},
		{&tableau.Export{Kind: tableau.ViewPDF, LUID: w.view(), Paper: "A4", Orientation: "Landscape"}, "application/pdf", `inline; filename="Sales.pdf"`, "%PDF-", ""},
		{&tableau.Export{Kind: tableau.ViewCSV, LUID: w.view()}, "text/csv; charset=utf-8", `attachment; filename="Sales.csv"`, "Region,Category,", ""},
		{
			&tableau.Export{Kind: tableau.ViewCrosstab, LUID: w.view()}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			`attachment; filename="Sales.xlsx"`, "PK", "",
		},
		{&tableau.Export{Kind: tableau.WorkbookPreview, LUID: w.workbook()}, "image/png", `inline; filename="Sales.png"`, "\x89PNG", ""},
		{&tableau.Export{Kind: tableau.WorkbookPDF, LUID: w.workbook()}, "application/pdf", `inline; filename="Sales.pdf"`, "%PDF-", ""},
		{
			&tableau.Export{Kind: tableau.WorkbookPowerPoint, LUID: w.workbook()}, "application/vnd.openxmlformats-officedocument.presentationml.presentation",
			`attachment; filename="Sales.pptx"`, "PK", "",
		},
		{&tableau.Export{Kind: tableau.WorkbookFile, LUID: w.workbook(), Bare: true}, "application/octet-stream", `attachment; filename="Sales.twb"`, "<?xml", ""},
		{&tableau.Export{Kind: tableau.DataSourceFile, LUID: source}, "application/octet-stream", `attachment; filename="Sales.tdsx"`, "PK", ""},
	} {
		t.Run(string(c.x.Kind)+" "+string(c.x.Format), func(t *testing.T) {
			t.Parallel()
			got := w.fetch(w.link("alice", "View.image", c.x, "Sales").URL)
			want := map[string]string{
				"Content-Type": c.media, "Content-Disposition": c.disposition, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
				"Content-Security-Policy":      "default-src 'none'; style-src 'unsafe-inline'" + c.csp,
				"Cross-Origin-Resource-Policy": "cross-origin",
			}
			seen := map[string]string{}
			for name := range want {
				seen[name] = got.header.Get(name)
			}
			if diff := cmp.Diff(want, seen); diff != "" || got.status != 200 || got.err != nil || !strings.HasPrefix(got.body, c.begins) {
				t.Errorf("status %d, %v, body %.60q (-want +got):\n%s", got.status, got.err, got.body, diff)
			}
			if cache := got.header.Get("Cache-Control"); !strings.HasPrefix(cache, "private, max-age=") {
				t.Errorf("Cache-Control %q", cache)
			}
			for name := range got.header {
				if strings.Contains(strings.ToLower(name), "tableau") {
					t.Errorf("a header of Tableau's came along: %s", name)
				}
			}
		})
	}
}

// TestDispositionIsAsAsked holds that a link says what a browser will do, and that it is another link
// only if that is something else.
func TestDispositionIsAsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	for _, c := range []struct {
		kind        tableau.ExportKind
		format      tableau.ImageFormat
		asked, want tableau.Disposition
		same        bool // link as without asking
	}{
		{kind: tableau.ViewPDF, asked: tableau.Attachment, want: tableau.Attachment},
		{kind: tableau.ViewPDF, asked: tableau.Inline, want: tableau.Inline, same: true},
		{kind: tableau.ViewCSV, asked: tableau.Inline, want: tableau.Inline},
		{kind: tableau.ViewCSV, asked: tableau.Attachment, want: tableau.Attachment, same: true},
		{kind: tableau.ViewImage, format: tableau.SVG, asked: tableau.Inline, want: tableau.Attachment, same: true},
		{kind: tableau.ViewCrosstab, asked: tableau.Inline, want: tableau.Attachment, same: true},
	} {
		t.Run(string(c.kind)+" "+string(c.asked), func(t *testing.T) {
			t.Parallel()
			x := &tableau.Export{Kind: c.kind, Format: c.format, LUID: w.view()}
			linker := w.links.For(t.Context(), person("alice"), []string{"everyone"})
			usual, err := linker.Link("", "View.image", x, "Où")
			if err != nil {
				t.Fatal(err)
			}
			l, err := linker.LinkAs("", "View.image", x, "Où", c.asked)
			if err != nil || l.As != c.want || (l.URL == usual.URL) != c.same {
				t.Fatalf("%+v, %v", l, err)
			}
			got := w.fetch(l.URL).header
			if d := got.Get("Content-Disposition"); !strings.HasPrefix(d, string(c.want)+`; filename="O_`) || !strings.Contains(d, "filename*=UTF-8''O%C3%B9.") {
				t.Errorf("Content-Disposition: %s", d)
			}
			if got.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("headers: %v", got)
			}
		})
	}
}

// What a browser keeps it may not keep for longer than the link works.
func TestCacheEndsWithTheLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	l := w.image("alice")
	w.advance(l.Ends.Sub(start) - 7*time.Second)
	if got := w.fetch(l.URL).header.Get("Cache-Control"); got != "private, max-age=7" {
		t.Errorf("Cache-Control %q", got)
	}
}

// All that makes a link worthless looks the same, to the byte.
func TestWorthlessLinksAreAlike(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *world, l *content.Link) (address string, header []string){
		"no link at all": func(*world, *content.Link) (string, []string) { return "/content/", nil },
		"rubbish":        func(*world, *content.Link) (string, []string) { return "/content/AQIDBAUGBwgJCgsMDQ4PEA", nil },
		"a path behind":  func(_ *world, l *content.Link) (string, []string) { return l.URL + "/x", nil },
		"too long":       func(_ *world, l *content.Link) (string, []string) { return l.URL + strings.Repeat("A", 8000), nil },
		"a line feed inside": func(_ *world, l *content.Link) (string, []string) {
			return l.URL[:len(l.URL)-10] + "%0A" + l.URL[len(l.URL)-10:], nil
		},
		"a line feed behind": func(_ *world, l *content.Link) (string, []string) { return l.URL + "%0D%0A", nil },
		"altered": func(_ *world, l *content.Link) (string, []string) {
			last := l.URL[len(l.URL)-10]
			return l.URL[:len(l.URL)-10] + string('A'+(last-'A'+1)%26) + l.URL[len(l.URL)-9:], nil
		},
		"expired": func(w *world, l *content.Link) (string, []string) {
			w.advance(l.Ends.Sub(start))
			return l.URL, nil
		},
		"after a logout": func(w *world, l *content.Link) (string, []string) {
			if err := w.broker.Forget(w.t.Context(), person("alice"), time.Now()); err != nil {
				w.t.Error(err)
			}
			return l.URL, nil
		},
		"a role that lost the field": func(w *world, l *content.Link) (string, []string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.allowed = map[string]bool{"View.pdf": true}
			return l.URL, nil
		},
		"a site that is offered no more": func(w *world, l *content.Link) (string, []string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.sites = []string{"marketing"}
			return l.URL, nil
		},
		"another person's token": func(w *world, l *content.Link) (string, []string) {
			w.tokens["Bearer bob"] = person("bob")
			return l.URL, []string{"Authorization", "Bearer bob"}
		},
		"the owner with another user name": func(w *world, l *content.Link) (string, []string) {
			id := person("alice")
			id.Username = "bob"
			w.tokens["Bearer other"] = id
			return l.URL, []string{"Authorization", "Bearer other"}
		},
		"the owner with other attributes": func(w *world, l *content.Link) (string, []string) {
			id := person("alice")
			id.Claims = map[string][]string{"region": {"West"}}
			w.tokens["Bearer other"] = id
			return l.URL, []string{"Authorization", "Bearer other"}
		},
		"a token that is not good": func(_ *world, l *content.Link) (string, []string) {
			return l.URL, []string{"Authorization", "Bearer nonsense"}
		},
		"two tokens": func(w *world, l *content.Link) (string, []string) {
			return l.URL, []string{"Authorization", "Bearer x", "Authorization", "Bearer y"}
		},
		"of other keys": func(w *world, l *content.Link) (string, []string) {
			other := w.newLinks(func(c *content.Config) { c.Keys = []tableau.Secret{tableau.NewSecret(strings.Repeat("o", 40))} })
			return w.linkOf(other), nil
		},
		"of another realm": func(w *world, l *content.Link) (string, []string) {
			return w.linkOf(w.newLinks(func(c *content.Config) { c.Realm = "elsewhere" })), nil
		},
		"a view that is hidden now": func(w *world, l *content.Link) (string, []string) {
			if err := w.sim.Deny("", string(w.view()), "alice"); err != nil {
				w.t.Error(err)
			}
			return l.URL, nil
		},
		"a picture that may not be taken along": func(w *world, l *content.Link) (string, []string) {
			if err := w.sim.Forbid("", string(w.view()), "alice", "ExportImage"); err != nil {
				w.t.Error(err)
			}
			return l.URL, nil
		},
		"of a person who is no user any more": func(w *world, l *content.Link) (string, []string) {
			if err := w.sim.DeleteUser("", "alice"); err != nil {
				w.t.Error(err)
			}
			return l.URL, nil
		},
		"of a view of another site": func(w *world, _ *content.Link) (string, []string) {
			l, err := w.links.For(w.t.Context(), person("alice"), nil).Link("marketing", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "")
			if err != nil {
				w.t.Error(err)
			}
			return l.URL, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{}, nil)
			w.t = t
			l := w.image("alice")
			if got := w.fetch(l.URL); got.status != 200 {
				t.Fatalf("the link does not work to begin with: %d %s", got.status, got.body)
			}
			address, header := spoil(w, l)
			got := w.fetch(address, header...)
			want := reply{status: 404, body: `{"errors":[{"message":"there is no such object, or you may not see it",` +
				`"extensions":{"code":"NOT_FOUND"}}]}`, header: http.Header{
				"Cache-Control": {"no-store"}, "Content-Length": {"107"}, "Content-Type": {"application/json; charset=utf-8"},
				"Content-Security-Policy": {"default-src 'none'; style-src 'unsafe-inline'"}, "Cross-Origin-Resource-Policy": {"cross-origin"},
				"Referrer-Policy": {"no-referrer"}, "X-Content-Type-Options": {"nosniff"},
			}}
			if diff := cmp.Diff(want.header, got.header); diff != "" || got.status != want.status || got.body != want.body {
				t.Errorf("status %d, body %s, headers (-want +got):\n%s", got.status, got.body, diff)
			}
			checkWorthlessPage(t, w, address, header)
		})
	}
}

func (w *world) linkOf(links *content.Links) string {
	l, err := links.For(w.t.Context(), person("alice"), nil).Link("", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return l.URL
}

func TestOwnersTokenIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	w.tokens["Bearer mine"] = person("alice")
	if got := w.fetch(w.image("alice").URL, "Authorization", "Bearer mine"); got.status != 200 {
		t.Errorf("status %d: %s", got.status, got.body)
	}
}

// Two people have two links to one view, and each shows what its owner sees.
func TestContentIsThatOfTheOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	x := &tableau.Export{Kind: tableau.ViewCSV, LUID: tableau.LUID(w.sim.ViewID("", "AccountTracker/sheets/MyAccounts"))}
	a, b := w.fetch(w.link("alice", "View.csv", x, "").URL), w.fetch(w.link("bob", "View.csv", x, "").URL)
	if a.status != 200 || b.status != 200 || a.body == b.body {
		t.Errorf("%d %.200s\n%d %.200s", a.status, a.body, b.status, b.body)
	}
}

func TestOnlyGETAndHEADAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	l := w.image("alice")
	got, head := w.fetch(l.URL), w.do(http.MethodHead, l.URL)
	if diff := cmp.Diff(got.header, head.header); diff != "" || head.status != 200 || head.body != "" {
		t.Errorf("HEAD: status %d, %d bytes, headers differ from those of GET:\n%s", head.status, len(head.body), diff)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if got := w.do(method, l.URL); got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
}

// A file that broke off on its way never looks whole.
func TestCutContentIsNoContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	l := w.image("alice")
	whole := w.fetch(l.URL)
	w.sim.Fault(tableausim.Fault{Kind: tableausim.CutBody, Match: isImage})
	if got := w.fetch(l.URL); got.err == nil || len(got.body) >= len(whole.body) {
		t.Errorf("status %d, %d of %d bytes, error %v", got.status, len(got.body), len(whole.body), got.err)
	}
}

func isImage(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/image") }

func TestEndedSessionsAreRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	l := w.image("alice")
	w.fetch(l.URL)
	w.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Match: isImage, Times: 1})
	if got := w.fetch(l.URL); got.status != 200 || got.err != nil {
		t.Errorf("status %d %s", got.status, got.body)
	}
}

func TestTroubleOfTableausIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault      tableausim.Fault
		status     int
		code       string
		retryAfter string
	}{
		"too many":     {tableausim.Fault{Kind: tableausim.TooMany}, 429, "TABLEAU_RATE_LIMITED", "2"},
		"a web page":   {tableausim.Fault{Kind: tableausim.HTMLPage}, 502, "TABLEAU_UNAVAILABLE", ""},
		"server error": {tableausim.Fault{Kind: tableausim.ServerError}, 502, "TABLEAU_UNAVAILABLE", ""},
		"no answer":    {tableausim.Fault{Kind: tableausim.Drop}, 502, "TABLEAU_UNAVAILABLE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{}, nil)
			w.t = t
			l := w.image("alice")
			c.fault.Match = isImage
			w.sim.Fault(c.fault)
			got := w.fetch(l.URL)
			if got.status != c.status || !strings.Contains(got.body, c.code) || got.header.Get("Retry-After") != c.retryAfter {
				t.Errorf("status %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
			}
			if cache := got.header.Get("Cache-Control"); cache != "no-store" {
				t.Errorf("Cache-Control %q", cache)
			}
		})
	}
}

// A client that leaves stops the read: Tableau is not asked for what nobody takes.
func TestReadersWhoLeaveStopTheRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	if err := w.sim.FileSize("", string(w.workbook()), 1<<40); err != nil { // a terabyte: it never ends by itself
		t.Fatal(err)
	}
	l := w.link("alice", "Workbook.download", &tableau.Export{Kind: tableau.WorkbookFile, LUID: w.workbook()}, "Superstore")
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+strings.TrimPrefix(l.URL, "https://bi.example.com"), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, res.Body, 1<<20); err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	cancel()
	_ = res.Body.Close()
	w.upstream.Close() // which waits until no request is left
}

// A session's user attributes, which shape what is shown, go with the link.
func TestLinksCarryWhatShapesASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	seen := make(chan *auth.Identity, 1)
	w.links = w.newLinks(func(c *content.Config) { c.Sessions = spy{offered{w.broker, w}, seen} })
	w.server.Config.Handler = w.links
	id := person("alice")
	id.Claims = map[string][]string{"region": {"West", "East"}}
	l, err := w.links.For(t.Context(), id, nil).Link("", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "")
	if err != nil {
		t.Fatal(err)
	}
	w.fetch(l.URL)
	got := <-seen
	if got.Issuer != id.Issuer || got.Subject != id.Subject || got.Username != id.Username || !maps.EqualFunc(got.Claims, id.Claims, func(a, b []string) bool { return cmp.Equal(a, b) }) {
		t.Errorf("signed in as %+v", got)
	}
}

type spy struct {
	offered
	seen chan<- *auth.Identity
}

func (s spy) Session(ctx context.Context, id *auth.Identity, contentURL string) (*tableau.Session, error) {
	s.seen <- id
	return s.offered.Session(ctx, id, contentURL)
}

func TestPicturesAreWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	img, err := png.Decode(strings.NewReader(w.fetch(w.link("bob", "View.image", &tableau.Export{
		Kind: tableau.ViewImage, LUID: w.view(), Size: &tableau.PixelSize{Width: 500, Height: 300}, Resolution: tableau.High,
	}, "").URL).body))
	if err != nil || img.Bounds().Dx() != 1000 || img.Bounds().Dy() != 600 {
		t.Errorf("%v %v", img.Bounds(), err)
	}
	file := w.fetch(w.link("alice", "Workbook.download", &tableau.Export{Kind: tableau.WorkbookFile, LUID: tableau.LUID(w.sim.WorkbookID("", "RegionalSales"))}, "").URL)
	if _, err := zip.NewReader(bytes.NewReader([]byte(file.body)), int64(len(file.body))); err != nil && !strings.HasPrefix(file.body, "<?xml") {
		t.Errorf("%d: %v", file.status, err)
	}
}
