package tableau

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Filter is one condition on a list, in the words of Tableau's grammar and, if an item has the
// field, as a test of an item. Source: REST API reference, "Filtering and sorting".
type Filter[T any] struct {
	Field     string // Tableau's name for it
	Op        string // eq, in, gt, gte, lt, lte, cieq, like
	Values    []string
	Match     func(*T) bool // nil where an item does not tell
	Fields    []string      // what Match needs beside the default fields
	Least     string        // API version from which Tableau knows this operator; empty for all
	Shown     string        // what callers call the field, for messages; Field when empty
	Local     bool          // Tableau cannot be asked this at all: Match decides alone
	Prefilter bool          // it only narrows what is read: the reader filters the items by their LUIDs
}

// Sort is one step of an order.
type Sort struct {
	Field string
	Desc  bool
}

// ListQuery says which items of a list are wanted, in which order, and with which fields beside the
// default ones.
type ListQuery[T any] struct {
	Filters []Filter[T]
	Sort    []Sort
	Fields  []string
	Extra   url.Values // parameters of one method, such as includeUsageStatistics
	Counted bool       // the total is wanted; it comes anyhow if Tableau sends it
	Token   string     // leads to the page from which an offset counts, in a list that pages by token

	noTotal   bool // the list is known to tell no total
	mayBeOpen bool // the reader of the page does not need the total
}

// maxFilterBytes keeps addresses below what common proxies take (8 KiB).
const maxFilterBytes = 6000

// wildcardSince is the API version of the oldest servers that may take a star for any text: the
// maintenance release 2022.1.14 is the first one documented. The API version does not tell
// maintenance releases apart.
const wildcardSince = "3.15"

// plan splits the filters: what Tableau can be asked, and what is done here. Tableau splits
// expressions at commas, even encoded ones, and keeps only the last filter of a field; so a value
// with a comma or an ampersand, and all but one filter of a field, stay here. A value that some
// servers read as more than itself, such as one with a star, is asked for and then compared here:
// it is in both lists.
func (q ListQuery[T]) plan(version string) (sent []Filter[T], local []Filter[T], err error) {
	used := map[string]bool{}
	filters := slices.Clone(q.Filters)
	slices.SortStableFunc(filters, func(a, b Filter[T]) int { return weight(a.Op) - weight(b.Op) })
	for _, f := range filters {
		known := !f.Local && (f.Least == "" || AtLeast(version, f.Least))
		if known && !used[f.Field] && expressible(f) {
			wild := !f.Prefilter && starred(f) && AtLeast(version, wildcardSince)
			if !wild || f.Match != nil {
				used[f.Field] = true
				sent = append(sent, f)
				if f.Match != nil && !f.Prefilter && (wild || ambiguous(f)) {
					local = append(local, f)
				}
				continue
			}
		}
		if f.Match == nil {
			return nil, nil, &InputError{Reason: "the filter on " + cmp.Or(f.Shown, f.Field) + " cannot be put to Tableau (" + why(f, used[f.Field]) +
				"), and its answers do not tell enough to do it here: use one plain operator on this field"}
		}
		local = append(local, f)
	}
	return sent, local, nil
}

// weight orders filters so that the one that narrows most goes to Tableau.
func weight(op string) int {
	switch op {
	case "eq":
		return 0
	case "in", "cieq":
		return 1
	default:
		return 2
	}
}

func expressible[T any](f Filter[T]) bool {
	size := 0
	for _, v := range f.Values {
		if v == "" || strings.ContainsAny(v, ",&") || f.Op == "in" && strings.ContainsAny(v, "[]") {
			return false
		}
		size += escapedLen(v) + 3
	}
	return len(f.Values) > 0 && size <= maxFilterBytes
}

// escapedLen is how long a text is in a query.
func escapedLen(s string) int {
	n := len(s)
	for _, c := range []byte(s) {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~' || c == ' '
		if !plain {
			n += len("%XX") - 1
		}
	}
	return n
}

// starred says that a value has a star, which newer servers take for any text in eq and in. In like
// it is meant so.
func starred[T any](f Filter[T]) bool {
	return f.Op != "like" && slices.ContainsFunc(f.Values, func(v string) bool { return strings.Contains(v, "*") })
}

// grammar are the characters that have a meaning in filters, or near them: a colon is between the
// field, the operator and the value, brackets hold the values of in together, and a backslash is an
// escape in view filters. None is documented to mean anything within a value, nor are quotes and the
// others to mean nothing.
const grammar = "[]\\:\"'`()<>=;|%+?!~#^${}"

// ambiguous says that a text has such characters, so that what is answered is compared again. A time
// always has colons.
func ambiguous[T any](f Filter[T]) bool {
	return weight(f.Op) < 2 && slices.ContainsFunc(f.Values, func(v string) bool {
		if _, err := time.Parse(time.RFC3339, v); err == nil {
			return false
		}
		return strings.ContainsAny(v, grammar)
	})
}

func why[T any](f Filter[T], used bool) string {
	if used {
		return "it keeps only the last of several on one field"
	}
	if len(f.Values) > 0 && !expressible(f) {
		return "a value is empty, too long, or has a comma or an ampersand"
	}
	if starred(f) {
		return "a value has a star, which servers may take for any text"
	}
	return "this server does not know the operator"
}

// values writes the parameters of a list request. Everything reserved is encoded, as Tableau asks
// for from 3.7 on.
func (q ListQuery[T]) values(sent, local []Filter[T]) url.Values {
	v := url.Values{}
	for name, texts := range q.Extra {
		v[name] = texts
	}
	if len(sent) > 0 {
		parts := make([]string, len(sent))
		for i, f := range sent {
			parts[i] = f.Field + ":" + f.Op + ":" + operand(f)
		}
		v.Set("filter", strings.Join(parts, ","))
	}
	if len(q.Sort) > 0 {
		v.Set("sort", sortExpression(q.Sort))
	}
	if fields := q.fields(local); len(fields) > 0 {
		v.Set("fields", fieldsExpression(fields))
	}
	return v
}

func operand[T any](f Filter[T]) string {
	if f.Op == "in" {
		return "[" + strings.Join(f.Values, ",") + "]"
	}
	return f.Values[0]
}

func sortExpression(sort []Sort) string {
	var parts []string
	for _, s := range sort {
		direction := ":asc"
		if s.Desc {
			direction = ":desc"
		}
		parts = append(parts, s.Field+direction)
	}
	return strings.Join(parts, ",")
}

// fieldsExpression begins with a keyword, as Tableau wants it: everything, or the default fields
// and some more.
func fieldsExpression(fields []string) string {
	if slices.Contains(fields, allFields) {
		return allFields
	}
	return "_default_," + strings.Join(fields, ",")
}

func (q ListQuery[T]) fields(local []Filter[T]) []string {
	fields := slices.Clone(q.Fields)
	for _, f := range local {
		fields = append(fields, f.Fields...)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// matchesNothing says that no item can pass: an empty list of alternatives.
func (q ListQuery[T]) matchesNothing() bool {
	for _, f := range q.Filters {
		if f.Op == "in" && len(f.Values) == 0 {
			return true
		}
	}
	return false
}

func passes[T any](item *T, filters []Filter[T]) bool {
	for _, f := range filters {
		if !f.Match(item) {
			return false
		}
	}
	return true
}

// FilterTime writes a moment as Tableau's filters take it.
func FilterTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
