package content

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableau"
)

// In filename*, letters, digits and four signs stand for themselves, every other byte is written in
// hex (RFC 8187, 3.2.1).
func TestNamesAreEscapedByteByByte(t *testing.T) {
	t.Parallel()
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
	if got := escaped(plain); got != plain {
		t.Errorf("%s became %s", plain, got)
	}
	for c := range 256 {
		if got := escaped(string([]byte{byte(c)})); strings.IndexByte(plain, byte(c)) < 0 && (len(got) != 3 || got[0] != '%') {
			t.Errorf("byte %#x is written as %q", c, got)
		}
	}
	if got := escaped("\x00/é\xff"); got != "%00%2F%C3%A9%FF" {
		t.Error(got)
	}
}

// The plain file name has what ASCII prints, but quotes and backslashes (RFC 6266, 4.3).
func TestPlainFileNamesArePrintableASCII(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		" ~.png":  `inline; filename=" ~.png"`,
		"\x1f.":   `inline; filename="_."; filename*=UTF-8''%1F.`,
		"\x7f.":   `inline; filename="_."; filename*=UTF-8''%7F.`,
		"\"\\.":   `inline; filename="__."; filename*=UTF-8''%22%5C.`,
		"\u0080.": `inline; filename="_."; filename*=UTF-8''%C2%80.`,
	} {
		if got := disposition(tableau.Inline, name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// TestScriptsAreNeverDisplayed holds which content a browser displays on this server's origin: that
// which it runs nothing of. SVG, XML and what is taken apart by programs is saved, whatever was asked
// for.
func TestScriptsAreNeverDisplayed(t *testing.T) {
	t.Parallel()
	displayed := map[string]tableau.Disposition{ // what happens if nothing was asked for
		"image/png": tableau.Inline, "application/pdf": tableau.Inline,
		"text/csv; charset=utf-8": tableau.Attachment, "application/json": tableau.Attachment,
	}
	for kind := range forms {
		for _, format := range []tableau.ImageFormat{"", tableau.SVG} {
			for _, beginning := range []string{"", "<?xml version=\"1.0\"?>", "<html>", "<svg", "PK\x03\x04"} {
				f := forms[kind].detect(&tableau.Export{Kind: kind, Format: format}, []byte(beginning))
				want, known := displayed[f.media]
				if got := f.as(tableau.Inline); (got == tableau.Inline) != known {
					t.Errorf("%s, %s: %s where inline was asked for", kind, f.media, got)
				}
				if got := f.as(""); known && got != want || !known && got != tableau.Attachment {
					t.Errorf("%s, %s: %s where nothing was asked for", kind, f.media, got)
				}
				if got := f.as(tableau.Attachment); got != tableau.Attachment {
					t.Errorf("%s, %s: %s where saving was asked for", kind, f.media, got)
				}
			}
		}
	}
}

type noSessions struct{}

func (noSessions) Session(context.Context, *auth.Identity, string) (*tableau.Session, error) {
	return nil, errors.New("no token")
}
func (noSessions) Sites() []string                                  { return nil }
func (noSessions) Logouts(context.Context, *auth.Identity) []string { return nil }

func wholeConfig() Config {
	return Config{
		Sessions: noSessions{}, Allowed: func(context.Context, []string, string, string) bool { return true }, Roles: func(*auth.Identity) []string { return nil },
		Identify: func(*http.Request) (*auth.Identity, error) { return nil, errors.New("nobody") },
		Public:   func(context.Context, error) Refusal { return Refusal{Status: http.StatusBadGateway, Code: "AWAY"} },
	}
}

// Links last for two seconds at least, and everything they need is set.
func TestLinksNeedWhatTheyStandOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		ok     bool
	}{
		"all":                    {func(*Config) {}, true},
		"two seconds":            {func(c *Config) { c.Lifetime = 2 * time.Second }, true},
		"less than two seconds":  {func(c *Config) { c.Lifetime = 2*time.Second - 1 }, false},
		"no sessions":            {func(c *Config) { c.Sessions = nil }, false},
		"nothing allows":         {func(c *Config) { c.Allowed = nil }, false},
		"no roles":               {func(c *Config) { c.Roles = nil }, false},
		"nobody is identified":   {func(c *Config) { c.Identify = nil }, false},
		"errors have no answers": {func(c *Config) { c.Public = nil }, false},
	} {
		config := wholeConfig()
		c.change(&config)
		if _, err := New(config); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The length is announced where Tableau said it, also when it is zero.
func TestLengthIsAnnouncedWhereItIsKnown(t *testing.T) {
	t.Parallel()
	links, err := New(wholeConfig())
	if err != nil {
		t.Fatal(err)
	}
	for length, want := range map[int64]string{-1: "", 0: "0", 5: "5"} {
		h := http.Header{}
		links.announce(h, &linkPayload{Export: &tableau.Export{}}, picture, length)
		if got := h.Get("Content-Length"); got != want {
			t.Errorf("%d: Content-Length %q, want %q", length, got, want)
		}
	}
}

// The log has Tableau's error number where there is one.
func TestErrorNumbersOfTableauAreObserved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{&tableau.Error{Code: "403004"}, "refused=AWAY tableauError=403004"},
		{&tableau.Error{}, "refused=AWAY"},
		{errors.New("no session"), "refused=AWAY"},
	} {
		var got []string
		config := wholeConfig()
		config.Observe = func(_ context.Context, attrs ...slog.Attr) {
			for _, a := range attrs {
				if a.Key != "reason" {
					got = append(got, a.String())
				}
			}
		}
		links, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		links.fail(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/content/x", nil), c.err)
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%v: %s, want %s", c.err, text, c.want)
		}
	}
}

// A reader's grace and rate are exact: it is cut off when it is later than that, and not before.
func TestReadersAreCutOffWhenTheyAreLate(t *testing.T) {
	t.Parallel()
	crowd := func() bool { return true }
	for _, c := range []struct {
		taken int
		spent time.Duration
		slow  bool
	}{
		{0, 5 * time.Second, false},
		{0, 5*time.Second + 1, true},
		{slowest, 6 * time.Second, false},
		{slowest, 6*time.Second + 1, true},
		{10 * slowest, 15 * time.Second, false},
		{10 * slowest, 15*time.Second + 1, true},
	} {
		p := pace{hasWaiting: crowd}
		if err := p.wrote(c.taken, c.spent); errors.Is(err, errSlow) != c.slow {
			t.Errorf("%d bytes in %s: %v", c.taken, c.spent, err)
		}
	}
}

// A person is hasWaiting while fetches of theirs wait, and nobody else is.
func TestWhoWaitsMakesACrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReaders()
		ann, ben := readerKey{"i", "ann"}, readerKey{"i", "ben"}
		var leave func()
		for range perLink {
			var err error
			if leave, err = r.enter(t.Context(), ann, "/content/1"); err != nil {
				t.Fatal(err)
			}
		}
		if r.hasWaiting(ann) {
			t.Error("hasWaiting though nobody waits")
		}
		go func() {
			if _, err := r.enter(t.Context(), ann, "/content/1"); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		if !r.hasWaiting(ann) || r.hasWaiting(ben) {
			t.Errorf("one of ann's fetches waits: ann %v, ben %v", r.hasWaiting(ann), r.hasWaiting(ben))
		}
		leave()
		synctest.Wait()
		if r.hasWaiting(ann) {
			t.Error("hasWaiting though it has been served")
		}
	})
}
