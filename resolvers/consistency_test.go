package resolvers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/auth"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// A client cache keeps one object per id and overwrites what it knows with what the last answer
// said. So two rules hold for every type with an id, for every person:
//
//  1. The value of an attribute does not depend on what else is selected beside it.
//  2. The value of an attribute is the same on every way to the object: list, look-up, node, reference.
//
// The test walks the schema: each field that leads from one object to another is a way. A field
// that cannot follow rule 2, because Tableau says the value in some answers only, says so in its
// description with the words of onlySomeWays.

// onlySomeWays is how the description of a field or a type says where a value is known.
const onlySomeWays = "nown only "

// way leads to objects of one type.
type way struct {
	name  string
	typ   string
	query func(selection string) string
	path  []string // fields from data to the object; lists are walked through
}

// edge is a field of an object type that leads to another object type without an argument of its
// own.
type edge struct {
	field string
	on    string   // the type of a union or interface that is looked at; empty for an object type
	inner []string // nodes, for a connection
	typ   string
}

func (e edge) wrap(selection string) string {
	if e.on != "" {
		selection = "__typename ... on " + e.on + " { " + selection + " }"
	}
	for _, f := range slices.Backward(e.inner) {
		selection = f + " { " + selection + " }"
	}
	return e.field + " { " + selection + " }"
}

// edgesOf are the ways out of a type.
func edgesOf(schema *ast.Schema, typ string) []edge {
	var edges []edge
	for _, f := range schema.Types[typ].Fields {
		if strings.HasPrefix(f.Name, "__") || slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }) {
			continue
		}
		name := f.Name
		if f.Arguments.ForName("first") != nil {
			name += "(first: 4)"
		}
		target, inner := schema.Types[f.Type.Name()], []string(nil)
		if nodes := target.Fields.ForName("nodes"); target.Kind == ast.Object && nodes != nil {
			target, inner = schema.Types[nodes.Type.Name()], []string{"nodes"}
		}
		switch target.Kind {
		case ast.Object:
			edges = append(edges, edge{name, "", inner, target.Name})
		case ast.Interface, ast.Union:
			for _, t := range schema.GetPossibleTypes(target) {
				edges = append(edges, edge{name, t.Name, inner, t.Name})
			}
		}
	}
	return edges
}

// waysFrom are ways from the site, each edge of the schema at most twice, breadth first.
func waysFrom(schema *ast.Schema) []way {
	site := way{name: "site", typ: "Site", query: func(s string) string { return `{ site(contentUrl: "") { ` + s + ` } }` }, path: []string{"site"}}
	queue, out, used := []way{site}, []way(nil), map[string]int{}
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		for _, e := range edgesOf(schema, w.typ) {
			key := w.typ + "." + e.field + "/" + e.on
			if e.typ == "Site" || used[key] >= 2 || strings.Count(w.name, ".") >= 4 {
				continue
			}
			used[key]++
			name, _, _ := strings.Cut(e.field, "(")
			next := way{
				name: w.name + "." + name, typ: e.typ, path: slices.Concat(w.path, []string{name}, e.inner),
				query: func(s string) string { return w.query(e.wrap(s)) },
			}
			out, queue = append(out, next), append(queue, next)
		}
	}
	return out
}

// attributes are the leaves of a type that need no argument.
func attributes(schema *ast.Schema, typ string) []string {
	var names []string
	for _, f := range schema.Types[typ].Fields {
		if strings.HasPrefix(f.Name, "__") || !schema.Types[f.Type.Name()].IsLeafType() ||
			slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }) {
			continue
		}
		names = append(names, f.Name)
	}
	return names
}

// revision is one object as an answer has it: its attributes as JSON, and the code of the error in
// place of one.
type revision map[string]string

// sightings reads the objects at the end of a way, by id.
func sightings(r *reply, path []string, fields []string) map[string]revision {
	codes := map[string]string{}
	for _, e := range r.Errors {
		if e.Extensions["coordinate"] != nil {
			// The server lacks the member. All items of a list then share one error, without a path
			// of their own, and have null: comparing codes would find a difference where there is
			// not one.
			continue
		}
		codes[fmt.Sprint(e.Path...)] = fmt.Sprint(e.Extensions["code"])
	}
	found := map[string]revision{}
	var walk func(v any, path []string, at []any)
	walk = func(v any, path []string, at []any) {
		switch v := v.(type) {
		case []any:
			for i, item := range v {
				walk(item, path, append(slices.Clone(at), float64(i)))
			}
		case map[string]any:
			if len(path) > 0 {
				walk(v[path[0]], path[1:], append(slices.Clone(at), path[0]))
				return
			}
			id, _ := v["id"].(string)
			if id == "" {
				return
			}
			s := revision{}
			for _, f := range fields {
				value, there := v[f]
				if !there {
					continue
				}
				text, _ := json.Marshal(value)
				s[f] = string(text)
				if code := codes[fmt.Sprint(append(slices.Clone(at), f)...)]; code != "" {
					s[f] = "error " + code
				}
			}
			found[id] = s
		}
	}
	walk(map[string]any(r.Data), path, nil)
	return found
}

func TestAttributesDoNotDependOnWhatElseIsSelected(t *testing.T) {
	t.Parallel()
	schema := resolvers.Schema()
	for _, user := range []string{"alice", "bob", "carol"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{}, nil)
			who := entitled(person(user))
			asked := 0
			for _, way := range waysFrom(schema) {
				fields := attributes(schema, way.typ)
				if !slices.Contains(fields, "id") {
					continue
				}
				all := sightings(w.askAs(t, who, way.query(strings.Join(fields, " ")), nil), way.path, fields)
				for _, field := range fields {
					asked++
					if !harness.Tried(asked, 6) {
						continue
					}
					one := sightings(w.askAs(t, who, way.query("id "+field), nil), way.path, []string{field})
					if len(one) != len(all) {
						t.Errorf("%s: %d objects with all attributes, %d with %s alone", way.name, len(all), len(one), field)
					}
					for id, s := range one {
						if there, ok := all[id]; ok && there[field] != s[field] {
							t.Errorf("%s { %s }: %s alone, %s beside all other attributes (%s)", way.name, field, s[field], there[field], id)
							break
						}
					}
				}
			}
			t.Logf("%d questions", asked)
		})
	}
}

func TestAttributesAreTheSameOnEveryWay(t *testing.T) {
	t.Parallel()
	schema := resolvers.Schema()
	for _, user := range []string{"alice", "bob", "carol"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{}, nil)
			who := entitled(person(user))
			seen := map[string]map[string]map[string][]string{} // id, attribute, value: ways
			types := map[string]string{}
			note := func(way, typ string, found map[string]revision) {
				for id, s := range found {
					types[id] = typ
					if seen[id] == nil {
						seen[id] = map[string]map[string][]string{}
					}
					for field, value := range s {
						if seen[id][field] == nil {
							seen[id][field] = map[string][]string{}
						}
						seen[id][field][value] = append(seen[id][field][value], way)
					}
				}
			}
			for _, way := range waysFrom(schema) {
				if fields := attributes(schema, way.typ); slices.Contains(fields, "id") {
					note(way.name, way.typ, sightings(w.askAs(t, who, way.query(strings.Join(fields, " ")), nil), way.path, fields))
				}
			}
			for id, typ := range maps.Clone(types) {
				if schema.Types[typ].Fields.ForName("id") == nil || !slices.Contains(schema.Types[typ].Interfaces, "Node") {
					continue
				}
				fields := attributes(schema, typ)
				query := fmt.Sprintf("{ node(id: %q) { ... on %s { %s } } }", id, typ, strings.Join(fields, " "))
				note("node", typ, sightings(w.askAs(t, who, query, nil), []string{"node"}, fields))
			}
			reported := map[string]bool{}
			for _, id := range slices.Sorted(maps.Keys(seen)) {
				for field, values := range seen[id] {
					coordinate := types[id] + "." + field
					def := schema.Types[types[id]].Fields.ForName(field)
					if len(values) < 2 || reported[coordinate] || strings.Contains(schema.Types[types[id]].Description, onlySomeWays) || def != nil && strings.Contains(def.Description, onlySomeWays) {
						continue
					}
					reported[coordinate] = true
					var lines []string
					for value, ways := range values {
						lines = append(lines, fmt.Sprintf("    %s by %s", value, strings.Join(slices.Compact(slices.Sorted(slices.Values(ways))), ", ")))
					}
					slices.Sort(lines)
					t.Errorf("%s has several values:\n%s", coordinate, strings.Join(lines, "\n"))
				}
			}
		})
	}
}

// entitled gives a person every role: what they may see is then up to Tableau alone.
func entitled(who *auth.Identity) *auth.Identity {
	who.Groups = append(who.Groups, "bi-analysts", "operators", "bi-admins", "archivists")
	return who
}
