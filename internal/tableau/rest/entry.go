package rest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// entry is a row of the table with its path taken apart.
type entry struct {
	Method
	root     string   // one of roots, in place of the version; else empty
	segments []string // below the version or root, values in braces
	name     string   // for logs and counts: sites/{site}/workbooks/{id}
}

// roots are what paths may have in place of the version.
var roots = []string{"-", "exp", "metadata", "v1"}

// table is the table of methods, taken apart, and byName finds a row by verb and template.
var table, byName = takeApart(methods)

func takeApart(methods []Method) ([]*entry, map[string]*entry) {
	entries, byName := make([]*entry, len(methods)), make(map[string]*entry, len(methods))
	for i, m := range methods {
		m.Verb = cmp.Or(m.Verb, http.MethodGet)
		e := &entry{Method: m, name: m.Template}
		below := m.Template
		switch {
		case strings.HasPrefix(below, "/"):
			below = below[1:]
			e.name = below
		case slices.ContainsFunc(roots, func(root string) bool { return strings.HasPrefix(below, root+"/") }):
			e.root, below, _ = strings.Cut(below, "/")
		default:
			below = "sites/{site}/" + below
			e.name = below
		}
		e.segments = strings.Split(below, "/")
		entries[i], byName[m.Verb+" "+m.Template] = e, e
	}
	return entries, byName
}

// isValue reports whether a segment of a template stands for a value.
func isValue(segment string) bool { return strings.HasPrefix(segment, "{") }

// isLUID reports whether a segment of a template stands for a LUID.
func isLUID(segment string) bool {
	switch segment {
	case "{id}", "{luid}", "{user}", "{workbook}", "{column}":
		return true
	}
	return false
}

// fits reports whether a request is one of this method.
func (e *entry) fits(r *request) bool {
	return e.Verb == r.method && e.root == r.root && slices.EqualFunc(e.segments, r.path, func(want, is string) bool {
		return isValue(want) || want == is
	})
}

// path returns the path with values in the place of the parts in braces. {site} is the site of the
// session.
func (e *entry) path(site LUID, values []string) []string {
	path := slices.Clone(e.segments)
	for i, segment := range path {
		switch {
		case segment == "{site}":
			path[i] = string(site)
		case isValue(segment):
			path[i], values = values[0], values[1:]
		}
	}
	return path
}

// supported returns the error of a method that a server does not have. needs is a version that the
// request takes beyond that of the method; empty for none.
func (e *entry) supported(version, needs string, cloud bool) error {
	since := e.Since
	if cloud && e.SinceOnCloud != "" {
		since = e.SinceOnCloud
	}
	if needs != "" && (since == "" || AtLeast(needs, since)) {
		since = needs
	}
	if since != "" && !AtLeast(version, since) || e.Until != "" && AtLeast(version, e.Until) {
		return &Error{Kind: Unsupported, Call: e.Verb + " " + e.Template, Needs: since, Until: e.Until, Has: version}
	}
	if cloud && e.Product == Server {
		return &Error{Kind: Unsupported, Call: e.Verb + " " + e.Template, Err: errNotOnCloud}
	}
	return nil
}

// scopedSince is the version from which sessions of a JWT may call the method; empty if all
// versions with such sessions let them.
func (e *entry) scopedSince() string {
	since := scopeSince[e.Scope]
	if since == "" || e.ScopedSince != "" && AtLeast(e.ScopedSince, since) {
		return e.ScopedSince
	}
	return since
}

// open returns the error of a grant that may not be used for a method.
func (e *entry) open(g *Grant, version string) error {
	since := e.scopedSince()
	if !g.Scoped || since == "" || AtLeast(version, since) {
		return nil
	}
	return &Error{
		Kind: Unsupported, Call: e.Verb + " " + e.Template,
		Err: fmt.Errorf("to a session that came from a JWT it is open from REST API %s (%s: not at all), and this server has %s", since, Never, version),
	}
}
