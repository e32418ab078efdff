package metadata

import (
	"cmp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// Request is what a client sends.
type Request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// Viewer is the person who asks.
type Viewer struct {
	// Sees reports whether the person may see an object. The others are obfuscated or left out.
	Sees func(*Node) bool
	// Admin is somebody who sees everything.
	Admin bool
	// Limited says that the site hides people from each other.
	Limited bool
	// Person is the viewer among the nodes.
	Person *Node
}

// Limits bound an answer.
type Limits struct {
	Nodes    int  // how many objects an answer may have
	Time     int  // after how many objects the time is up; never when zero
	Backfill bool // the index is being filled: one object of three is not in it yet
}

// DefaultNodes is the limit of nodes of a server that nobody has changed.
const DefaultNodes = 20_000

// maxPage is the largest page.
const maxPage = 1000

// execution is one document being answered.
type execution struct {
	schema   *ast.Schema
	graph    *Graph
	viewer   Viewer
	limits   Limits
	variable map[string]any
	nodes    int // objects so far
	cut      bool
	late     bool
	pages    bool // a page was too large
	people   bool // people were hidden
	failed   *Error
	switched map[string]any // lists whose permission mode was switched
}

// Execute answers a request. The graph is read and not changed.
func (s *Schema) Execute(g *Graph, r Request, v Viewer, limits Limits) Answer {
	op, vars, errs := s.prepare(r)
	if errs != nil {
		return Answer{Errors: errs, NoData: true}
	}
	limits.Nodes = cmp.Or(limits.Nodes, DefaultNodes)
	x := &execution{schema: s.ast, graph: g, viewer: v, limits: limits, variable: vars, switched: map[string]any{}}
	data := x.object(nil, "Query", op.SelectionSet)
	if x.failed != nil {
		return Answer{Errors: []Error{*x.failed}}
	}
	return Answer{Data: data, Errors: x.warnings()}
}

// prepare parses and validates a document and takes its variables.
func (s *Schema) prepare(r Request) (*ast.OperationDefinition, map[string]any, []Error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: r.Query})
	if err != nil {
		return nil, nil, []Error{syntaxError(err)}
	}
	if list := validator.ValidateWithRules(s.ast, doc, nil); len(list) > 0 {
		return nil, nil, validationErrors(doc, list)
	}
	op := doc.Operations.ForName(r.OperationName)
	if op == nil {
		return nil, nil, []Error{{Message: "Unknown operation named '" + r.OperationName + "'.", Bare: true}}
	}
	vars, refused := coerce(s.ast, op, r.Variables)
	if refused != nil {
		return nil, nil, []Error{*refused}
	}
	return op, vars, nil
}

// warnings are those of a whole answer.
func (x *execution) warnings() []Error {
	var out []Error
	if len(x.switched) > 0 {
		out = append(out, warning(PermissionsModeSwitched, "One or more of the attributes used in your filter contain sensitive data so your results "+
			"have been automatically filtered to contain only the results you have permissions to see", x.switched))
	}
	if x.pages {
		out = append(out, warning(MaxPageSizeExceeded, "The requested page size exceeds the maximum page size, so the page has been cut.", map[string]any{"maxPageSize": maxPage}))
	}
	if x.people {
		out = append(out, warning(VisibilityLimited, "User visibility is limited on this site, so results contain only your own user.", nil))
	}
	if x.limits.Backfill {
		out = append(out, warning(BackfillRunning, "The metadata of this site is still being indexed. Results may be incomplete.", nil))
	}
	if x.cut {
		out = append(out, warning(NodeLimitExceeded, nodeLimitText(x.limits.Nodes), map[string]any{"nodeLimit": x.limits.Nodes}))
	}
	if x.late { // seen without extensions
		out = append(out, Error{Message: "Reached time limit of PT20S for query execution. Showing partial results.", Bare: true})
	}
	return out
}

// object answers a selection on a node, or on the query itself where there is no node.
func (x *execution) object(n *Node, typeName string, set ast.SelectionSet) Object {
	values := map[string]any{}
	hidden := false
	if n != nil {
		values, hidden = n.values(), !x.sees(n)
	}
	var out Object
	for _, f := range x.collect(typeName, set, nil) {
		out = append(out, Entry{f.alias, x.field(n, typeName, f, values, hidden)})
	}
	return out
}

// selected is a field of the document with all selections that have its name.
type selected struct {
	alias string
	*ast.Field
	set ast.SelectionSet
}

// collect returns the fields of a selection that apply to a type, in their order.
func (x *execution) collect(typeName string, set ast.SelectionSet, into []*selected) []*selected {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if !x.included(s.Directives) {
				continue
			}
			i := slices.IndexFunc(into, func(had *selected) bool { return had.alias == s.Alias })
			if i < 0 {
				into = append(into, &selected{alias: s.Alias, Field: s})
				i = len(into) - 1
			}
			into[i].set = append(slices.Clip(into[i].set), s.SelectionSet...)
		case *ast.InlineFragment:
			if x.included(s.Directives) && x.applies(typeName, s.TypeCondition) {
				into = x.collect(typeName, s.SelectionSet, into)
			}
		case *ast.FragmentSpread:
			if x.included(s.Directives) && x.applies(typeName, s.Definition.TypeCondition) {
				into = x.collect(typeName, s.Definition.SelectionSet, into)
			}
		}
	}
	return into
}

func (x *execution) applies(typeName, condition string) bool {
	if condition == "" || condition == typeName {
		return true
	}
	def := x.schema.Types[typeName]
	return def != nil && slices.Contains(def.Interfaces, condition)
}

func (x *execution) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		value, _ := d.ArgumentMap(x.variable)["if"].(bool)
		if d.Name == "skip" && value || d.Name == "include" && !value {
			return false
		}
	}
	return true
}

// field answers one field.
func (x *execution) field(n *Node, typeName string, f *selected, values map[string]any, hidden bool) any {
	switch {
	case f.Name == "__typename":
		return typeName
	case n == nil && f.Name == "__schema":
		return x.introspect(schemaOf(x.schema), f.set)
	case n == nil && f.Name == "__type":
		name, _ := f.ArgumentMap(x.variable)["name"].(string)
		return x.introspect(typeNamed(x.schema, name), f.set)
	}
	def := f.Definition
	if base, ok := connectionOf(def); ok {
		return x.connection(n, typeName, base, f)
	}
	target := x.schema.Types[def.Type.Name()]
	switch {
	case target.IsCompositeType() && def.Type.Elem != nil:
		return x.list(n, typeName, f)
	case target.IsCompositeType():
		return x.single(n, f, hidden)
	case hidden && !def.Type.NonNull: // obfuscated
		return nil
	}
	return plain(n.value(values, def.Name), def.Type)
}

// single answers a field that leads to one object.
func (x *execution) single(n *Node, f *selected, hidden bool) any {
	list := n.Links[f.Name]
	if len(list) == 0 || hidden && !f.Definition.Type.NonNull || !x.count() {
		return nil
	}
	return x.object(list[0], list[0].Type, f.set)
}

// list answers a field that is a list of objects without pages.
func (x *execution) list(n *Node, typeName string, f *selected) any {
	list := x.related(n, typeName, f.Name, f.Definition.Type.Name())
	list, _ = x.arranged(n, f, list, f.Definition.Type.Name())
	return x.objects(list, f.set)
}

// objects answers each node of a list as long as there is room for nodes.
func (x *execution) objects(list []*Node, set ast.SelectionSet) []any {
	out := []any{}
	for _, n := range list {
		if !x.count() {
			break
		}
		out = append(out, x.object(n, n.Type, set))
	}
	return out
}

// count takes one object from the limits and reports whether there was one left.
func (x *execution) count() bool {
	switch {
	case x.nodes >= x.limits.Nodes:
		x.cut = true
	case x.limits.Time > 0 && x.nodes >= x.limits.Time:
		x.late = true
	default:
		x.nodes++
		return true
	}
	return false
}

// sees reports whether the viewer sees a node. On a site that hides people, others are hidden.
func (x *execution) sees(n *Node) bool {
	if n.Type == "TableauUser" && x.viewer.Limited && !x.viewer.Admin && n != x.viewer.Person {
		x.people = true
		return false
	}
	return x.viewer.Admin || x.viewer.Sees(n)
}
