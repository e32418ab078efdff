package resolvers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// restSession is somebody who asks the stand-in itself, with none of Vitrine's client between.
type restSession struct {
	w             *world
	version, site string
	token         string
}

func (w *world) signIn(t testing.TB, user, version string) *restSession {
	t.Helper()
	s := &restSession{w: w, version: version}
	body := map[string]any{"credentials": map[string]any{"name": user, "password": user, "site": map[string]any{"contentUrl": w.site}}}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := s.send(t, http.MethodPost, "/api/"+version+"/auth/signin", string(text))["credentials"].(map[string]any)
	s.token, _ = got["token"].(string)
	if s.site, _ = got["site"].(map[string]any)["id"].(string); s.token == "" || s.site == "" {
		t.Fatalf("%s is not signed in: %v", user, got)
	}
	return s
}

func (s *restSession) send(t testing.TB, method, target, body string) map[string]any {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Tableau-Auth", s.token)
	rec := httptest.NewRecorder()
	s.w.sim.ServeHTTP(rec, r)
	var answer map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || rec.Code != http.StatusOK {
		t.Fatalf("%s %s: status %d, %v\n%.500s", method, target, rec.Code, err, rec.Body)
	}
	return answer
}

// list reads a list to its end.
func (s *restSession) list(t testing.TB, path string) []map[string]any {
	t.Helper()
	return s.listWith(t, path, "")
}

// listWith reads a list with fields such as _all_; empty for those that it has unasked.
func (s *restSession) listWith(t testing.TB, path, fields string) []map[string]any {
	t.Helper()
	target := "/api/" + s.version + "/sites/" + s.site + "/" + path
	if strings.HasPrefix(path, "/") {
		target = "/api" + path
	}
	var all []map[string]any
	for number := 1; ; number++ {
		query := url.Values{"pageSize": {"1000"}, "pageNumber": {strconv.Itoa(number)}}
		if fields != "" {
			query.Set("fields", fields)
		}
		answer := s.send(t, http.MethodGet, target+"?"+query.Encode(), "")
		items := firstList(answer)
		all = append(all, items...)
		pagination, _ := answer["pagination"].(map[string]any)
		if total, err := strconv.Atoi(asText(pagination["totalAvailable"])); err != nil || len(all) >= total || len(items) == 0 {
			return all
		}
	}
}

// firstList is the list in an answer, however deep it is.
func firstList(v any) []map[string]any {
	switch v := v.(type) {
	case []any:
		var items []map[string]any
		for _, item := range v {
			items = append(items, item.(map[string]any))
		}
		return items
	case map[string]any:
		for name, inner := range v {
			if items := firstList(inner); name != "pagination" && items != nil {
				return items
			}
		}
	}
	return nil
}

// compareWithREST holds the unfiltered list against what the stand-in answers to the same person:
// the same items in the same order, by the same names, changed at the same times.
func (s *listProbe) compareWithREST() {
	s.t.Helper()
	version := "3.15"
	if s.list.field == "recycleBin" || s.list.field == "groupSets" || s.list.field == "customViews" {
		version = map[string]string{"recycleBin": "3.29", "groupSets": "3.22", "customViews": "3.18"}[s.list.field]
	}
	type entry struct{ LUID, Name, UpdatedAt string }
	var want, got []entry
	for _, x := range s.w.signIn(s.test, s.user, version).list(s.test, s.list.rest) {
		want = append(want, entry{cmpOr(asText(x["id"]), asText(x["luid"])), asText(x["name"]), cmpOr(asText(x["updatedAt"]), asText(x["updatedTime"]))})
	}
	for _, i := range s.all {
		got = append(got, entry{i.luid(), asText(i["name"]), asText(i["updatedAt"])})
	}
	sparse := func(of []entry) (names, times bool) {
		return slices.ContainsFunc(of, func(x entry) bool { return x.Name != "" }), slices.ContainsFunc(of, func(x entry) bool { return x.UpdatedAt != "" })
	}
	names, times := sparse(got)
	hasNames, hasTimes := sparse(want)
	for _, list := range [][]entry{want, got} {
		for i := range list {
			if !names || !hasNames {
				list[i].Name = ""
			}
			if !times || !hasTimes {
				list[i].UpdatedAt = ""
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Fatalf("%s as %s: the REST API and Vitrine differ (-REST +Vitrine):\n%s", s.list.field, s.user, diff)
	}
}
