package tableau

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// freshSource gives one grant after the other.
type freshSource struct{ given atomic.Int32 }

func (s *freshSource) Acquire(_ context.Context, dead *Grant) (*Grant, error) {
	s.given.Add(1)
	return &Grant{Token: NewSecret(fmt.Sprintf("token-%d", s.given.Load())), SiteLUID: siteID, UserLUID: userID}, nil
}
func (*freshSource) Release(*Grant)     {}
func (*freshSource) ContentURL() string { return "" }

// streamed serves a handler and reads an image from it.
func streamed(t *testing.T, c Config, h http.HandlerFunc) (body string, length int64, calls int, err error) {
	t.Helper()
	upstream := httptest.NewServer(h)
	t.Cleanup(upstream.Close)
	c.URL, c.APIVersion = upstream.URL, "3.27"
	s := client(t, c).Session(t.Context(), &freshSource{})
	err = s.Stream(t.Context(), &Export{Kind: ViewImage, LUID: "v"}, func(b *Stream) error {
		calls++
		length = b.Length
		text, err := io.ReadAll(b)
		body = string(text)
		return err
	})
	return body, length, calls, err
}

func TestStreamGivesBodyAndLengthAlone(t *testing.T) {
	t.Parallel()
	body, length, calls, err := streamed(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "*/*" || r.Header.Get("X-Tableau-Auth") != "token-1" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "picture")
	})
	if body != "picture" || length != 7 || calls != 1 || err != nil {
		t.Errorf("%q of %d bytes in %d calls, %v", body, length, calls, err)
	}
}

// A session that ended is renewed once, before the first byte; errors of endpoints that answer
// bytes are read as others are.
func TestStreamRenewsItsSession(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		dead int32 // how many sessions have ended
		want int32 // requests, those that ask whether the session is alive included
		code string
	}{{"one ended", 1, 2, ""}, {"two ended", 4, 5, ""}, {"all end", 99, 10, "401002"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			body, _, _, err := streamed(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) <= c.dead {
					w.Header().Set("Content-Type", "application/xml")
					w.WriteHeader(http.StatusUnauthorized)
					_, _ = io.WriteString(w, `<tsResponse xmlns="http://tableau.com/api"><error code="401002"><summary>Unauthorized</summary></error></tsResponse>`)
					return
				}
				_, _ = io.WriteString(w, "picture")
			})
			if asked.Load() != c.want || c.code == "" && (body != "picture" || err != nil) || c.code != "" && !HasCode(err, c.code) {
				t.Errorf("asked %d times: %q, %v", asked.Load(), body, err)
			}
		})
	}
}

// What broke off in the middle is never begun again: the reader has a part of it already.
func TestStreamThatBreaksOffIsNotRepeated(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	repeat := gateFunc(func(ctx context.Context, _ Call, try func(context.Context) error) error {
		err := try(ctx)
		for range 3 {
			if err == nil {
				break
			}
			err = try(ctx)
		}
		return err
	})
	body, _, calls, err := streamed(t, Config{Gate: repeat}, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	if asked.Load() != 1 || calls != 1 || body != "half" || !IsKind(err, Unavailable) {
		t.Errorf("asked %d times, begun %d times: %q, %v", asked.Load(), calls, body, err)
	}
}

type gateFunc func(context.Context, Call, func(context.Context) error) error

func (g gateFunc) Pass(ctx context.Context, c Call, try func(context.Context) error) error {
	return g(ctx, c, try)
}

func TestStreamThatStandsStillIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, first string
		config      Config
	}{
		{"before the first byte", "", Config{Rendering: 20 * time.Millisecond}},
		{"in the middle", "half", Config{Stall: 20 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := streamed(t, c.config, func(w http.ResponseWriter, r *http.Request) {
				if c.first != "" {
					_, _ = io.WriteString(w, c.first)
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			})
			if !IsKind(err, Timeout) {
				t.Errorf("%v, want %s", err, Timeout)
			}
		})
	}
}

func TestPagesAreNoContent(t *testing.T) {
	t.Parallel()
	_, _, calls, err := streamed(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<html>Sign in</html>")
	})
	if calls != 0 || !IsKind(err, Malformed) {
		t.Errorf("begun %d times, %v", calls, err)
	}
}

// A place among the long-running reads is taken until the body is through.
func TestStreamKeepsItsPlace(t *testing.T) {
	t.Parallel()
	inside := false
	watch := gateFunc(func(ctx context.Context, c Call, try func(context.Context) error) error {
		if c.Class != LongRunning {
			t.Errorf("class %d", c.Class)
		}
		inside = true
		defer func() { inside = false }()
		return try(ctx)
	})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }))
	t.Cleanup(upstream.Close)
	s := client(t, Config{URL: upstream.URL, APIVersion: "3.27", Gate: watch}).Session(t.Context(), &freshSource{})
	if err := s.Stream(t.Context(), &Export{Kind: WorkbookRevision, LUID: "w", Revision: 3}, func(*Stream) error {
		if !inside {
			t.Error("the place was given up before the body was read")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// Each kind is one GET, with parameters as Tableau writes them.
func TestExportsAreAskedForAsTableauWritesThem(t *testing.T) {
	t.Parallel()
	age, language := int32(5), "de-DE"
	state := &ViewOptions{
		Filters:    []*ViewFieldFilter{{"Region", []string{"West", "East & North"}}, {"Order Date", []string{"2026-01-02 00:00:00", "2026-01-03 00:00:00"}}},
		Parameters: []*ViewParameter{{"Top N", "10"}}, MaxAgeMinutes: &age, Language: &language,
	}
	const stated = "language=de-DE&maxAge=5&vf_Order Date=2026-01-02 00:00:00,2026-01-03 00:00:00&vf_Parameters.Top N=10&vf_Region=West,East & North"
	size := &PixelSize{Width: 800, Height: 600}
	for _, c := range []struct {
		x    Export
		want string
	}{
		{Export{Kind: ViewImage}, "views/x/image"},
		{Export{Kind: ViewImage, Resolution: High, Size: size, Options: state}, "views/x/image?" + strings.Replace(stated, "&vf_Order", "&resolution=high&vf_Order", 1) + "&vizHeight=600&vizWidth=800"},
		{Export{Kind: ViewPDF, Paper: "A4", Orientation: "Landscape"}, "views/x/pdf?orientation=Landscape&type=A4"},
		{Export{Kind: ViewCSV, Options: state}, "views/x/data?" + stated},
		{Export{Kind: ViewCrosstab}, "views/x/crosstab/excel"},
		{Export{Kind: ViewPreview, Within: "w"}, "workbooks/w/views/x/previewImage"},
		{Export{Kind: CustomViewImage}, "customviews/x/image"},
		{Export{Kind: CustomViewPDF}, "customviews/x/pdf"},
		{Export{Kind: CustomViewCSV}, "customviews/x/data"},
		{Export{Kind: CustomViewFile}, "/api/exp/sites/" + siteID + "/customviews/x/content"},
		{Export{Kind: WorkbookPDF}, "workbooks/x/pdf"},
		{Export{Kind: WorkbookPowerPoint, Options: &ViewOptions{MaxAgeMinutes: &age}}, "workbooks/x/powerpoint?maxAge=5"},
		{Export{Kind: WorkbookPreview}, "workbooks/x/previewImage"},
		{Export{Kind: WorkbookFile, Bare: true}, "workbooks/x/content?includeExtract=False"},
		{Export{Kind: WorkbookRevision, Revision: 3}, "workbooks/x/revisions/3/content"},
		{Export{Kind: DataSourceFile}, "datasources/x/content"},
		{Export{Kind: DataSourceRevision, Revision: 12}, "datasources/x/revisions/12/content"},
		{Export{Kind: FlowFile}, "flows/x/content"},
	} {
		t.Run(string(c.x.Kind), func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(*http.Request) reply { return reply{media: "image/png", body: "x"} })
			s := u.client(t).Session(t.Context(), &freshSource{})
			c.x.LUID = "x"
			if err := s.Stream(t.Context(), &c.x, func(*Stream) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.want}, u.paths()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a server is too old for is not sent.
func TestExportsKnowTheirVersions(t *testing.T) {
	t.Parallel()
	size, state := &PixelSize{Width: 1, Height: 1}, &ViewOptions{Parameters: []*ViewParameter{{"a", "b"}}}
	for _, c := range []struct {
		x     Export
		needs string
	}{
		{Export{Kind: ViewImage, Size: size}, "3.23"},
		{Export{Kind: ViewImage, Size: size, Format: SVG}, "3.29"},
		{Export{Kind: CustomViewImage}, "3.18"},
		{Export{Kind: CustomViewPDF}, "3.23"},
		{Export{Kind: CustomViewFile}, "3.21"},
		{Export{Kind: WorkbookPDF}, "3.4"},
		{Export{Kind: WorkbookPDF, Options: state}, "3.23"},
		{Export{Kind: WorkbookPDF, Options: state, Size: size}, "3.26"},
		{Export{Kind: WorkbookPowerPoint}, "3.8"},
		{Export{Kind: ViewCrosstab}, "3.8"},
		{Export{Kind: FlowFile}, "3.3"},
	} {
		c.x.LUID = "x"
		s := client(t, Config{URL: "http://127.0.0.1:1", APIVersion: "3.1"}).Session(t.Context(), &freshSource{})
		var e *Error
		if err := s.Offers(t.Context(), &c.x); !errors.As(err, &e) || e.Kind != Unsupported || e.Needs != c.needs {
			t.Errorf("%+v: %v, want %s", c.x, err, c.needs)
		}
		s = client(t, Config{URL: "http://127.0.0.1:1", APIVersion: c.needs}).Session(t.Context(), &freshSource{})
		if err := s.Offers(t.Context(), &c.x); err != nil {
			t.Errorf("%+v with %s: %v", c.x, c.needs, err)
		}
	}
}
