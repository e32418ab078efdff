package resolvers_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// trial is one random question with its right answer.
type trial struct {
	filter  map[string]any
	orderBy []any
	want    []item
	refused string // the code, where neither Tableau nor the items can tell
}

func (s *listProbe) trial() trial {
	tr := trial{filter: map[string]any{}}
	var tests []func(item) bool
	nothing := false
	for _, n := range s.random.Perm(len(s.list.conditions))[:1+s.random.IntN(min(3, len(s.list.conditions)))] {
		c := s.list.conditions[n]
		ops := c.kind.operators()
		chosen := ops[:1+s.random.IntN(min(2, len(ops)))]
		operators := map[string]any{}
		hidden := 0
		for _, at := range s.random.Perm(len(ops))[:len(chosen)] {
			op, want := ops[at], s.value(c, ops[at])
			operators[op] = want
			hidden++
			if in, ok := want.([]any); ok && len(in) == 0 {
				nothing = true
				continue
			}
			if c.path == "" && !putToTableau(want) || c.path == "" && hidden > 1 {
				tr.refused = "BAD_USER_INPUT"
				continue
			}
			tests = append(tests, s.matches(c, op, want))
		}
		if c.kind != aFlag && s.random.IntN(4) == 0 {
			for _, op := range ops { // what is null does not count
				if _, ok := operators[op]; !ok {
					operators[op] = nil
				}
			}
		}
		tr.filter[c.name] = operators
	}
	base := s.ordered(&tr)
	for _, i := range base {
		if !nothing && !slices.ContainsFunc(tests, func(holds func(item) bool) bool { return !holds(i) }) {
			tr.want = append(tr.want, i)
		}
	}
	if nothing {
		tr.refused = ""
	}
	return tr
}

// ordered gives the whole list in a random order. What items do not tell, the list is asked for
// alone.
func (s *listProbe) ordered(tr *trial) []item {
	sorted := slices.Clone(s.all)
	steps := s.random.IntN(min(len(s.list.orders), 2) + 1)
	var chosen []ordering
	for _, n := range s.random.Perm(len(s.list.orders))[:steps] {
		o := s.list.orders[n]
		if o.path == "" && steps > 1 {
			continue
		}
		direction := []string{"ASC", "DESC"}[s.random.IntN(2)]
		tr.orderBy = append(tr.orderBy, map[string]any{"field": o.name, "direction": direction})
		if o.path == "" {
			key := o.name + direction
			if s.byOrder[key] == nil {
				s.byOrder[key] = s.whole(nil, tr.orderBy)
			}
			return s.byOrder[key]
		}
		if direction == "DESC" {
			o.name = "-" + o.name
		}
		chosen = append(chosen, o)
	}
	slices.SortStableFunc(sorted, func(a, b item) int {
		for _, o := range chosen {
			c := o.compare(a, b)
			if o.name[0] == '-' {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return sorted
}

func (k kind) operators() []string {
	switch k {
	case aTextEq, aFlag, aLuidEq, anEnum:
		return []string{"eq"}
	case aTextHas:
		return []string{"eq", "contains"}
	case aPartOf:
		return []string{"contains"}
	case aMatch:
		return []string{"eq", "in", "ieq", "like"}
	case aName:
		return []string{"eq", "in", "contains", "icontains", "startsWith"}
	case aNumber, aMoment:
		return []string{"eq", "gt", "gte", "lt", "lte"}
	case aLogin:
		return []string{"eq", "gt", "gte"}
	default:
		return []string{"eq", "in"}
	}
}

// putToTableau says whether Tableau's grammar has room for a value.
func putToTableau(want any) bool {
	switch want := want.(type) {
	case string:
		return want != "" && !strings.ContainsAny(want, ",&")
	case []any:
		return !slices.ContainsFunc(want, func(v any) bool { return !putToTableau(v) || strings.ContainsAny(v.(string), "[]") })
	default:
		return true
	}
}

// value is what a condition is compared with: usually a value of some item, sometimes an odd one.
func (s *listProbe) value(c condition, op string) any {
	if op == "in" {
		in := make([]any, 0, 3)
		for range s.random.IntN(4) {
			in = append(in, s.value(c, "eq"))
		}
		return in
	}
	var got any
	if values := s.all[s.random.IntN(len(s.all))].at(cmpOr(c.path, "luid")); len(values) > 0 {
		got = values[s.random.IntN(len(values))]
	}
	switch c.kind {
	case aFlag:
		return s.random.IntN(2) == 0
	case aNumber:
		f, _ := got.(float64)
		return int(f) + s.random.IntN(3) - 1
	case aMoment, aLogin:
		if got == nil {
			got = "2025-06-01T00:00:00Z"
		}
		return asTime(got).Add([]time.Duration{0, 0, time.Second, -time.Second, time.Second / 2}[s.random.IntN(5)]).
			In(time.FixedZone("", 5400)).Format(time.RFC3339Nano)
	case aLuid, aLuidEq:
		if got == nil {
			return "none"
		}
		return got
	case aSiteRole, anEnum:
		return asText(got)
	case aSheetType:
		return cmpOr(asText(got), "STORY")
	}
	word := asText(got)
	if c.path == "" || s.random.IntN(5) == 0 {
		word = append(oddNames, "", "Sales", "local", "corp", "Region", "Overview")[s.random.IntN(len(oddNames)+6)]
	}
	switch op {
	case "ieq":
		return strings.ToUpper(word)
	case "like":
		return s.likeness(word)
	case "contains", "icontains", "startsWith":
		return strings.Trim(s.likeness(word), "*")
	}
	return word
}

func (s *listProbe) likeness(word string) string {
	runes := []rune(strings.ReplaceAll(word, "*", ""))
	low := s.random.IntN(len(runes) + 1)
	part := string(runes[low : low+s.random.IntN(len(runes)-low+1)])
	return []string{"*" + part, part + "*", "*" + part + "*", word}[s.random.IntN(4)]
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// check reads one trial in pages and compares.
func (s *listProbe) check(tr trial) {
	s.t.Helper()
	what := fmt.Sprintf("%s as %s, filter %s, order %s", s.list.field, s.user, spelled(tr.filter), spelled(tr.orderBy))
	first := []int{1, 3, 7, 50, 100, 999, 1000, 1001, 2500}[s.random.IntN(9)]
	if len(tr.want) > 40*first {
		first = len(tr.want)/3 + 1
	}
	var got []string
	for after, n := "", 0; ; n++ {
		a := s.page(first, after, tr.filter, tr.orderBy)
		if code := strings.Join(a.codes, ","); code != tr.refused {
			s.t.Fatalf("%s: %q %q, want %q", what, code, a.message, tr.refused)
		} else if code != "" {
			return
		}
		if a.total != len(tr.want) || len(a.items) != min(first, len(tr.want)-n*first) {
			s.t.Fatalf("%s: page %d of %d has %d of %d, want all of %d", what, n, first, len(a.items), a.total, len(tr.want))
		}
		got = append(got, luids(a.items)...)
		if !a.next {
			s.checkPastEnd(what, first, a, tr)
			break
		}
		after = a.cursor
	}
	if diff := cmp.Diff(luids(tr.want), got); diff != "" {
		s.t.Fatalf("%s: in pages of %d (-want +got):\n%s", what, first, diff)
	}
}

func (s *listProbe) checkPastEnd(what string, first int, last answer, tr trial) {
	s.t.Helper()
	if last.cursor == "" {
		return
	}
	a := s.page(first, last.cursor, tr.filter, tr.orderBy)
	if a.codes != nil || len(a.items) > 0 || a.total != len(tr.want) || a.next {
		s.t.Fatalf("%s: past the end: %v %q, %d items of %d", what, a.codes, a.message, len(a.items), a.total)
	}
}

func luids(items []item) []string {
	var ids []string
	for _, i := range items {
		ids = append(ids, i.luid())
	}
	return ids
}
