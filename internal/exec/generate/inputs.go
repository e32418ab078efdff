package main

import (
	"fmt"
	"go/types"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// args writes the function that reads the arguments of a field.
func (f *file) args(field *codegen.Field) {
	f.p("Args: func(ctx context.Context, raw map[string]any) (map[string]any, error) {")
	f.p("in, args := exec.NewInput(ctx, raw), make(map[string]any, %d)", len(field.Args))
	for _, a := range field.Args {
		f.p("exec.Arg(in, args, %q, %s)", a.Name, f.reader(a.TypeReference))
	}
	f.p("return args, in.Err()\n},")
}

// input writes the function that reads an input object.
func (f *file) input(in *codegen.Object) {
	f.p("func read%s(ctx context.Context, v any) (%s, error) {", in.Name, ref(in.Type))
	f.p("var it %s\nin := exec.NewInput(ctx, v)", ref(in.Type))
	for _, field := range in.Fields {
		if field.Default != nil {
			f.p("exec.Default(in, %q, %s)", field.Name, templates.Dump(field.Default))
		}
	}
	for _, field := range in.Fields {
		f.p("exec.Member(in, %q, &it.%s, %s)", field.Name, field.GoFieldName, f.reader(field.TypeReference))
	}
	f.p("return it, in.Err()\n}\n")
}

// reader is the expression of a function that reads an input value.
func (f *file) reader(tr *config.TypeReference) string {
	if tr.Definition.Kind == ast.InputObject && tr.GQL.Elem == nil {
		if _, pointer := tr.GO.(*types.Pointer); !pointer {
			return "read" + tr.Definition.Name
		}
	}
	return fmt.Sprintf("func(ctx context.Context, v any) (%s, error) { return %s }", ref(tr.GO), f.read(tr))
}

func (f *file) read(tr *config.TypeReference) string {
	_, pointer := tr.GO.(*types.Pointer)
	switch {
	case tr.IsOmittable:
		return f.fail("%s is omittable, which is not generated", tr.GQL)
	case tr.IsSlice():
		return fmt.Sprintf("exec.ReadList(ctx, v, %v, %s)", !tr.GQL.NonNull, f.reader(tr.Elem()))
	case pointer:
		return fmt.Sprintf("exec.ReadPointer(ctx, v, %s)", f.reader(tr.Elem()))
	case tr.IsMarshaler && tr.IsContext:
		return f.fail("%s reads with a context, which is not generated", tr.GO)
	case tr.IsMarshaler:
		return fmt.Sprintf("exec.ReadScalar[%s](ctx, v)", ref(tr.GO))
	case tr.Unmarshaler == nil || tr.CastType != nil:
		return f.fail("%s has no unmarshaler", tr.GO)
	case tr.IsContext:
		return fmt.Sprintf("%s(ctx, v)", templates.Call(tr.Unmarshaler))
	default:
		return fmt.Sprintf("exec.ReadWith(ctx, v, %s)", templates.Call(tr.Unmarshaler))
	}
}
