package rest

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPOSTsAreThoseThatChangeNothing lists all that may leave with another verb than GET.
func TestPOSTsAreThoseThatChangeNothing(t *testing.T) {
	t.Parallel()
	var got []string
	for _, e := range table {
		if e.Verb != http.MethodGet {
			got = append(got, e.Verb+" "+e.Template)
		}
	}
	want := []string{
		"POST /auth/signin", "POST /auth/signout", "POST v1/vizql-data-service/read-metadata", "POST v1/vizql-data-service/get-datasource-model",
		"POST v1/vizql-data-service/query-datasource", "POST -/content/usage-stats", "POST -/pulse/insights/ban", "POST -/pulse/insights/springboard",
		"POST labels", "POST metadata/graphql",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var apiVersion = regexp.MustCompile(`^(|3\.\d+|999\.0)$`)

func TestRowsOfTheTableAreWellFormed(t *testing.T) {
	t.Parallel()
	if len(byName) != len(methods) || len(table) != len(methods) {
		t.Errorf("%d rows, %d names: a row is there twice", len(methods), len(byName))
	}
	scopes := map[string]bool{}
	for _, e := range table {
		scopes[e.Scope] = true
		if sideEffectGET(e.segments) {
			t.Errorf("%s would change something", e.Template)
		}
		for _, version := range []string{e.Since, e.SinceOnCloud, e.Until, e.ScopedSince} {
			if !apiVersion.MatchString(version) {
				t.Errorf("%s: %q is no API version", e.Template, version)
			}
		}
		if e.Until != "" && !AtLeast(e.Until, e.Since) {
			t.Errorf("%s ends before it begins", e.Template)
		}
		if e.Scope != "" && e.ScopedSince == Never || e.scopedSince() == "" && e.Scope != "" && !ScopeKnown(e.Scope, "3.16") {
			t.Errorf("%s: the scope is of no use", e.Template)
		}
		if e.ScopedSince != "" && e.ScopedSince == scopeSince[e.Scope] {
			t.Errorf("%s: ScopedSince is the version of the scope, which need not be repeated", e.Template)
		}
		for _, segment := range e.segments {
			if isValue(segment) != strings.ContainsAny(segment, "{}") || segment == "" {
				t.Errorf("%s: the segment %q", e.Template, segment)
			}
		}
		if e.Product != "" && e.Product != Server && e.Product != Cloud {
			t.Errorf("%s: product %q", e.Template, e.Product)
		}
	}
	for scope := range scopeSince {
		if !scopes[scope] {
			t.Errorf("no method takes the scope %s", scope)
		}
	}
}

// Tableau renders or exports for what ends so, below views, custom views, workbooks, data sources
// and flows. All other reads are quick.
func TestWhatIsLongRunning(t *testing.T) {
	t.Parallel()
	long := []string{"image", "data", "pdf", "powerpoint", "excel", "content"}
	for _, e := range table {
		want, id := Read, slices.Index(e.segments, "{id}")
		if last := e.segments[len(e.segments)-1]; id > 0 && slices.Contains(long, last) {
			want = LongRunning
		}
		switch e.name {
		case "serverinfo":
			want = Open
		case "auth/signin":
			want = SigningIn
		case "auth/signout":
			want = SigningOut
		}
		if e.Class != want {
			t.Errorf("%s: class %d, want %d", e.Template, e.Class, want)
		}
	}
}

// fixed is a Source that has one grant.
type fixed struct{ *Grant }

func (f fixed) Acquire(context.Context, *Grant) (*Grant, error) { return f.Grant, nil }
func (fixed) Release(*Grant)                                    {}
func (fixed) ContentURL() string                                { return "" }

// A read of no row, or whose values are not those of its row, is not sent.
func TestReadsThatFitNoRowAreNotSent(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	s := u.client(t).Reader(t.Context(), fixed{&Grant{Token: NewSecret(markedToken), SiteLUID: "s", UserLUID: "u"}})
	for name, r := range map[string]SiteRead{
		"no row":              {Template: "secrets"},
		"a row of POST":       {Template: "labels"},
		"a row of GET":        {Template: "workbooks", Body: []byte("{}")},
		"no value":            {Template: "workbooks/{id}"},
		"a value too many":    {Template: "workbooks", Values: []string{"w"}},
		"a sign-in":           {Template: "/auth/signin", Body: []byte("{}")},
		"a value":             {Template: "workbooks/w"},
		"an empty value":      {Template: "labelValues/{name}", Values: []string{""}},
		"a value that climbs": {Template: "labelValues/{name}", Values: []string{".."}},
	} {
		_, err := Get(t.Context(), s, r, func(*Envelope) {})
		if err == nil || len(u.requests) > 0 {
			t.Fatalf("%s: error %v, %d requests", name, err, len(u.requests))
		}
		wantNoSecret(t, err)
	}
}
