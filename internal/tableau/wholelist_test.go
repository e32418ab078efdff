package tableau

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// wholeLists are lists whose pages are not documented: how an answer and an item look, and how long
// the list is as Vitrine reads it.
var wholeLists = map[string]struct {
	answer, item string
	read         func(ctx context.Context, s *Session) (int, error)
}{
	"collections": {`"collections":%s`, `{"id":"c%d","name":"n"}`, func(ctx context.Context, s *Session) (int, error) {
		return lengthOf(s.Collections(ctx, ListQuery[Collection]{}, 0, 10))
	}},
	"collection items": {`"items":%s`, `{"luid":"i%d","contentType":"workbook","name":"n"}`, func(ctx context.Context, s *Session) (int, error) {
		c := &Collection{node: node{s: s}, LUID: "c"}
		return lengthOf(c.Items(ctx, ListQuery[CollectionItem]{}, 0, 10))
	}},
	"favorites": {`"favorites":{"favorite":%s}`, `{"label":"l%d","workbook":{"id":"w%d"}}`, func(ctx context.Context, s *Session) (int, error) {
		return lengthOf(s.Favorites(ctx, userID, ListQuery[Favorite]{}, 0, 10))
	}},
	"extract refresh tasks": {`"tasks":{"task":%s}`, `{"extractRefresh":{"id":"t%d"}}`, func(ctx context.Context, s *Session) (int, error) {
		return lengthOf(s.ExtractRefreshTasks(ctx, ListQuery[ExtractRefreshTask]{}, 0, 10))
	}},
	"flow tasks": {`"tasks":{"task":%s}`, `{"flowRun":{"id":"t%d"}}`, func(ctx context.Context, s *Session) (int, error) {
		return lengthOf(s.FlowTasks(ctx, ListQuery[FlowTask]{}, 0, 10))
	}},
	"linked tasks": {`"linkedTasks":{"linkedTasks":%s}`, `{"id":"t%d"}`, func(ctx context.Context, s *Session) (int, error) {
		return lengthOf(s.LinkedTasks(ctx, ListQuery[LinkedTask]{Counted: true}, 0, 10))
	}},
}

func lengthOf[T any](p *Page[T], err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return p.Total, nil
}

// wholeServer answers a list of so many items: in pages of up to most items, or always from the
// beginning, with a total that it claims, or none where that is negative.
func wholeServer(t *testing.T, answer, item string, length, most, claimed int, ignores bool) *Session {
	t.Helper()
	u := serve(t, func(r *http.Request) reply {
		number, size := atLeastOne(r.URL.Query(), "pageNumber"), min(most, atLeastOne(r.URL.Query(), "pageSize"))
		if !r.URL.Query().Has("pageSize") {
			size = most
		}
		low, high := (number-1)*size, min(number*size, length)
		if ignores {
			low, high = 0, min(most, length)
		}
		if low >= length && number > 1 && !ignores {
			return code(400, "400006")
		}
		var items []string
		for i := low; i < high; i++ {
			items = append(items, strings.ReplaceAll(item, "%d", strconv.Itoa(i)))
		}
		pagination := ""
		if claimed >= 0 {
			pagination = fmt.Sprintf(`"pagination":{"pageNumber":"%d","pageSize":"%d","totalAvailable":"%d"},`, number, size, claimed)
		}
		return reply{body: "{" + pagination + fmt.Sprintf(answer, "["+strings.Join(items, ",")+"]") + "}"}
	})
	return client(t, Config{URL: u.URL, APIVersion: "3.28"}).Session(t.Context(), &keeper{})
}

func atLeastOne(query url.Values, name string) int {
	n, _ := strconv.Atoi(query.Get(name))
	return max(n, 1)
}

// Lists without documented pages are read to their end from servers that page them, with a total or
// without, and once from servers that do not.
func TestWholeListsAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	for name, list := range wholeLists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, length := range []int{0, 1, 99, 100, 101, 250, 1000, 1005, 2000} {
				for _, most := range []int{100, 1000} {
					for _, claimed := range []int{-1, length} {
						if n, err := list.read(t.Context(), wholeServer(t, list.answer, list.item, length, most, claimed, false)); err != nil || n != length {
							t.Errorf("%d items in pages of %d, total %d: %d, %v", length, most, claimed, n, err)
						}
					}
				}
				if n, err := list.read(t.Context(), wholeServer(t, list.answer, list.item, length, 10_000, -1, true)); err != nil || n != length {
					t.Errorf("%d items, whole: %d, %v", length, n, err)
				}
			}
		})
	}
}

// A server that claims more than it sends has no list to give, whether it knows pages or not.
func TestListsOfWhichTooLittleIsSentAreErrors(t *testing.T) {
	t.Parallel()
	for name, list := range wholeLists {
		if name == "linked tasks" { // has documented pages: its total is the server's
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, ignores := range []bool{true, false} {
				for _, length := range []int{0, 7, 100} {
					s := wholeServer(t, list.answer, list.item, length, 100, 250, ignores)
					if n, err := list.read(t.Context(), s); !IsKind(err, Malformed) {
						t.Errorf("%d items of 250, ignores pages %v: %d, %v", length, ignores, n, err)
					}
				}
			}
		})
	}
}
