package reference

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Arguments are values for required arguments, by schema coordinate.
type Arguments map[string]string

// maxCandidates is how many ways to a type are tried, maxSteps how long a way may be.
const (
	maxCandidates = 24
	maxSteps      = 9
)

// way is the path of a query from Query to a type: fields with their arguments, and type
// conditions.
type way []step

type step struct {
	text string // site, workbooks(first: 2), ... on Workbook
	on   string // the type it leads to
}

// Query is a query that returns objects of a type.
type Query struct {
	Text string
	path []string // names of the fields from data to the object
}

// Queries returns queries that return objects of a type, the shortest first. Fields whose required
// arguments have no value are not used.
func Queries(schema *ast.Schema, name string, arguments Arguments) []Query {
	var found []Query
	for _, w := range ways(schema, name, arguments) {
		leaves := leavesOf(schema, schema.Types[name], arguments)
		if len(leaves) > 0 {
			found = append(found, Query{document(w, leaves), w.path()})
		}
	}
	return found
}

// Shows reports whether the data of a response contains an object of the type.
func (q Query) Shows(data any) bool { return shows(data, q.path) }

func shows(value any, path []string) bool {
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return shows(item, path) })
	case map[string]any:
		if len(path) == 0 {
			return len(v) > 0 // empty: an object of another type, of which nothing was selected
		}
		return shows(v[path[0]], path[1:])
	}
	return false
}

// path returns the way without arguments and type conditions.
func (w way) path() []string {
	var names []string
	for _, s := range w {
		if name, _, _ := strings.Cut(s.text, "("); !strings.HasPrefix(name, "...") {
			names = append(names, name)
		}
	}
	return names
}

// ways searches breadth first, so that the shortest ways come first. It follows a limited number of
// ways through each type.
func ways(schema *ast.Schema, name string, arguments Arguments) []way {
	if name == schema.Query.Name {
		return []way{{}}
	}
	var found []way
	visits := map[string]int{}
	queue := []way{{}}
	for len(queue) > 0 && len(found) < maxCandidates {
		w := queue[0]
		queue = queue[1:]
		at := schema.Query.Name
		if len(w) > 0 {
			at = w[len(w)-1].on
		}
		if at == name {
			found = append(found, w)
			continue
		}
		if visits[at]++; visits[at] > maxCandidates || len(w) == maxSteps {
			continue
		}
		for _, s := range steps(schema, at, arguments) {
			if !slices.ContainsFunc(w, func(before step) bool { return before.on == s.on }) {
				queue = append(queue, append(slices.Clone(w), s))
			}
		}
	}
	return found
}

// steps returns the fields of a type that return objects or, for an abstract type, its members.
func steps(schema *ast.Schema, at string, arguments Arguments) []step {
	def := schema.Types[at]
	var out []step
	if def.IsAbstractType() {
		for _, member := range schema.GetPossibleTypes(def) {
			out = append(out, step{"... on " + member.Name, member.Name})
		}
		return out
	}
	for _, f := range def.Fields {
		to := schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || to == nil || !to.IsCompositeType() {
			continue
		}
		if call, ok := callOf(at, f, arguments); ok {
			out = append(out, step{call, to.Name})
		}
	}
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// rank prefers one site to all of them, and nodes to edges.
func rank(s step) int {
	switch s.text {
	case "sites", "edges":
		return 1
	}
	return 0
}

// callOf formats a field with its required and configured arguments. A list is limited to two
// items.
func callOf(on string, f *ast.FieldDefinition, arguments Arguments) (string, bool) {
	var args []string
	for _, a := range f.Arguments {
		value, set := arguments[on+"."+f.Name+"("+a.Name+":)"]
		switch {
		case set:
			args = append(args, a.Name+": "+value)
		case a.Name == "first" && strings.HasSuffix(f.Type.Name(), "Connection"):
			args = append(args, "first: 2")
		case a.Type.NonNull && a.DefaultValue == nil:
			return "", false
		}
	}
	if len(args) == 0 {
		return f.Name, true
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")", true
}

// leavesOf returns the fields of a type that an example selects: fields without a REST call or, if
// there are no such fields, those with one.
func leavesOf(schema *ast.Schema, def *ast.Definition, arguments Arguments) []string {
	if def.IsAbstractType() {
		return []string{"__typename"}
	}
	var free, costly, nested []string
	for _, f := range def.Fields {
		call, ok := callOf(def.Name, f, arguments)
		if strings.HasPrefix(f.Name, "__") || !ok || isGone(f) && len(def.Fields) > 1 {
			continue
		}
		of := schema.Types[f.Type.Name()]
		switch {
		case of.IsCompositeType():
			if inner := plain(schema, of); inner != "" {
				nested = append(nested, call+" { "+inner+" }")
			}
		case f.Directives.ForName("rest") == nil:
			free = append(free, call)
		default:
			costly = append(costly, call)
		}
	}
	if strings.HasSuffix(def.Name, "Connection") || strings.HasSuffix(def.Name, "Edge") {
		return append(free, nested...)
	}
	for _, leaves := range [][]string{free, costly, nested} {
		if len(leaves) > 0 {
			return leaves
		}
	}
	return nil
}

// isGone reports whether newer servers no longer have a field.
func isGone(f *ast.FieldDefinition) bool {
	since := f.Directives.ForNames("since")
	return len(since) > 0 && !slices.ContainsFunc(since, func(d *ast.Directive) bool { return d.Arguments.ForName("until") == nil })
}

// plain returns a field that identifies a nested object.
func plain(schema *ast.Schema, def *ast.Definition) string {
	for _, name := range []string{"name", "id", "cursor", "endCursor", "label"} {
		if def.Fields.ForName(name) != nil {
			return name
		}
	}
	if def.IsAbstractType() {
		return "__typename"
	}
	for _, f := range def.Fields {
		if len(f.Arguments) == 0 && !strings.HasPrefix(f.Name, "__") && schema.Types[f.Type.Name()].IsLeafType() {
			return f.Name
		}
	}
	return ""
}

// document formats a query with one line per step and leaf.
func document(w way, leaves []string) string {
	var b strings.Builder
	b.WriteString("{\n")
	indent := "  "
	for _, s := range w {
		b.WriteString(indent + s.text + " {\n")
		indent += "  "
	}
	for _, leaf := range leaves {
		b.WriteString(indent + leaf + "\n")
	}
	for range w {
		indent = indent[2:]
		b.WriteString(indent + "}\n")
	}
	b.WriteString("}\n")
	return b.String()
}
