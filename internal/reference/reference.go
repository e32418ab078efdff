// Package reference generates the schema reference: Markdown pages, one HTML page with a search
// box, and the table of REST methods and their fields. The sources are the schema and the responses
// of a running server. A test fails if the committed pages differ from the generated ones.
//
// Read New first, then Markdown.
package reference

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Example is a query that returns objects of a type, with the response of a server.
type Example struct {
	Query, Answer string
	Note          string // which server responded, if it is not the default stand-in
}

// Reference is the schema, prepared for pages.
type Reference struct {
	Sections []Section
	Methods  []Method
}

// Section is the part of the schema's source below one heading.
type Section struct {
	Title string // text of the heading, such as data source
	Types []Type
}

// Slug returns the section's name for file names and anchors.
func (s Section) Slug() string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(s.Title), "-"), "-")
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// Type is one type of the schema.
type Type struct {
	Name, Kind, Description string
	Implements              []string
	Members                 []string // of a union
	Fields                  []Field  // of objects, interfaces and inputs; the values of an enum
	Example                 *Example // of an object
}

// Field is a field, an input field, or an enum value.
type Field struct {
	Name, Type, Default, Description string
	Arguments                        []Field
	Area                             string
	Rest                             []Call
	Since                            []string
	Deprecated                       string
}

// Call is a REST call behind a field.
type Call struct {
	Method, Path, Scope, Who string
	Later, Bulk              bool
}

// New returns the reference of a schema. source is the text of the schema, which its headings
// divide into sections. examples are by type name. called returns the golden file of package
// resolvers that shows a method.
func New(source string, schema *ast.Schema, examples map[string]Example, called map[string]string) *Reference {
	r := &Reference{Methods: methods(schema)}
	for i := range r.Methods {
		r.Methods[i].Golden = called[r.Methods[i].Name]
	}
	headings := headingsOf(source)
	types := make([]*ast.Definition, 0, len(schema.Types))
	for _, def := range schema.Types {
		if !def.BuiltIn && !strings.HasPrefix(def.Name, "__") {
			types = append(types, def)
		}
	}
	slices.SortFunc(types, func(a, b *ast.Definition) int { return cmp.Compare(a.Position.Line, b.Position.Line) })
	for _, def := range types {
		title := headingAt(headings, def.Position.Line)
		if n := len(r.Sections); n == 0 || r.Sections[n-1].Title != title {
			r.Sections = append(r.Sections, Section{Title: title})
		}
		last := &r.Sections[len(r.Sections)-1]
		t := typeOf(def)
		if e, ok := examples[def.Name]; ok {
			t.Example = &e
		}
		last.Types = append(last.Types, t)
	}
	return r
}

// heading is a line such as "# ------ data source" of the source.
type heading struct {
	line  int
	title string
}

var headingLine = regexp.MustCompile(`^# -{20,} (.+)$`)

func headingsOf(source string) []heading {
	var found []heading
	for i, line := range strings.Split(source, "\n") {
		if m := headingLine.FindStringSubmatch(line); m != nil {
			found = append(found, heading{i + 1, m[1]})
		}
	}
	return found
}

func headingAt(headings []heading, line int) string {
	title := "schema"
	for _, h := range headings {
		if h.line < line {
			title = h.title
		}
	}
	return title
}

var kinds = map[ast.DefinitionKind]string{
	ast.Scalar: "scalar", ast.Object: "type", ast.Interface: "interface", ast.Union: "union", ast.Enum: "enum",
	ast.InputObject: "input",
}

func typeOf(def *ast.Definition) Type {
	t := Type{
		Name: def.Name, Kind: kinds[def.Kind], Description: oneLine(def.Description),
		Implements: def.Interfaces, Members: def.Types,
	}
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		field := fieldOf(f.Name, f.Type, f.DefaultValue, f.Description, f.Directives)
		for _, a := range f.Arguments {
			field.Arguments = append(field.Arguments, fieldOf(a.Name, a.Type, a.DefaultValue, a.Description, a.Directives))
		}
		t.Fields = append(t.Fields, field)
	}
	for _, v := range def.EnumValues {
		t.Fields = append(t.Fields, fieldOf(v.Name, nil, nil, v.Description, v.Directives))
	}
	return t
}

func fieldOf(name string, of *ast.Type, standard *ast.Value, description string, directives ast.DirectiveList) Field {
	f := Field{
		Name: name, Description: oneLine(description), Area: argument(directives.ForName("area"), "name"),
		Rest: callsOf(directives), Deprecated: argument(directives.ForName("deprecated"), "reason"),
	}
	if of != nil {
		f.Type = of.String()
	}
	if standard != nil {
		f.Default = standard.String()
	}
	for _, d := range directives.ForNames("since") {
		f.Since = append(f.Since, sinceText(d))
	}
	return f
}

func callsOf(directives ast.DirectiveList) []Call {
	var calls []Call
	for _, d := range directives.ForNames("rest") {
		c := Call{
			Method: "GET", Path: argument(d, "get"), Scope: argument(d, "scope"), Who: cmp.Or(argument(d, "who"), "USER"),
			Later: argument(d, "later") == "true", Bulk: argument(d, "bulk") == "true",
		}
		if post := argument(d, "post"); post != "" {
			c.Method, c.Path = "POST", post
		}
		calls = append(calls, c)
	}
	return calls
}

// sinceText formats a version, such as "3.21 on Cloud, until 3.22".
func sinceText(d *ast.Directive) string {
	text := argument(d, "api")
	if on := argument(d, "on"); on != "" {
		text += " on " + on[:1] + strings.ToLower(on[1:])
	}
	if until := argument(d, "until"); until != "" {
		text += ", until " + until
	}
	return text
}

func argument(d *ast.Directive, name string) string {
	if d == nil {
		return ""
	}
	if a := d.Arguments.ForName(name); a != nil && a.Value != nil {
		return a.Value.Raw
	}
	return ""
}

// oneLine joins the lines of a description.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
