package main

import (
	"errors"
	"fmt"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// tables is the plugin.
type tables struct{}

// Name implements plugin.Plugin.
func (tables) Name() string { return "vitrine-exec" }

// template is filled by the methods of file: the imports are known when they have run.
const template = `{{ reserveImport "context" }}{{ reserveImport "sync" }}
{{ reserveImport "github.com/99designs/gqlgen/graphql" }}
{{ reserveImport "github.com/99designs/gqlgen/graphql/introspection" }}
{{ reserveImport "github.com/vektah/gqlparser/v2" "gqlparser" }}
{{ reserveImport "github.com/vektah/gqlparser/v2/ast" }}
{{ reserveImport "vitrine/internal/exec" }}
{{ .Text }}`

// GenerateCode writes the tables beside the models.
func (tables) GenerateCode(data *codegen.Data) error {
	dir := filepath.Dir(data.Config.Model.Filename)
	if err := render(data, filepath.Join(dir, "types_gen.go"), data.Config.Model.Package, (*file).tables); err != nil {
		return err
	}
	return render(data, filepath.Join(filepath.Dir(data.Config.Exec.Filename), "adapter_gen.go"), data.Config.Exec.Package, (*file).adapter)
}

func render(data *codegen.Data, name, pkg string, write func(*file)) error {
	f := &file{data: data, writeFunc: write}
	err := templates.Render(templates.Options{
		PackageName: pkg, Filename: name, Template: template, Data: f, GeneratedHeader: true, Packages: data.Config.Packages,
	})
	return errors.Join(append(f.errs, err)...)
}

// file collects one generated file.
type file struct {
	data      *codegen.Data
	writeFunc func(*file)
	b         strings.Builder
	errs      []error
}

// Text is the text of the file.
func (f *file) Text() string {
	f.writeFunc(f)
	return f.b.String()
}

func (f *file) p(format string, args ...any) { fmt.Fprintf(&f.b, format+"\n", args...) }

func (f *file) fail(format string, args ...any) string {
	f.errs = append(f.errs, fmt.Errorf(format, args...))
	return "nil"
}

func ref(t types.Type) string { return templates.CurrentImports.LookupType(t) }

// tables writes the schema, the interfaces of resolvers, the types and the readers of inputs.
func (f *file) tables() {
	f.schema()
	f.resolvers()
	var objects, abstracts []string
	for _, o := range f.data.Objects {
		objects = append(objects, "exec"+exported(o.Name)+"(r)")
	}
	for _, name := range sorted(f.data.Interfaces) {
		abstracts = append(abstracts, "exec"+exported(name)+"()")
	}
	f.p("// NewTypes returns the types of the schema, with the functions that read their fields.")
	f.p("func NewTypes(r ResolverRoot) *exec.Types {\nreturn exec.NewTypes([]*exec.Object{\n%s,\n}, []*exec.Abstract{\n%s,\n})\n}",
		strings.Join(objects, ",\n"), strings.Join(abstracts, ",\n"))
	for _, o := range f.data.Objects {
		f.object(o)
	}
	for _, name := range sorted(f.data.Interfaces) {
		f.abstract(f.data.Interfaces[name])
	}
	for _, in := range f.data.Inputs {
		f.input(in)
	}
}

func sorted(m map[string]*codegen.Interface) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// exported is a name of the schema as a part of a name of Go.
func exported(name string) string { return strings.ReplaceAll(name, "__", "Meta") }

func (f *file) schema() {
	f.p("// Schema returns the whole contract. It is parsed once.")
	f.p("var Schema = sync.OnceValue(func() *ast.Schema {\nreturn gqlparser.MustLoadSchema(")
	for _, s := range f.data.Config.Sources {
		if !s.BuiltIn {
			f.p("&ast.Source{Name: %q, Input: %s},", filepath.Base(s.Name), rawString(s.Input))
		}
	}
	for _, s := range f.data.Config.Sources {
		if s.BuiltIn {
			f.p("&ast.Source{Name: %q, Input: %s, BuiltIn: true},", s.Name, rawString(s.Input))
		}
	}
	f.p(")\n})\n")
}

func rawString(s string) string { return "`" + strings.ReplaceAll(s, "`", "`+\"`\"+`") + "`" }

func (f *file) resolvers() {
	f.p("// ResolverRoot has the resolvers of the types that need some.\ntype ResolverRoot interface {")
	for _, o := range f.withResolvers() {
		f.p("%s() %sResolver", o.Name, o.Name)
	}
	f.p("}\n")
	for _, o := range f.withResolvers() {
		f.p("// %sResolver resolves fields of %s.\ntype %sResolver interface {", o.Name, o.Name, o.Name)
		for _, field := range o.Fields {
			if field.IsResolver {
				f.p("%s%s", field.GoFieldName, field.ShortResolverDeclaration())
			}
		}
		f.p("}\n")
	}
}

func (f *file) withResolvers() (with []*codegen.Object) {
	for _, o := range f.data.Objects {
		if o.HasResolvers() {
			with = append(with, o)
		}
	}
	return with
}

// adapter writes what gives gqlgen's executor the resolvers of package graph.
func (f *file) adapter() {
	graph := templates.CurrentImports.Lookup(f.data.Config.Model.ImportPath())
	f.p("// Adapter gives this executor the resolvers of package graph.\ntype Adapter struct{ Root %s.ResolverRoot }\n", graph)
	for _, o := range f.withResolvers() {
		f.p("// %s implements ResolverRoot.\nfunc (a Adapter) %s() %sResolver { return a.Root.%s() }\n", o.Name, o.Name, o.Name, o.Name)
	}
}

func (f *file) object(o *codegen.Object) {
	used := "_"
	for _, field := range o.Fields {
		if field.IsResolver {
			used = "r"
		}
	}
	f.p("func exec%s(%s ResolverRoot) *exec.Object {", exported(o.Name), used)
	f.p("return &exec.Object{\nName: %q,\nImplements: %s,\nFields: []exec.Field{", o.Name, o.Implementors())
	for _, field := range o.Fields {
		f.field(o, field)
	}
	f.p("}}\n}\n")
}

func (f *file) abstract(i *codegen.Interface) {
	var names []string
	f.p("func exec%s() *exec.Abstract {\nreturn &exec.Abstract{Name: %q, Of: func(v any) string {\nswitch v := v.(type) {", exported(i.Name), i.Name)
	for _, o := range i.Implementors {
		if o.TakeRef || o.Kind != ast.Object {
			continue
		}
		names = append(names, fmt.Sprintf("%q", o.Name))
		f.p("case %s:\nif v != nil {\nreturn %q\n}", ref(o.Type), o.Name)
	}
	f.p("}\nreturn \"\"\n}, Objects: []string{%s}}\n}\n", strings.Join(names, ", "))
}

func (f *file) field(o *codegen.Object, field *codegen.Field) {
	tr := field.TypeReference
	f.b.WriteString(fmt.Sprintf("{Name: %q", field.Name))
	flag := func(name string, set bool) {
		if set {
			f.b.WriteString(", " + name + ": true")
		}
	}
	flag("NonNull", field.Type.NonNull)
	flag("Method", field.GoFieldType == codegen.GoFieldMethod || field.IsResolver)
	flag("Resolver", field.IsResolver)
	composite := tr.Definition.IsCompositeType()
	if composite {
		f.b.WriteString(fmt.Sprintf(", Type: %q", tr.Definition.Name))
		flag("List", tr.IsSlice())
		flag("ItemNonNull", tr.IsSlice() && tr.GQL.Elem.NonNull)
	}
	f.p(",")
	if len(field.Args) > 0 {
		f.args(field)
	}
	waits := field.IsResolver || field.MethodHasContext
	switch {
	case field.Name == "__schema":
		f.p("Plain: true, Value: exec.IntrospectSchema},")
	case field.Name == "__type":
		f.p("Plain: true, Value: exec.IntrospectType},")
	case !composite && !waits && len(field.Args) == 0 && (field.NoErr || field.GoFieldType == codegen.GoFieldVariable):
		f.p("Leaf: func(w *exec.Writer, o any) bool { %s }},", f.leaf(tr, f.call(o, field), true))
	default:
		flagPlain := ""
		if !waits {
			flagPlain = "Plain: true, "
		}
		f.p("%sValue: func(%s) (any, error) { %s },", flagPlain, f.parameters(o, field), f.value(o, field))
		if composite {
			if tr.IsSlice() {
				f.p("Items: %s,", f.items(tr))
			}
		} else {
			f.p("Write: func(w *exec.Writer, v any) bool { %s },", f.leaf(tr, "v.("+ref(tr.GO)+")", false))
		}
		f.p("},")
	}
}

// parameters are those of Value, with blanks for what is not used.
func (f *file) parameters(o *codegen.Object, field *codegen.Field) string {
	ctx, object, args := "_", "_", "_"
	if field.IsResolver || field.MethodHasContext {
		ctx = "ctx"
	}
	if !o.Root {
		object = "o"
	}
	if len(field.Args) > 0 {
		args = "args"
	}
	return ctx + " context.Context, " + object + " any, " + args + " map[string]any"
}

// call is the expression of a field's value.
func (f *file) call(o *codegen.Object, field *codegen.Field) string {
	var args []string
	if field.IsResolver || field.MethodHasContext {
		args = append(args, "ctx")
	}
	object := ""
	if !o.Root {
		object = "o.(" + ref(o.Reference()) + ")"
	}
	if field.IsResolver && !o.Root {
		args = append(args, object)
	}
	for _, a := range field.Args {
		args = append(args, fmt.Sprintf("args[%q].(%s)", a.Name, ref(a.TypeReference.GO)))
	}
	list := strings.Join(args, ", ")
	switch {
	case field.VOkFunc || field.Stream || field.Batch:
		return f.fail("%s.%s is of a kind that is not generated", o.Name, field.Name)
	case field.IsResolver:
		return fmt.Sprintf("r.%s().%s(%s)", o.Name, field.GoFieldName, list)
	case field.GoFieldType == codegen.GoFieldVariable:
		return object + "." + field.GoFieldName
	case field.GoFieldType == codegen.GoFieldMethod:
		return object + "." + field.GoFieldName + "(" + list + ")"
	default:
		return f.fail("%s.%s is of a kind that is not generated", o.Name, field.Name)
	}
}

// value is the statement that returns a field's value and its error.
func (f *file) value(o *codegen.Object, field *codegen.Field) string {
	tr := field.TypeReference
	as := "exec.Any"
	_, pointer := tr.GO.(*types.Pointer)
	switch {
	case pointer:
		as = "exec.One"
	case tr.IsSlice() && tr.GQL.NonNull:
		as = "exec.Every"
	case tr.IsSlice():
		as = "exec.Many"
	case tr.Definition.IsCompositeType() && !types.IsInterface(tr.GO):
		return f.fail("%s.%s has a value that is no pointer", o.Name, field.Name)
	}
	call := f.call(o, field)
	if !field.IsResolver && (field.GoFieldType == codegen.GoFieldVariable || field.NoErr) {
		call += ", nil"
	}
	return "return " + as + "(" + call + ")"
}

// items is the function that takes a list of objects apart.
func (f *file) items(tr *config.TypeReference) string {
	elem := tr.GO.(*types.Slice).Elem()
	switch e := elem.(type) {
	case *types.Pointer:
		return "exec.Pointers[" + ref(e.Elem()) + "]"
	case *types.Slice:
		return f.fail("a list of lists of objects is not generated")
	}
	if types.IsInterface(elem) {
		return "exec.Interfaces[" + ref(elem) + "]"
	}
	return "exec.Structs[" + ref(elem) + "]"
}

// leaf is the statement that writes a scalar. nilable says whether a nil slice is looked for.
func (f *file) leaf(tr *config.TypeReference, v string, nilable bool) string {
	if tr.IsSlice() && !tr.GQL.NonNull && nilable {
		return fmt.Sprintf("v := %s; return v != nil && %s", v, f.write(tr, "v"))
	}
	return "return " + f.write(tr, v)
}

// write is the expression that writes a scalar.
func (f *file) write(tr *config.TypeReference, v string) string {
	pointer, isPointer := tr.GO.(*types.Pointer)
	switch {
	case tr.IsSlice():
		elem := tr.Elem()
		return fmt.Sprintf("exec.List(w, %s, %v, func(w *exec.Writer, v %s) bool { %s })", v, tr.GQL.Elem.NonNull, ref(elem.GO), f.leaf(elem, "v", true))
	case isPointer:
		return fmt.Sprintf("exec.Pointer(w, %s, func(w *exec.Writer, v %s) bool { return %s })", v, ref(pointer.Elem()), f.write(tr.Elem(), "v"))
	case tr.IsMarshaler && has(tr.GO, "AppendGQL") && tr.IsContext && has(tr.GO, "CheckGQL"):
		return fmt.Sprintf("exec.AppendChecked(w, %s)", v)
	case tr.IsMarshaler && tr.IsContext:
		return fmt.Sprintf("exec.MarshalContext(w, %s)", v)
	case tr.IsMarshaler && has(tr.GO, "AppendGQL"):
		return fmt.Sprintf("exec.Append(w, %s)", v)
	case tr.IsMarshaler:
		return fmt.Sprintf("exec.Marshal(w, %s)", v)
	case tr.Marshaler == nil || tr.HasEnumValues():
		return f.fail("%s has no marshaler", tr.GO)
	}
	switch name := tr.Marshaler.Name(); name {
	case "MarshalString", "MarshalID":
		return "w.String(" + convert("string", tr.GO, v) + ")"
	case "MarshalBoolean":
		return "w.Bool(" + convert("bool", tr.GO, v) + ")"
	case "MarshalInt", "MarshalInt32", "MarshalInt64":
		return "w.Int(int64(" + v + "))"
	case "MarshalFloatContext":
		return "exec.MarshalContext(w, graphql.MarshalFloatContext(" + v + "))"
	default:
		return f.fail("%s is not generated", name)
	}
}

func convert(to string, from types.Type, v string) string {
	if basic, ok := from.(*types.Basic); ok && basic.Name() == to {
		return v
	}
	return to + "(" + v + ")"
}

func has(t types.Type, method string) bool {
	m, _, _ := types.LookupFieldOrMethod(t, true, nil, method)
	_, is := m.(*types.Func)
	return is
}
