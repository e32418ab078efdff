package tableau

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Answers are read bare, as the documentation has them, and wrapped once more, as Cloud sends them.
func TestSearchReadsBothForms(t *testing.T) {
	t.Parallel()
	const hits = `{"total":%s,"items":[
		{"uri":"x","content":{"type":"workbook","luid":"wb-1","title":"Sales","ownerId":7,"projectId":9,"modifiedTime":1706000000000,"hitsTotal":"12","tags":["a",{"label":"b"}]}},
		{"content":{"type":"unifiedDataSource","luid":"foreign","title":"Orders","repositoryUrl":"Orders","modifiedTime":"2024-01-15T10:30:00.123Z"}},
		null, {"uri":"y"},
		{"content":{"type":"view","luid":"12345","title":"Numbers are no LUIDs","containerName":"Sales"}},
		{"content":{"type":"datasource","luid":"embedded-1","title":"Inside","datasourceIsPublished":false}},
		{"content":{"type":"hologram","luid":"h-1","title":"New"}}]}`
	for name, body := range map[string]string{
		"bare": fmt.Sprintf(hits, "40"), "wrapped": `{"hits":` + fmt.Sprintf(hits, `"40"`) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(*http.Request) reply { return reply{body: body} }).session(t)
			page, err := s.Search(t.Context(), SearchQuery{Terms: "sales"}, 0, 7)
			if err != nil || page.Total != 40 || len(page.Items) != 5 {
				t.Fatalf("%+v, %v", page, err)
			}
			h := page.Items[0]
			if h.id != "wb-1" || h.ViewCount.Int != NewInt(12) || !h.UpdatedAt.Equal(time.UnixMilli(1706000000000)) {
				t.Errorf("%+v", h)
			}
			if diff := cmp.Diff([]string{"a", "b"}, h.Tags()); diff != "" {
				t.Error(diff)
			}
			for i, h := range page.Items[1:] {
				if h.Points() != nil {
					t.Errorf("hit %d has the target %v", i+1, h.Points())
				}
			}
			if at := page.Items[1].UpdatedAt; at.Year() != 2024 {
				t.Errorf("with milliseconds: %v", at)
			}
		})
	}
}

// A data source is found by its content URL. If the answer has its LUID too, that must agree.
func TestSearchMapsDataSourcesInOneCall(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if strings.HasSuffix(r.URL.Path, "/-/search") {
			return reply{body: `{"total":4,"items":[
				{"content":{"type":"unifieddatasource","luid":"f-1","title":"Orders","repositoryUrl":"Orders"}},
				{"content":{"type":"unifieddatasource","luid":"f-2","title":"Stock","repositoryUrl":"Stock","datasourceLuid":"ds-2"}},
				{"content":{"type":"unifieddatasource","luid":"f-3","title":"Gone","repositoryUrl":"Gone"}},
				{"content":{"type":"unifieddatasource","luid":"f-4","title":"Twisted","repositoryUrl":"Twisted","datasourceLuid":"other"}},
				{"content":{"type":"datasource","luid":"ds-2","title":"Stock"}}]}`}
		}
		return listOf("datasources", "datasource",
			`{"id":"ds-1","name":"Orders","contentUrl":"Orders"}`, `{"id":"ds-2","name":"Stock","contentUrl":"Stock"}`,
			`{"id":"ds-4","name":"Twisted","contentUrl":"Twisted"}`)
	})
	page, err := u.session(t).Search(t.Context(), SearchQuery{}, 0, 10)
	if err != nil || len(page.Items) != 4 {
		t.Fatalf("a data source that is found twice is one: %+v, %v", page, err)
	}
	var got []LUID
	for _, h := range page.Items {
		d, err := h.DataSource(t.Context(), TargetNeeds{})
		switch {
		case err != nil:
			t.Fatal(err)
		case d == nil:
			got = append(got, "none")
		default:
			got = append(got, d.LUID)
		}
	}
	if diff := cmp.Diff([]LUID{"ds-1", "ds-2", "none", "none"}, got); diff != "" {
		t.Error(diff)
	}
	if n := u.count("datasources?"); n != 1 {
		t.Errorf("%d calls for all: %v", n, u.paths())
	}
}

func TestSearchStaysInItsWindow(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: `{"total":9000,"items":[]}`} })
	s := u.session(t)
	for _, tt := range []struct {
		offset, first int
		want          string
	}{
		{1990, 20, "limit=10&page=199"},
		{2000, 20, "limit=1&page=0"},
		{5000, 20, ""}, // asked for already
	} {
		before := len(u.paths())
		page, err := s.Search(t.Context(), SearchQuery{}, tt.offset, tt.first)
		if err != nil || page.Total != 9000 || len(page.Items) != 0 {
			t.Errorf("%+v: %+v, %v", tt, page, err)
		}
		if asked := strings.Join(u.paths()[before:], " "); !strings.HasSuffix(asked, tt.want) {
			t.Errorf("%+v asks %q", tt, asked)
		}
	}
}

func TestSuggestionsAreReadInWhateverForm(t *testing.T) {
	t.Parallel()
	want := []*Suggestion{{Text: "Sales", Type: "workbook"}, {Text: "Salaries"}}
	for _, body := range []string{
		`{"suggestions":[{"title":"Sales","type":"workbook"},"Salaries",null,{"type":"view"}]}`,
		`{"suggestions":{"suggestion":[{"text":"Sales","contentType":"workbook"},{"name":"Salaries"}]}}`,
		`{"items":[{"content":{"title":"Sales","type":"workbook"}},{"value":"Salaries"}]}`,
		`{"hits":{"items":[{"content":{"title":"Sales","type":"workbook"}},{"suggestion":"Salaries"}]}}`,
	} {
		s := serve(t, func(*http.Request) reply { return reply{body: body} }).session(t)
		got, err := s.Suggestions(t.Context(), "sal", 10)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", body, err, diff)
		}
	}
}

// Outside the versioned API errors are written otherwise, and one that is not there has no code at
// times.
func TestErrorsOutsideTheVersionedAPI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		reply reply
		kind  Kind
		code  string
	}{
		{reply{status: 400, body: `{"code":"400117","message":"no"}`}, BadRequest, "400117"},
		{reply{status: 403, body: `{"code":"403004","message":"no"}`}, Refused, "403004"},
		{reply{status: 404, body: `{}`}, Unsupported, ""},
		{reply{status: 404, media: "text/html", body: "<html>gone</html>"}, Malformed, ""},
	} {
		s := serve(t, func(*http.Request) reply { return tt.reply }).session(t)
		_, err := s.Search(t.Context(), SearchQuery{}, 0, 1)
		if !IsKind(err, tt.kind) || tt.code != "" && !HasCode(err, tt.code) {
			t.Errorf("%+v: %v", tt.reply, err)
		}
	}
}
