package resolvers_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	schema "github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// placeholder is a part of a path that stands for a value: how it is called does not matter.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// unversioned reports whether a path is below /api/ and not below a version.
func unversioned(path string) bool {
	return slices.ContainsFunc([]string{"-/", "exp/", "metadata/", "v1/"}, func(root string) bool { return strings.HasPrefix(path, root) })
}

// plainPath is a path without its parameters, below /api/{version}/ or /api/.
func plainPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimSuffix(path, "/")
	switch {
	case strings.HasPrefix(path, "/"):
		path = path[1:]
	case !unversioned(path):
		path = "sites/{}/" + path
	}
	return placeholder.ReplaceAllString(path, "{}")
}

// clientMethods is the client's table of methods by verb and path.
func clientMethods() map[string]tableau.Method {
	all := map[string]tableau.Method{}
	for _, m := range tableau.Methods() {
		name := cmp.Or(m.Verb, "GET") + " " + plainPath(m.Template)
		if had, ok := all[name]; !ok || had.Scope == "" { // sites/{id} is sites/{site}
			all[name] = m
		}
	}
	return all
}

// standInMethods is the stand-in's table, likewise.
func standInMethods() map[string]tableausim.Method {
	all := map[string]tableausim.Method{}
	for _, m := range tableausim.Methods() {
		path := strings.TrimSuffix(m.Path, "/{$}")
		if !unversioned(path) {
			path = "/" + path
		}
		name := m.Verb + " " + plainPath(path)
		if _, ok := all[name]; !ok {
			all[name] = m
		}
	}
	return all
}

// standInMethod finds a method of the stand-in. Where one table has a row for each kind of thing, the
// other may have one for all kinds.
func standInMethod(all map[string]tableausim.Method, name string) (tableausim.Method, bool) {
	if m, ok := all[name]; ok {
		return m, true
	}
	for is, m := range all {
		if slices.EqualFunc(strings.Split(is, "/"), strings.Split(name, "/"), func(a, b string) bool { return a == b || a == "{}" || b == "{}" }) {
			return m, true
		}
	}
	return tableausim.Method{}, false
}

// openFrom is the first version in which a session of a JWT may call a method; "" for all.
func openFrom(m tableau.Method) string {
	for minor := 16; minor < 40; minor++ {
		version := fmt.Sprintf("3.%d", minor)
		if tableau.ScopeKnown(m.Scope, version) && (m.ScopedSince == "" || tableau.AtLeast(version, m.ScopedSince)) {
			if minor == 16 {
				return ""
			}
			return version
		}
	}
	return "never"
}

// withoutScope are methods that the stand-in closes to sessions of a JWT. Tableau documents no
// scope for them, so the client tries.
var withoutScope = []string{"GET sites/{}/flows/{}/content", "GET exp/sites/{}/customviews/{}/content"}

// The client's table of methods and the stand-in's were written apart and state the same.
func TestMethodsAreThoseOfTheStandIn(t *testing.T) {
	t.Parallel()
	standIn := standInMethods()
	for name, m := range clientMethods() {
		is, ok := standInMethod(standIn, name)
		if !ok {
			t.Errorf("the stand-in has no %s", name)
			continue
		}
		if m.Since != is.Since && !elsewhere[name] && !strings.Contains(name, "/default-permissions/") { // one row for all kinds
			t.Errorf("%s: the client asks for %q, the stand-in has it from %q", name, m.Since, is.Since)
		}
		if m.Product != "CLOUD" && !is.OnServer || m.Product != "SERVER" && !is.OnCloud {
			t.Errorf("%s: product %q, the stand-in has it on Server %v and on Cloud %v", name, m.Product, is.OnServer, is.OnCloud)
		}
		if long := m.Class == tableau.LongRunning; long != is.Long {
			t.Errorf("%s: long-running %v, in the stand-in %v", name, long, is.Long)
		}
		closed := is.Scope == "" || strings.Contains(is.Scope, "*")
		switch open := openFrom(m); {
		case m.Until != "" && !tableau.AtLeast(m.Until, "3.17"): // gone before there was a JWT
		case m.Class == tableau.Open || m.Class == tableau.SigningIn || slices.Contains(withoutScope, name):
		case closed && m.Scope != "":
			t.Errorf("%s: scope %s, in the stand-in none", name, m.Scope)
		case closed && open == "":
			t.Errorf("%s: no scope covers it in the stand-in, and the client sends it", name)
		case !closed && m.Scope != is.Scope:
			t.Errorf("%s: scope %q, in the stand-in %q", name, m.Scope, is.Scope)
		case !closed && open != is.ScopedSince:
			t.Errorf("%s: open to sessions of a JWT from %q, in the stand-in from %q", name, open, is.ScopedSince)
		}
	}
}

// Each @rest of the schema names a method of the client's table with its scope and its product.
func TestMethodsAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	client := clientMethods()
	for name, def := range resolvers.Schema().Types {
		for _, f := range def.Fields {
			for _, d := range f.Directives.ForNames("rest") {
				checkRest(t, client, name+"."+f.Name, f, d)
			}
		}
	}
}

func checkRest(t *testing.T, client map[string]tableau.Method, coordinate string, f *schema.FieldDefinition, d *schema.Directive) {
	t.Helper()
	scope := ""
	if a := d.Arguments.ForName("scope"); a != nil {
		scope = a.Value.Raw
	}
	for _, verb := range []string{"get", "post"} {
		a := d.Arguments.ForName(verb)
		if a == nil {
			continue
		}
		name := strings.ToUpper(verb) + " " + plainPath(strings.Replace(a.Value.Raw, "/default-permissions/{kind}", "/default-permissions/workbooks", 1))
		m, ok := client[name]
		switch {
		case !ok:
			t.Errorf("%s: %s is not in the table of methods", coordinate, name)
			continue
		case m.Scope != scope:
			t.Errorf("%s: %s has the scope %q, the schema documents %q", coordinate, name, m.Scope, scope)
		}
		on := deployments(f)
		if m.Product != "" && !slices.Contains(on, string(m.Product)) || len(on) == 1 && on[0] != string(m.Product) {
			t.Errorf("%s: product %q has %s, the schema documents %q", coordinate, m.Product, name, on)
		}
	}
}

// deployments are the products that a field documents.
func deployments(f *schema.FieldDefinition) []string {
	both := []string{"SERVER", "CLOUD"}
	var on []string
	for _, d := range f.Directives.ForNames("since") {
		a := d.Arguments.ForName("on")
		if a == nil {
			return both
		}
		on = append(on, a.Value.Raw)
	}
	if len(on) == 0 {
		return both
	}
	slices.Sort(on)
	return slices.Compact(on)
}

// The kinds of default permissions have the versions of their methods.
func TestKindsOfDefaultPermissionsHaveTheVersionsOfTheirMethods(t *testing.T) {
	t.Parallel()
	client := clientMethods()
	values, rows := resolvers.Schema().Types["DefaultPermissionType"].EnumValues, 0
	for name := range client {
		if strings.HasPrefix(name, "GET sites/{}/projects/{}/default-permissions/") {
			rows++
		}
	}
	if rows != len(values) {
		t.Errorf("%d methods for %d kinds", rows, len(values))
	}
	for _, v := range values {
		m, ok := client["GET sites/{}/projects/{}/default-permissions/"+strings.ToLower(strings.ReplaceAll(v.Name, "_", ""))]
		since, until := "", ""
		if d := v.Directives.ForName("since"); d != nil {
			since = d.Arguments.ForName("api").Value.Raw
			if a := d.Arguments.ForName("until"); a != nil {
				until = a.Value.Raw
			}
		}
		if !ok || m.Since != since || m.Until != until {
			t.Errorf("%s is there from %q to %q, its method from %q to %q", v.Name, since, until, m.Since, m.Until)
		}
	}
}
