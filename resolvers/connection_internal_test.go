package resolvers

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vitrine/internal/tableau"
)

// TestCursorsCarryPositions writes positions of lists that page by number and by token into cursors
// and reads them back; a cursor of another list is refused.
func TestCursorsCarryPositions(t *testing.T) {
	t.Parallel()
	s, other := pageSpan{list: [8]byte{1}}, pageSpan{list: [8]byte{2}}
	rapid.Check(t, func(rt *rapid.T) {
		at := tableau.Position{Token: rapid.StringN(0, 40, -1).Draw(rt, "token"), Offset: rapid.IntRange(1, math.MaxInt32-1).Draw(rt, "offset")}
		if at.Token != "" && rapid.Bool().Draw(rt, "at the beginning of a page") {
			at.Offset = 0
		}
		cursor := s.cursor(at)
		if got, ok := s.parse(cursor); !ok || got != at {
			rt.Errorf("%+v became %+v, %t", at, got, ok)
		}
		if _, ok := other.parse(cursor); ok {
			rt.Errorf("%+v is a position of another list", at)
		}
	})
	for _, cursor := range []string{
		"", "x", s.cursor(tableau.Position{Token: strings.Repeat("x", maxToken+1)}), s.cursor(tableau.Position{Offset: math.MaxInt32 + 1}),
		base64.RawURLEncoding.EncodeToString(s.list[:]), base64.RawURLEncoding.EncodeToString(append(s.list[:], 0x80)),
	} {
		if at, ok := s.parse(cursor); ok {
			t.Errorf("%.30q is a cursor of %+v", cursor, at)
		}
	}
}

// TestPagesByTokenSayWhereTheNextBegins reads the position of a page from its positions.
func TestPagesByTokenSayWhereTheNextBegins(t *testing.T) {
	t.Parallel()
	s := pageSpan{Position: tableau.Position{Token: "a"}, first: 2}
	page := &tableau.Page[tableau.Workbook]{
		Items: []*tableau.Workbook{{}, {}}, Open: true,
		After: []tableau.Position{{Token: "a", Offset: 1}, {Token: "b"}}, Next: &tableau.Position{Token: "b"},
	}
	info := pageInfo(s, page)
	if at, ok := s.parse(*info.EndCursor); !ok || at != *page.Next || !info.HasNextPage || !info.HasPreviousPage {
		t.Errorf("%+v, the next page begins at %+v", info, at)
	}
	page.Next = nil
	page.After[1] = tableau.Position{Token: "a", Offset: 2}
	if info := pageInfo(s, page); info.HasNextPage {
		t.Errorf("%+v at the end", info)
	}
	if empty := pageInfo(s, &tableau.Page[tableau.Workbook]{After: []tableau.Position{}, Total: 100}); empty.HasNextPage || empty.EndCursor != nil {
		t.Errorf("%+v past the end", empty)
	}
}
