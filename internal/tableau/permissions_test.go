package tableau

import (
	"net/http"
	"strings"
	"testing"
)

// rules answers a page of two workbooks and their rules; who may list people is up to admin.
func rules(admin bool) func(*http.Request) reply {
	return func(r *http.Request) reply {
		switch path := strings.TrimPrefix(r.URL.Path, "/api/3.27/sites/"+siteID+"/"); {
		case path == "workbooks":
			return reply{body: `{"pagination":{"pageNumber":"1","totalAvailable":"2"},"workbooks":{"workbook":[{"id":"w-1","name":"A"},{"id":"w-2","name":"B"}]}}`}
		case path == "workbooks/w-1/permissions":
			return reply{body: `{"permissions":{"parent":{"type":"Project","id":"p-1"},"granteeCapabilities":[{"user":{"id":"u-1"},"capabilities":{"capability":[{"name":"Read","mode":"Allow"},{"name":"FlyToTheMoon","mode":"Deny"}]}}]}}`}
		case path == "workbooks/w-2/permissions":
			return reply{body: `{"permissions":{"granteeCapabilities":{"user":{"id":"u-2"},"capabilities":{"capability":{"name":"Read","mode":"allow"}}}}}`}
		case path == "users" && admin:
			return reply{body: `{"pagination":{"pageNumber":"1","totalAvailable":"2"},"users":{"user":[{"id":"u-1","name":"ann"},{"id":"u-2","name":"ben"}]}}`}
		default:
			return code(403, "403004")
		}
	}
}

// grantees are the names in the rules of a page of workbooks; a dash where the user is known by
// LUID alone.
func grantees(t *testing.T, u *upstream) []string {
	t.Helper()
	page, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range page.Items {
		p, err := w.Permissions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range p.Grantees {
			who, err := g.ReadGrantee(t.Context(), GranteeNeeds{Users: true})
			if err != nil {
				t.Fatal(err)
			}
			name := string(who.(*User).Name)
			if name == "" {
				name = "-"
			}
			names = append(names, string(who.(*User).LUID)+" "+name)
		}
	}
	return names
}

func TestAllGranteesOfAPageAreOneLookUp(t *testing.T) {
	t.Parallel()
	u := serve(t, rules(true))
	if got := strings.Join(grantees(t, u), ", "); got != "u-1 ann, u-2 ben" {
		t.Errorf("grantees are %s", got)
	}
	if n := u.count("users"); n != 1 {
		t.Errorf("%d look-ups: %v", n, u.paths())
	}
}

func TestWhoMayNotListPeopleLearnsTheirLUIDsAlone(t *testing.T) {
	t.Parallel()
	u := serve(t, rules(false))
	if got := strings.Join(grantees(t, u), ", "); got != "u-1 -, u-2 -" {
		t.Errorf("grantees are %s", got)
	}
}

func TestHistoryThatIsOffIsUnsupported(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if strings.HasSuffix(r.URL.Path, "/revisions") {
			return code(403, "403053")
		}
		return reply{body: `{"workbook":{"id":"w-1","name":"A"}}`}
	})
	w, err := u.session(t).Workbook(t.Context(), "w-1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ReadRevisions(t.Context(), 0, 10)
	wantKind(t, err, Unsupported)
}
