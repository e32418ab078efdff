package tableau

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	reading := func(browser, contentURL string) *Session {
		c := client(t, Config{URL: "https://inner:8443/behind", BrowserURL: browser, APIVersion: "3.27"})
		return c.Session(t.Context(), at(contentURL))
	}
	view := View{ContentURL: "Sales Report/sheets/Été?"}
	tests := []struct {
		name, browser, site string
		web, embed, book    string
	}{
		{"default site", "", "", "https://inner:8443/behind/#/views/Sales%20Report/%C3%89t%C3%A9%3F", "https://inner:8443/behind/views/Sales%20Report/%C3%89t%C3%A9%3F", "http://inner/#/site/x/workbooks/7?a=inner"},
		{"a site", "", "a b", "https://inner:8443/behind/#/site/a%20b/views/Sales%20Report/%C3%89t%C3%A9%3F", "https://inner:8443/behind/t/a%20b/views/Sales%20Report/%C3%89t%C3%A9%3F", "http://inner/#/site/x/workbooks/7?a=inner"},
		{"another address for browsers", "https://bi.example.com/", "m", "https://bi.example.com/#/site/m/views/Sales%20Report/%C3%89t%C3%A9%3F", "https://bi.example.com/t/m/views/Sales%20Report/%C3%89t%C3%A9%3F", "https://bi.example.com/#/site/x/workbooks/7?a=inner"},
	}
	for _, tt := range tests {
		s := reading(tt.browser, tt.site)
		v := view
		v.bind(s)
		w := Workbook{WebpageURL: "http://inner/#/site/x/workbooks/7?a=inner"}
		w.bind(s)
		if diff := cmp.Diff([]URL{URL(tt.web), URL(tt.embed), URL(tt.book)}, []URL{v.WebURL(), v.EmbedURL(), w.WebURL()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	c := reading("https://bi.example.com", "").client
	for given, want := range map[Text]URL{
		"": "", "javascript:alert(1)": "", "/relative": "", "ftp://t/a": "", "http://[": "", "http://http": "https://bi.example.com",
		"https://kim@http/a": "https://bi.example.com/a", "http://t?a": "https://bi.example.com?a",
	} {
		if got := c.rebase(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// onSite is a keeper of another site.
type onSite struct {
	keeper
	contentURL string
}

func at(contentURL string) *onSite { return &onSite{contentURL: contentURL} }

func (s *onSite) ContentURL() string { return s.contentURL }

func TestViewsSayTheirPath(t *testing.T) {
	t.Parallel()
	for contentURL, want := range map[string][2]string{
		"Book/sheets/View": {"Book/View", "View"}, "Book/View": {"Book/View", "View"}, "sheets/sheets/sheets": {"sheets/sheets", "sheets"}, "": {"", ""},
	} {
		v := View{ContentURL: contentURL}
		if got := [2]string{v.Path(), string(v.URLName())}; got != want {
			t.Errorf("%q: %q, want %q", contentURL, got, want)
		}
	}
	if v := (&View{ContentURL: "a/sheets/b", URLNameGiven: "c"}); v.URLName() != "c" {
		t.Errorf("a given name is %q", v.URLName())
	}
}

func FuzzGlobalIDsGoBackToTheirParts(f *testing.F) {
	for _, s := range []string{"", "a", "a/b", "%2F", "\xff", "é", "..", "Workbook"} {
		f.Add("Workbook", s, s)
	}
	f.Fuzz(func(t *testing.T, kind, contentURL, key string) {
		id := GlobalID(kind, contentURL, key)
		k, c, l, err := ParseGlobalID(id)
		if err == nil && (k != kind || c != contentURL || l != key) {
			t.Errorf("%q, %q, %q became %q, %q, %q", kind, contentURL, key, k, c, l)
		}
		if err != nil && !strings.Contains(kind, "/") && len(id) <= maxID {
			t.Errorf("%q, %q, %q: %v", kind, contentURL, key, err)
		}
		if k, c, l, err := ParseGlobalID(key); err == nil && GlobalID(k, c, l) != key { // what strangers send
			t.Errorf("%q is taken, and is not what is made", key)
		}
	})
}

func TestKeysThatAreNoPathAreMissing(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		return reply{body: `{"workbook":{"id":"w","name":"` + r.URL.Query().Get("key") + `"}}`}
	})
	s := u.session(t)
	for _, key := range []string{"", ".", ".."} {
		_, err := s.WorkbookByContentURL(t.Context(), key)
		wantKind(t, err, Missing)
	}
	if w, err := s.WorkbookByContentURL(t.Context(), "..."); err != nil || w.Name != "contentUrl" || len(u.requests) != 1 {
		t.Errorf("%+v, error %v, %d requests", w, err, len(u.requests))
	}
}

func TestOneItemOfAListIsTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	u := serve(t, store{"views": listOf("views", "view", `{"id":"v1","contentUrl":"a/sheets/B"}`, `{"id":"v2","contentUrl":"A/sheets/B"}`)}.answer)
	s := u.session(t)
	if v, err := s.ViewByContentURL(t.Context(), "A/sheets/B"); err != nil || v.LUID != "v2" {
		t.Errorf("%+v, error %v", v, err)
	}
	_, err := s.ViewByContentURL(t.Context(), "A/sheets/b")
	wantKind(t, err, Missing)
	_, err = s.DataSourceByContentURL(t.Context(), "a,name:eq:b")
	wantKind(t, err, Missing) // the list is missing; nothing was filtered
	if u.count("name:eq") != 0 {
		t.Errorf("asked for %q", u.paths())
	}
}
