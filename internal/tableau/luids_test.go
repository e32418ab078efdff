package tableau

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/tableau/rest"
)

// notLUIDs are ids that would lead to another path, or to none.
var notLUIDs = []string{"..", ".", "a/b", "../users", "a%2fb", "%2e%2e", "a b", "a?b", "a#b", "a;b", "a\\b", "", "ä", strings.Repeat("a", 65), "a\x00", "a_b"}

// TestIDsThatAreNoneAreNotSent checks that only a LUID can replace the id of a template, no matter
// where the value comes from.
func TestIDsThatAreNoneAreNotSent(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: `{"workbook":{"id":"a"}}`} })
	s := client(t, Config{URL: u.URL, APIVersion: "3.29"}).Session(t.Context(), &keeper{})
	for _, template := range []string{"workbooks/{id}", "/schedules/{id}", "-/collections/{luid}/items", "favorites/{user}", "exp/sites/{site}/customviews/{id}/content"} {
		for _, id := range notLUIDs {
			before := len(u.paths())
			r := rest.SiteRead{Template: template, Values: []string{id}}
			_, err := rest.Get(t.Context(), s.reader, r, func(*rest.Envelope) {})
			var e *Error
			if !errors.As(err, &e) || e.Kind != Missing || len(u.paths()) != before {
				t.Errorf("%s with %q: error %v after %d calls", template, id, err, len(u.paths())-before)
			}
		}
	}
}

// TestIDsThatAreNoneDropWhatHasThem holds that an answer's id that is no LUID is as good as none.
func TestIDsThatAreNoneDropWhatHasThem(t *testing.T) {
	t.Parallel()
	for _, id := range notLUIDs {
		text := quoted(id)
		u := serve(t, func(*http.Request) reply {
			return reply{body: `{"workbooks":{"workbook":[{"id":` + text + `},{"id":"b","owner":{"id":` + text + `},"defaultViewId":` + text + `}]}}`}
		})
		page, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 10)
		if err != nil || len(page.Items) != 1 || page.Items[0].OwnerRef != nil || page.Items[0].DefaultViewID != "" {
			t.Errorf("%q: %+v, error %v", id, page, err)
		}
	}
}

func TestUUIDsAreTheSameInUpperCase(t *testing.T) {
	t.Parallel()
	const lower = "abcdef00-2222-4333-8444-555555555555"
	for given, want := range map[string]LUID{
		strings.ToUpper(lower): lower, lower: lower, "ABCDEF": "ABCDEF", "ABCDEF00-2222-4333-8444-55555555555G": "ABCDEF00-2222-4333-8444-55555555555G",
	} {
		if got, err := ParseLUID(given); err != nil || got != want {
			t.Errorf("%s is %s, error %v; want %s", given, got, err, want)
		}
		var decoded LUID
		if err := decoded.UnmarshalJSON([]byte(`"` + given + `"`)); err != nil || decoded != want {
			t.Errorf("%s decodes as %s, error %v; want %s", given, decoded, err, want)
		}
	}
}
