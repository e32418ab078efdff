package tableausim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// ops is a set of filter operators.
type ops uint16

const (
	opEq ops = 1 << iota
	opGt
	opGte
	opLt
	opLte
	opIn
	opHas
	opCieq
	opLike

	eqIn    = opEq | opIn
	compare = opEq | opGt | opGte | opLt | opLte
	names   = opEq | opIn | opCieq | opLike // of users and groups
)

var operators = map[string]ops{
	"eq": opEq, "gt": opGt, "gte": opGte, "lt": opLt, "lte": opLte,
	"in": opIn, "has": opHas, "cieq": opCieq, "like": opLike,
}

// likeSince is the API version that brought wildcards: the operator like, and stars in the values
// of eq and in. They are documented by releases: Cloud from May 2023, which had 3.19, and Server
// from the maintenance release 2022.1.14 on. [Config.Maintenance] says which maintenance release a
// server is.
var likeSince, cloudLikeSince = ver(3, 20), ver(3, 19)

// wildcards reports whether this server, whatever version is in the path, knows wildcards.
func (s *Server) wildcards() bool {
	switch {
	case s.cfg.Cloud:
		return !s.version.less(cloudLikeSince)
	case s.version == ver(3, 15):
		return s.cfg.Maintenance >= 14
	case s.version.less(ver(3, 15)):
		return false
	default:
		return !s.version.less(likeSince)
	}
}

// field is something a list can be filtered and sorted by. Exactly one of the readers is set.
type field[T any] struct {
	ops      ops
	text     func(T) string
	many     func(T) []string // any of them may match; not sortable
	num      func(T) int
	when     func(T) time.Time
	unsorted bool // refused as a sort key
	optional bool // of a time: what has none satisfies no comparison
	// emptyLast sorts what has no time behind all else in ascending order, and so first in
	// descending order. That is known of flow runs; other lists have it first in ascending order.
	emptyLast bool
	exact     bool // of a text: an id, a flag or one of a few words, in which a star is a star
}

func errFilter(detail string, args ...any) *wire.Error { return wire.Fail("400065", detail, args...) }

// expression is one field:op:value of a filter.
type expression struct{ field, op, value string }

// splitFilter cuts a decoded filter into expressions. Commas and ampersands cut, also
// a value; only the brackets of an "in" list hold commas together.
func splitFilter(s string) ([]expression, error) {
	var out []expression
	for s != "" {
		name, rest, ok := strings.Cut(s, ":")
		op, value, ok2 := strings.Cut(rest, ":")
		if !ok || !ok2 || strings.ContainsAny(name+op, ",&") {
			return nil, errFilter("Filter expression '%s' is not of the form field:operator:value.", s)
		}
		end := strings.IndexAny(value, ",&")
		if op == "in" && strings.HasPrefix(value, "[") {
			closing := strings.IndexByte(value, ']')
			if closing < 0 {
				return nil, errFilter("The list of filter '%s' has no closing bracket.", name)
			}
			end = strings.IndexAny(value[closing:], ",&")
			if end >= 0 {
				end += closing
			}
		}
		next := ""
		if end >= 0 {
			value, next = value[:end], value[end+1:]
			if next == "" {
				return nil, errFilter("The filter ends in a separator.")
			}
		}
		out, s = append(out, expression{name, op, value}), next
	}
	return out, nil
}

// filter keeps what all expressions of the call's filter hold for. Of several on one field only the
// last counts, as in Tableau.
func filter[T any](c *call, all []T, fields map[string]field[T]) ([]T, error) {
	expressions, err := splitFilter(c.query.Get("filter"))
	if err != nil || len(expressions) == 0 {
		return all, err
	}
	tests := map[string]func(T) bool{}
	for _, x := range expressions {
		f, ok := fields[x.field]
		op := operators[x.op]
		if !ok || op == 0 || f.ops&op == 0 || op == opLike && !c.s.wildcards() {
			return nil, errFilter("Filter '%s:%s' is not supported here.", x.field, x.op)
		}
		if tests[x.field], err = f.test(op, x.value, c.s.wildcards()); err != nil {
			return nil, errFilter("Value '%s' does not fit filter '%s:%s'.", x.value, x.field, x.op)
		}
	}
	out := make([]T, 0, min(len(all), 128))
next:
	for _, item := range all {
		for _, holds := range tests {
			if !holds(item) {
				continue next
			}
		}
		out = append(out, item)
	}
	return out, nil
}

// test compiles one expression. wild says that a star at the beginning or the end of a text matches
// any text.
func (f field[T]) test(op ops, value string, wild bool) (func(T) bool, error) {
	values := []string{value}
	if op == opIn {
		inner, ok := strings.CutPrefix(value, "[")
		inner, ok2 := strings.CutSuffix(inner, "]")
		if !ok || !ok2 {
			return nil, strconv.ErrSyntax
		}
		values = strings.Split(inner, ",")
	}
	equal := func(text string) bool { return slices.Contains(values, text) }
	if wild && !f.exact {
		equal = func(text string) bool {
			return slices.ContainsFunc(values, func(pattern string) bool { return starred(text, pattern) })
		}
	}
	switch {
	case f.num != nil:
		n, err := strconv.Atoi(value)
		if err != nil {
			return nil, err
		}
		return func(x T) bool { return ordered(op, cmp.Compare(f.num(x), n)) }, nil
	case f.when != nil:
		t, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return nil, err
		}
		return func(x T) bool {
			when := f.when(x)
			return !(f.optional && when.IsZero()) && ordered(op, when.Truncate(time.Second).Compare(t))
		}, nil
	case f.many != nil:
		return func(x T) bool {
			return slices.ContainsFunc(f.many(x), equal)
		}, nil
	}
	switch op {
	case opCieq:
		return func(x T) bool { return strings.EqualFold(f.text(x), value) }, nil
	case opLike:
		return func(x T) bool { return like(f.text(x), value) }, nil
	case opHas:
		return func(x T) bool { return strings.Contains(f.text(x), value) }, nil
	default:
		return func(x T) bool { return equal(f.text(x)) }, nil
	}
}

// ordered reports whether a comparison (-1, 0, 1) satisfies an operator.
func ordered(op ops, c int) bool {
	switch op {
	case opGt:
		return c > 0
	case opGte:
		return c >= 0
	case opLt:
		return c < 0
	case opLte:
		return c <= 0
	default:
		return c == 0
	}
}

// starred matches text against a value of eq or in: a star at its beginning, at its end or at both
// stands for anything, one in the middle for itself.
func starred(text, value string) bool {
	part, begins := strings.CutPrefix(value, "*")
	part, ends := strings.CutSuffix(part, "*")
	switch {
	case begins && ends:
		return strings.Contains(text, part)
	case begins:
		return strings.HasSuffix(text, part)
	case ends:
		return strings.HasPrefix(text, part)
	default:
		return text == value
	}
}

// like matches text against a pattern whose stars stand for anything.
func like(text, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return text == pattern
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return true
}
