package tableau

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// scoped is a session that came from a JWT, on a server of a version.
func (u *upstream) scoped(t *testing.T, version string) *Session {
	t.Helper()
	grant := &Grant{Token: NewSecret(markedToken), SiteLUID: siteID, UserLUID: userID, Scoped: true}
	return client(t, Config{URL: u.URL, APIVersion: version}).Session(t.Context(), &keeper{grant: grant})
}

func TestReadsClosedToScopedSessionsAreNotSent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version string
		want    []string // that were sent
	}{
		{"3.29", []string{"sessions/current"}},
		{"3.28", []string{"users/{id}"}},
		{"3.17", []string{"users/{id}"}},
	} {
		u := serve(t, func(r *http.Request) reply {
			if strings.HasSuffix(r.URL.Path, "sessions/current") {
				return reply{body: `{"session":{"site":{"id":"` + siteID + `","name":"Marketing"},"user":{"id":"` + userID + `","name":"alice"}}}`}
			}
			return reply{body: `{"user":{"id":"` + userID + `","name":"alice"}}`}
		})
		got, err := u.scoped(t, test.version).Current(t.Context())
		if err != nil || got.User == nil || got.User.Name != "alice" || got.Site.LUID != siteID {
			t.Errorf("%s: %v, %v", test.version, got, err)
		}
		var sent []string
		for _, r := range u.requests {
			_, path, _ := strings.Cut(r.URL.Path, "/api/"+test.version+"/")
			sent = append(sent, strings.Replace(strings.TrimPrefix(path, "sites/"+siteID+"/"), userID, "{id}", 1))
		}
		if !slices.Equal(sent, test.want) {
			t.Errorf("%s: %v were sent, want %v", test.version, sent, test.want)
		}
	}
}

// Where the read of a workbook's views is closed they come with the workbook, or, if more is wanted
// than it has, from the list.
func TestViewsOfAWorkbookForScopedSessions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		need ViewNeeds
		want string
	}{
		{"Sales", ViewNeeds{Plain: true}, "workbooks/w1?"},
		{"Sales, old", ViewNeeds{Plain: true}, "workbooks/w1?"},
		{"Sales", ViewNeeds{Usage: true}, "views?"},
		{"Sales", ViewNeeds{Listed: true}, "views?"},
	} {
		name, want := test.name, test.want
		u := serve(t, func(r *http.Request) reply {
			view := `{"id":"v1","name":"Overview","contentUrl":"Sales/sheets/Overview","workbook":{"id":"w1"}}`
			switch {
			case strings.HasSuffix(r.URL.Path, "/workbooks"):
				return reply{body: fmt.Sprintf(`{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"1"},"workbooks":{"workbook":[{"id":"w1","name":%q}]}}`, name)}
			case strings.HasSuffix(r.URL.Path, "/workbooks/w1"):
				return reply{body: fmt.Sprintf(`{"workbook":{"id":"w1","name":%q,"views":{"view":[%s]}}}`, name, view)}
			default:
				return reply{body: `{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"1"},"views":{"view":[` + view + `]}}`}
			}
		})
		page, err := u.scoped(t, "3.24").Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 10)
		if err != nil || len(page.Items) != 1 {
			t.Fatal(err)
		}
		views, err := page.Items[0].Views(t.Context(), test.need)
		if err != nil || len(views) != 1 || views[0].Name != "Overview" {
			t.Errorf("%s: %v, %v", name, views, err)
		}
		last := u.requests[len(u.requests)-1].URL
		if got := last.Path + "?"; !strings.Contains(got, want) {
			t.Errorf("%s: the views came from %s, want %s", name, got, want)
		}
	}
}

// Before 3.29 a session of a JWT cannot read sessions/current: its own user proves that it is
// alive.
func TestScopedSessionThatMayNotUseAMethodIsRefused(t *testing.T) {
	t.Parallel()
	for version, probe := range map[string]string{"3.27": "/users/" + userID, "3.29": "/sessions/current"} {
		u := serve(t, func(r *http.Request) reply {
			if strings.HasSuffix(r.URL.Path, probe) {
				return reply{body: "{}"}
			}
			return code(401, "401002")
		})
		scoped := &Grant{Token: NewSecret(markedToken), SiteLUID: siteID, UserLUID: userID, Scoped: true}
		s := client(t, Config{URL: u.URL, APIVersion: version}).Session(t.Context(), always{scoped})
		_, err := s.View(t.Context(), "v", false)
		if !IsKind(err, Refused) || !HasCode(err, "401002") {
			t.Errorf("%s: %v after %d requests", version, err, len(u.requests))
		}
	}
}

// always is a Source that signs in without end.
type always struct{ *Grant }

func (a always) Acquire(context.Context, *Grant) (*Grant, error) { return a.Grant, nil }
func (always) Release(*Grant)                                    {}
func (always) ContentURL() string                                { return "marketing" }

func TestScopedSessionsOfOldServersAreNotSignedOut(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"3.19": 0, "3.20": 1} {
		u := serve(t, func(*http.Request) reply { return reply{status: http.StatusNoContent} })
		if err := client(t, Config{URL: u.URL, APIVersion: version}).SignOut(t.Context(), &Grant{Token: NewSecret("x"), Scoped: true}); err != nil {
			t.Error(err)
		}
		if n := len(u.requests); n != want {
			t.Errorf("%s: %d requests, want %d", version, n, want)
		}
	}
}

func TestNumberIsAtTheEndOfTheDetail(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]string{
		"Error signing in to Tableau Server (126)":     "126",
		"Error signing in to Tableau Server (10084). ": "10084",
		"Error (16) signing in":                        "",
		"()":                                           "",
		"(12x)":                                        "",
		"(1234567)":                                    "",
		")":                                            "",
		"":                                             "",
	} {
		if got := (&Error{Detail: detail}).Number(); got != want {
			t.Errorf("%q has the number %q, want %q", detail, got, want)
		}
	}
}
