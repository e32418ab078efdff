package tableau

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The answers are not documented whole: all spellings that were seen are taken.
func TestCollectionsAreReadInWhateverForm(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"items":     `{"items":[{"luid":"c-1","name":"Monday","visibility":"Private","userId":"u-1","createdTime":"2026-01-02T03:04:05Z","totalItemCount":"3"}],"totalCount":1}`,
		"container": `{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"1"},"collections":{"collection":[{"id":"c-1","name":"Monday","visibility":"Private","owner":{"id":"u-1"},"createdAt":"2026-01-02T03:04:05Z","totalItemCount":3}]}}`,
		"bare":      `{"collections":[null,{"collectionLuid":"c-1","name":"Monday","visibility":"private","ownerLuid":"u-1","createdTime":1767323045000,"totalItemCount":3}]}`,
	} {
		u := serve(t, func(*http.Request) reply { return reply{body: body} })
		page, err := sessionAt(t, u, "3.28").Collections(t.Context(), ListQuery[Collection]{}, 0, 10)
		if err != nil || page.Total != 1 {
			t.Fatalf("%s: %+v, %v", name, page, err)
		}
		c := page.Items[0]
		if c.LUID != "c-1" || c.Name != "Monday" || c.TotalItemCount != NewInt(3) || c.OwnerRef == nil || c.OwnerRef.LUID != "u-1" || c.CreatedAt.Year() != 2026 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	for _, body := range []string{`{"collections":{}}`, `{"items":null}`, `{"items":[],"totalCount":0}`} {
		u := serve(t, func(*http.Request) reply { return reply{body: body} })
		if page, err := sessionAt(t, u, "3.28").Collections(t.Context(), ListQuery[Collection]{}, 0, 10); err != nil || page.Total != 0 {
			t.Errorf("%s: %+v, %v", body, page, err)
		}
	}
}

func TestItemsOfACollectionAreFollowedTogether(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		switch {
		case strings.HasSuffix(r.URL.Path, "/items"):
			return reply{body: `{"items":[
				{"content":{"luid":"wb-1","contentType":"workbook","name":"Sales"},"addedDate":"2026-01-02T03:04:05Z"},
				{"contentLuid":"wb-2","contentType":"WORKBOOK","contentName":"Stock","addedAt":"2026-01-02T03:04:05Z"},
				{"content":{"luid":"17","contentType":"workbook","name":"A number"}},
				{"content":{"luid":"x-1","contentType":"hologram","name":"New"}}]}`}
		case strings.Contains(r.URL.Path, "/-/collections/"):
			return reply{body: `{"collection":{"luid":"c-1","name":"Monday"}}`}
		default:
			return listOf("workbooks", "workbook", workbook("wb-1", "Sales"), workbook("wb-2", "Stock"), workbook("wb-3", "Sales"))
		}
	})
	c, err := sessionAt(t, u, "3.28").Collection(t.Context(), "c-1")
	if err != nil || c.Name != "Monday" {
		t.Fatalf("%+v, %v", c, err)
	}
	page, err := c.Items(t.Context(), ListQuery[CollectionItem]{}, 0, 10)
	if err != nil || page.Total != 4 {
		t.Fatalf("%+v, %v", page, err)
	}
	var got []string
	for _, item := range page.Items {
		w, err := item.Workbook(t.Context(), TargetNeeds{})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case !item.kind.Names(KindWorkbook):
			got = append(got, "no workbook")
		case w == nil:
			got = append(got, "none")
		default:
			got = append(got, fmt.Sprint(w.LUID, " ", item.Title))
		}
	}
	if diff := cmp.Diff([]string{"wb-1 Sales", "wb-2 Stock", "none", "no workbook"}, got); diff != "" {
		t.Error(diff)
	}
	if n := u.count("workbooks?"); n != 1 {
		t.Errorf("%d calls: %v", n, u.paths())
	}
}

// One POST reads the usage of all that were read together; a server without it says so.
func TestUsageIsReadForAllAtOnce(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if r.Method == http.MethodPost {
			return reply{status: http.StatusCreated, body: `{"content_items":[{"content":{"luid":"w1","type":"workbook"},
				"usage":{"hitsTotal":"15","hitsLastTwoWeeksTotal":0,"hitsLastTwelveMonthsTotal":"9"}},null,{"content":{"luid":"w2"}}],"errors":[]}`}
		}
		return listOf("workbooks", "workbook", workbook("w1", "One"), workbook("w2", "Two"))
	})
	page, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	first, err1 := page.Items[0].ReadUsage(t.Context())
	second, err2 := page.Items[1].ReadUsage(t.Context())
	if err1 != nil || err2 != nil || second != nil || first == nil || first.ViewCount.Int != NewInt(15) || first.LastTwoWeeksViewCount.Int != NewInt(0) || first.LastMonthViewCount.Valid {
		t.Errorf("%+v %v, %+v %v", first, err1, second, err2)
	}
	if n := u.count("usage-stats"); n != 1 {
		t.Errorf("%d calls: %v", n, u.paths())
	}
	for i, r := range u.requests {
		if r.Method == http.MethodPost && (r.Header.Get("Content-Type") != usageMedia || !strings.Contains(u.bodies[i], `{"luid":"w2","type":"workbook"}`)) {
			t.Errorf("%s %s", r.Header.Get("Content-Type"), u.bodies[i])
		}
	}
	server := serve(t, func(r *http.Request) reply {
		if r.Method == http.MethodPost {
			return reply{status: http.StatusNotFound, body: `{"message":"no such thing"}`}
		}
		return listOf("workbooks", "workbook", workbook("w1", "One"))
	})
	page, err = server.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	_, err = page.Items[0].ReadUsage(t.Context())
	wantKind(t, err, Unsupported)
}

// sessionAt reads as somebody from a fake of another version.
func sessionAt(t *testing.T, u *upstream, version string) *Session {
	t.Helper()
	return client(t, Config{URL: u.URL, APIVersion: version}).Session(t.Context(), &keeper{})
}
