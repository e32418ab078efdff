package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestElementsInBothForms writes one tree as JSON and as XML.
func TestElementsInBothForms(t *testing.T) {
	t.Parallel()
	show := func(name string) *Element {
		e := New("view", Str("name", name))
		e.Int("size", 3)
		e.Flag("hidden", false)
		e.TextFlag("tabs", true)
		e.Opt("note", "")
		return e
	}
	tree := []*Element{
		Page{Number: 1, Size: 100, Total: 1}.Element(),
		Contain("views", []string{`A & "B"`}, show),
		Contain("tags", nil, show),
		Text("state", "<on>"),
	}
	const wantJSON = `{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"1"},` +
		`"views":{"view":[{"name":"A \u0026 \"B\"","size":"3","hidden":false,"tabs":"true"}]},"tags":{},"state":"<on>"}`
	if got := string(AppendJSON(nil, tree)); got != wantJSON {
		t.Errorf("JSON: got %s, want %s", got, wantJSON)
	}
	const wantXML = `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/>` +
		`<views><view name="A &amp; &#34;B&#34;" size="3" hidden="false" tabs="true"/></views><tags/><state>&lt;on&gt;</state></tsResponse>`
	if got := string(AppendXML(nil, "3.27", tree)); !strings.HasSuffix(got, wantXML) || !strings.Contains(got, "ts-api_3_27.xsd") {
		t.Errorf("XML: got %s, want it to end in %s", got, wantXML)
	}
}

// TestPages asks for pages of a list of five.
func TestPages(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"": "abcde", "pageSize=2": "ab", "pageSize=2&pageNumber=3": "e", "pageSize=1000": "abcde", "pageNumber=1": "abcde",
		"pageSize=0": "400007", "pageSize=-1": "400007", "pageSize=x": "400007", "pageSize=1001": "403014",
		"pageNumber=0": "400006", "pageNumber=2": "400006", "pageSize=2&pageNumber=4": "400006", "pageNumber=1.0": "400006",
	} {
		values, _ := url.ParseQuery(query)
		part, p, err := Paginate(values, strings.Split("abcde", ""))
		got := strings.Join(part, "")
		if refused := (*Error)(nil); errors.As(err, &refused) {
			got = refused.Code
		}
		if got != want || p.Total != 5 {
			t.Errorf("%s: got %s of %d, want %s", query, got, p.Total, want)
		}
	}
	if part, _, err := Paginate(url.Values{"pageNumber": {"1"}}, []string{}); err != nil || len(part) != 0 {
		t.Errorf("page 1 of nothing: %v, %v", part, err)
	}
}

// TestNegotiation chooses a form by Accept and Content-Type.
func TestNegotiation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		accept, contentType string
		want                Form
		json                bool
	}{
		{"", "", FormXML, true},
		{"", "application/json", FormJSON, true},
		{"*/*", "text/xml", FormXML, true},
		{"application/json", "text/xml", FormJSON, true},
		{"application/xml;q=0.2, APPLICATION/JSON;q=0.3", "", FormJSON, true},
		{"application/json;q=0", "", FormNone, false},
		{"application/json;q=high", "", FormNone, false},
		{"text/csv", "", FormNone, false},
		{"application/vnd.tableau.search-results.v2+json", "", FormNone, true},
	} {
		r := &http.Request{Header: http.Header{}}
		for name, value := range map[string]string{"Accept": tt.accept, "Content-Type": tt.contentType} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := Negotiate(r); got != tt.want || AcceptsJSON(r) != tt.json {
			t.Errorf("Accept %q, Content-Type %q: got %d, want %d; JSON %v", tt.accept, tt.contentType, got, tt.want, AcceptsJSON(r))
		}
	}
}
