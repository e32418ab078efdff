package tableau

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// labelledBut answers POST labels of everything but what is closed: one closed thing spoils the
// whole answer, with a status of 401.
func labelledBut(closed string, ids ...string) func(u *upstream) func(*http.Request) reply {
	return func(u *upstream) func(*http.Request) reply {
		return func(r *http.Request) reply {
			if r.Method == http.MethodGet {
				items := make([]string, len(ids))
				for i, id := range ids {
					items[i] = fmt.Sprintf(`{"id":%q,"name":"t"}`, id)
				}
				return reply{body: `{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"` + fmt.Sprint(len(ids)) + `"},"tables":{"table":[` +
					strings.Join(items, ",") + `]}}`}
			}
			u.mu.Lock()
			body := u.bodies[len(u.bodies)-1]
			u.mu.Unlock()
			if strings.Contains(body, closed) {
				return reply{status: 401, body: `{"error":{"summary":"s","detail":"d","code":"400104"}}`}
			}
			var labels []string
			for _, id := range ids {
				if strings.Contains(body, id) {
					labels = append(labels, fmt.Sprintf(`{"id":"l-%s","contentId":%q,"value":"Certified"}`, id, id))
				}
			}
			return reply{body: `{"labelList":{"label":[` + strings.Join(labels, ",") + `]}}`}
		}
	}
}

func labelsOfTables(t *testing.T, closed string) (found, refused int, posts int) {
	t.Helper()
	return labelsOfAll(t, closed, "t-a", "t-b", "t-c", "t-d", "t-e", "t-f", "t-g", "t-h")
}

func labelsOfAll(t *testing.T, closed string, ids ...string) (found, refused int, posts int) {
	t.Helper()
	u := serve(t, nil)
	u.answer = labelledBut(closed, ids...)(u)
	page, err := u.session(t).Tables(t.Context(), ListQuery[Table]{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range page.Items {
		labels, err := table.ReadLabels(t.Context())
		switch {
		case IsKind(err, Refused):
			refused++
		case err != nil:
			t.Errorf("%s: %v", table.LUID, err)
		case len(labels) == 1 && labels[0].ContentLUID == table.LUID:
			found++
		default:
			t.Errorf("%s: %d labels", table.LUID, len(labels))
		}
	}
	return found, refused, u.count("labels")
}

func TestLabelsOfAWholePageAreOneCall(t *testing.T) {
	t.Parallel()
	if found, refused, posts := labelsOfTables(t, "none"); found != 8 || refused != 0 || posts != 1 {
		t.Errorf("%d found, %d refused in %d calls, want 8, 0 in 1", found, refused, posts)
	}
}

// The others are found by halves: eight things with one closed are seven calls, not nine. The
// session is not renewed, because this 401 does not mean that it ended.
func TestOneThingWithoutLabelsDoesNotSpoilThoseOfOthers(t *testing.T) {
	t.Parallel()
	if found, refused, posts := labelsOfTables(t, "t-c"); found != 7 || refused != 1 || posts != 7 {
		t.Errorf("%d found, %d refused in %d calls, want 7, 1 in 7", found, refused, posts)
	}
}

// Where Tableau refuses everything, what hangs off a long list is not asked about one by one.
func TestLabelsThatAreAllRefusedTakeFewCalls(t *testing.T) {
	t.Parallel()
	ids := make([]string, 64)
	for i := range ids {
		ids[i] = fmt.Sprintf("t-%02d", i)
	}
	if found, refused, posts := labelsOfAll(t, "t-", ids...); found != 0 || refused != 64 || posts > 30 {
		t.Errorf("%d found, %d refused, by %d calls", found, refused, posts)
	}
	if found, refused, posts := labelsOfAll(t, "t-17", ids...); found != 63 || refused != 1 || posts > 13 {
		t.Errorf("%d found, %d refused, by %d calls", found, refused, posts)
	}
}
