package resolvers

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// filterBuilder gathers the conditions of a filter input. Each method takes one input field:
// Tableau's name for it, the operators given, and how an item has the value, which lets Vitrine do
// what Tableau cannot express; nil where items do not have it.
type filterBuilder[T any] struct {
	filters []tableau.Filter[T]
	err     error
}

// maxAlternatives bounds the values of one `in`.
const maxAlternatives = 500

// shown are the fields that the schema calls otherwise than Tableau does.
var shown = map[string]string{
	"deleterId": "deleterLuid", "displayTabs": "showsTabs", "domainName": "domain", "domainNickname": "domainShortName",
	"favoritesTotal": "favoriteCount", "friendlyName": "fullName", "hasAlerts": "hasAlert", "hitsTotal": "viewCount", "id": "luid",
	"jobType": "type", "lastLogin": "lastLoginAt", "ownerId": "ownerLuid", "parentProjectId": "parentLuid", "path": "originalPath",
	"projectId": "projectLuid", "shared": "isShared", "size": "sizeMegabytes", "subscriptionsTotal": "subscriptionCount",
	"topLevelProject": "isTopLevel", "viewId": "viewLuid", "viewUrlName": "urlName", "workbookId": "workbookLuid",
}

func (w *filterBuilder[T]) add(field, op string, values []string, match func(*T) bool, fields []string) {
	if len(values) > maxAlternatives {
		w.err = graphqlhttp.InputError(fmt.Sprintf("the filter on %s has %d alternatives: %d at most", cmp.Or(shown[field], field), len(values), maxAlternatives))
	}
	w.filters = append(w.filters, tableau.Filter[T]{Field: field, Op: op, Values: values, Match: match, Fields: fields, Shown: shown[field]})
}

func (w *filterBuilder[T]) last() *tableau.Filter[T] { return &w.filters[len(w.filters)-1] }

// text takes equal and one of several; case counts. A tag list has several values, of which one
// must fit.
func (w *filterBuilder[T]) text(field string, f *graph.StringInFilter, get func(*T) []string, fields ...string) {
	if f == nil {
		return
	}
	w.equal(field, f.Eq, get, fields)
	w.oneOf(field, f.In, get, fields)
}

func (w *filterBuilder[T]) equal(field string, eq *string, get func(*T) []string, fields []string) {
	if eq != nil {
		w.add(field, "eq", []string{*eq}, anyOf(get, func(s string) bool { return s == *eq }), fields)
	}
}

func (w *filterBuilder[T]) oneOf(field string, in []string, get func(*T) []string, fields []string) {
	if in != nil {
		w.add(field, "in", in, anyOf(get, func(s string) bool { return slices.Contains(in, s) }), fields)
	}
}

// name takes equal, one of several and parts of a name. Tableau has no exact filter for a part, so
// Vitrine looks for it.
func (w *filterBuilder[T]) name(f *graph.NameFilter, get func(*T) string) {
	if f == nil {
		return
	}
	values := is(get)
	w.equal("name", f.Eq, values, nil)
	w.oneOf("name", f.In, values, nil)
	part := func(op string, text *string, test func(name, text string) bool) {
		if text != nil {
			w.add("name", op, []string{*text}, func(item *T) bool { return test(get(item), *text) }, nil)
			w.last().Local = true
		}
	}
	part("contains", f.Contains, strings.Contains)
	part("icontains", f.Icontains, func(name, text string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(text)) })
	part("startsWith", f.StartsWith, strings.HasPrefix)
}

// match takes text without regard to case and by pattern as well. Only names know cieq in Tableau.
func (w *filterBuilder[T]) match(field string, f *graph.StringMatchFilter, get func(*T) []string, fields ...string) {
	if f == nil {
		return
	}
	w.equal(field, f.Eq, get, fields)
	w.oneOf(field, f.In, get, fields)
	if f.Ieq != nil {
		w.add(field, "cieq", []string{*f.Ieq}, anyOf(get, func(s string) bool { return strings.EqualFold(s, *f.Ieq) }), fields)
		w.last().Local = field != "name"
	}
	if f.Like != nil {
		w.add(field, "like", []string{*f.Like}, anyOf(get, pattern(*f.Like)), fields)
		w.last().Least = "3.20"
		if strings.Contains(strings.Trim(*f.Like, "*"), "*") {
			w.err = graphqlhttp.InputError("like takes * at the beginning, the end or both, not in the middle")
		}
	}
}

func pattern(like string) func(string) bool {
	text := strings.Trim(like, "*")
	begins, ends := strings.HasPrefix(like, "*"), strings.HasSuffix(like, "*")
	return func(s string) bool {
		switch {
		case begins && ends:
			return strings.Contains(s, text)
		case begins:
			return strings.HasSuffix(s, text)
		case ends:
			return strings.HasPrefix(s, text)
		default:
			return s == text
		}
	}
}

// anyOf tests the values of an item; nil where items have none.
func anyOf[T any](get func(*T) []string, test func(string) bool) func(*T) bool {
	if get == nil {
		return nil
	}
	return func(item *T) bool { return slices.ContainsFunc(get(item), test) }
}

// is makes a single value what anyOf wants.
func is[T any, S ~string](get func(*T) S) func(*T) []string {
	return func(item *T) []string { return []string{string(get(item))} }
}

func (w *filterBuilder[T]) flag(field string, f *graph.BooleanFilter, get func(*T) tableau.Flag, fields ...string) {
	if f == nil || f.Eq == nil {
		return
	}
	var match func(*T) bool
	if get != nil {
		match = func(item *T) bool { return get(item) == tableau.Yes == *f.Eq }
	}
	w.add(field, "eq", []string{strconv.FormatBool(*f.Eq)}, match, fields)
}

var comparisons = []string{"eq", "gt", "gte", "lt", "lte"}

func (w *filterBuilder[T]) number(field string, f *graph.IntRangeFilter, get func(*T) tableau.Int, fields ...string) {
	if f == nil {
		return
	}
	for i, bound := range []*int32{f.Eq, f.Gt, f.Gte, f.Lt, f.Lte} {
		if bound == nil {
			continue
		}
		op := comparisons[i]
		var match func(*T) bool
		if get != nil {
			match = func(item *T) bool { v := get(item); return v.Valid && holds(op, compare(v.V, int64(*bound))) }
		}
		w.add(field, op, []string{strconv.Itoa(int(*bound))}, match, fields)
	}
}

func (w *filterBuilder[T]) time(field string, f *graph.DateTimeRangeFilter, get func(*T) tableau.Time, fields ...string) {
	if f == nil {
		return
	}
	for i, bound := range []*tableau.Time{f.Eq, f.Gt, f.Gte, f.Lt, f.Lte} {
		if bound == nil {
			continue
		}
		op := comparisons[i]
		var match func(*T) bool
		if get != nil {
			match = func(item *T) bool { v := get(item); return !v.IsZero() && holds(op, v.Compare(bound.Time)) }
		}
		w.add(field, op, []string{tableau.FilterTime(bound.Time)}, match, fields)
		w.last().Local = bound.Truncate(time.Second) != bound.Time // Tableau's filters know whole seconds
	}
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func holds(op string, order int) bool {
	switch op {
	case "gt":
		return order > 0
	case "gte":
		return order >= 0
	case "lt":
		return order < 0
	case "lte":
		return order <= 0
	default:
		return order == 0
	}
}

// luid takes equal and one of several.
func (w *filterBuilder[T]) luid(field string, f *graph.LuidFilter, get func(*T) []string) {
	if f == nil {
		return
	}
	if f.Eq != nil {
		eq := string(*f.Eq)
		w.equal(field, &eq, get, nil)
	}
	if f.In != nil {
		w.oneOf(field, plain(f.In), get, nil)
	}
}

// luidEqual takes equal.
func (w *filterBuilder[T]) luidEqual(field string, f *graph.LuidEqFilter, get func(*T) []string) {
	if f != nil && f.Eq != nil {
		eq := string(*f.Eq)
		w.equal(field, &eq, get, nil)
	}
}

// siteRole takes equal and one of several.
func (w *filterBuilder[T]) siteRole(field string, f *graph.SiteRoleFilter, get func(*T) []string, fields ...string) {
	if f == nil {
		return
	}
	if f.Eq != nil {
		eq := string(*f.Eq)
		w.equal(field, &eq, get, fields)
	}
	if f.In != nil {
		w.oneOf(field, plain(f.In), get, fields)
	}
}

func plain[S ~string](values []S) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// order turns our order into Tableau's; a field that is named twice counts where it is first.
func order[O any](orderBy []O, read func(O) (name string, direction graph.OrderDirection)) []tableau.Sort {
	var sort []tableau.Sort
	for _, o := range orderBy {
		name, direction := read(o)
		if !slices.ContainsFunc(sort, func(s tableau.Sort) bool { return s.Field == name }) {
			sort = append(sort, tableau.Sort{Field: name, Desc: direction == graph.OrderDirectionDesc})
		}
	}
	return sort
}
