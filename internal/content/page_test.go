package content_test

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/content"
	"vitrine/internal/tableausim"
)

// checkWorthlessPage holds that a navigation to a worthless link gets the one page of all of them.
func checkWorthlessPage(t *testing.T, w *world, address string, header []string) {
	t.Helper()
	got := w.fetch(address, append([]string{"Sec-Fetch-Mode", "navigate"}, header...)...)
	nothing := w.fetch("/content/", "Sec-Fetch-Mode", "navigate")
	if got.status != http.StatusNotFound || got.body != nothing.body || !strings.Contains(got.body, "<h1>This link does not work any more</h1>") {
		t.Errorf("a navigation gets %d %s", got.status, got.body)
	}
	for name, values := range nothing.header {
		if strings.Join(values, ",") != strings.Join(got.header[name], ",") || len(nothing.header) != len(got.header) {
			t.Errorf("a navigation gets %s %q, want %q", name, got.header[name], values)
		}
	}
}

// A page is for who opens a link in a browser; images, scripts and other programs get what they got.
func TestOnlyNavigationsGetAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	for name, c := range map[string]struct {
		header []string
		want   string
	}{
		"a link":               {[]string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, "text/html; charset=utf-8"},
		"a frame":              {[]string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, "text/html; charset=utf-8"},
		"a link, over http":    {[]string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, "text/html; charset=utf-8"},
		"an image":             {[]string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Accept", "image/avif,image/webp,*/*"}, "application/json; charset=utf-8"},
		"an image, over http":  {[]string{"Accept", "image/avif,image/webp,*/*;q=0.8"}, "application/json; charset=utf-8"},
		"fetch":                {[]string{"Sec-Fetch-Mode", "cors", "Accept", "*/*"}, "application/json; charset=utf-8"},
		"fetch that asks HTML": {[]string{"Sec-Fetch-Mode", "cors", "Accept", "text/html"}, "application/json; charset=utf-8"},
		"curl":                 {[]string{"Accept", "*/*"}, "application/json; charset=utf-8"},
	} {
		got := w.fetch("/content/rubbish", c.header...)
		if got.status != http.StatusNotFound || got.header.Get("Content-Type") != c.want || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", name, got.status, got.header)
		}
	}
}

// The page leads back to the front end, and nobody else can have it lead to them.
func TestPageLeadsBackToFrontEndsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, func(c *content.Config) { c.Origins = []string{"https://portal.example.com"} })
	for from, want := range map[string]string{
		"https://portal.example.com/":              `href="https://portal.example.com/"`,
		"https://portal.example.com/a?b=%22%3E&c":  `href="https://portal.example.com/a?b=%22%3E&amp;c"`,
		"https://bi.example.com/playground":        `href="https://bi.example.com/playground"`,
		"https://bi.example.com/content/x":         "",
		"https://evil.example/":                    "",
		"https://portal.example.com.evil.example/": "",
		"https://portal.example.com@evil.example/": "",
		"https://x@portal.example.com/":            "",
		"javascript:alert(1)":                      "",
		"":                                         "",
	} {
		got := w.fetch("/content/rubbish", "Sec-Fetch-Mode", "navigate", "Referer", from)
		if links := strings.Count(got.body, "href="); want == "" && links != 0 || want != "" && (links != 1 || !strings.Contains(got.body, want)) {
			t.Errorf("from %q: %s", from, got.body)
		}
		if policy := got.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "script") {
			t.Errorf("policy %q", policy)
		}
	}
}

// Where a link is good and Tableau is not, the page says what is the matter.
func TestPageNamesAnotherCause(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	l := w.image("alice")
	w.upstream.Close()
	got := w.fetch(l.URL, "Sec-Fetch-Mode", "navigate")
	if got.status != http.StatusBadGateway || strings.Contains(got.body, "any more") || !strings.Contains(got.body, "<p>") || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %s", got.status, got.body)
	}
}
