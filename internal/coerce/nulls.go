package coerce

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// nulls reports variables that are null and used where null is not accepted: a variable of a
// nullable type is allowed where the argument, the input field or the variable itself has a default
// (5.8.5 of the specification), and then null is an error (6.4.1). What @skip or @include leave out
// is not run, so that its variables may be null.
func (j *judge) nulls(op *ast.OperationDefinition, coerced map[string]any) {
	null := map[string]*ast.VariableDefinition{}
	for _, def := range op.VariableDefinitions {
		if value, given := coerced[def.Variable]; given && value == nil {
			null[def.Variable] = def
		}
	}
	if len(null) == 0 {
		return
	}
	n := nullJudge{judge: j, null: null}
	eachDirective(op.Directives, n.argument)
	walk := argumentWalk{visit: n.argument, fragments: map[string]bool{}, leftOut: func(directives ast.DirectiveList) bool {
		return leftOut(directives, coerced)
	}}
	walk.set(op.SelectionSet)
}

type nullJudge struct {
	*judge
	null map[string]*ast.VariableDefinition
}

func (n nullJudge) argument(def *ast.ArgumentDefinition, value *ast.Value) {
	n.value(fmt.Sprintf("Argument %q", def.Name), def.Type, value)
}

// value looks for variables in an argument, or in a part of one.
func (n nullJudge) value(what string, typ *ast.Type, value *ast.Value) {
	switch {
	case value == nil:
	case value.Kind == ast.Variable:
		if def := n.null[value.Raw]; def != nil && typ.NonNull {
			n.errorAt(def, nil, `%s of non-null type "%s" must not be null: the variable "$%s" is null.`, what, typ, value.Raw)
		}
	case typ.Elem != nil && value.Kind == ast.ListValue:
		for _, child := range value.Children {
			n.value(what, typ.Elem, child.Value)
		}
	case typ.Elem != nil:
		n.value(what, typ.Elem, value)
	case value.Kind == ast.ObjectValue:
		def := n.Schema.Types[typ.NamedType]
		for _, child := range value.Children {
			if f := def.Fields.ForName(child.Name); f != nil {
				n.value(fmt.Sprintf(`Field "%s.%s"`, def.Name, f.Name), f.Type, child.Value)
			}
		}
	}
}

// leftOut reports whether @skip or @include leave a selection out. One whose condition is null
// leaves nothing out here: it is an error by itself.
func leftOut(directives ast.DirectiveList, variables map[string]any) bool {
	for name, out := range map[string]bool{"skip": true, "include": false} {
		d := directives.ForName(name)
		if d == nil {
			continue
		}
		if arg := d.Arguments.ForName("if"); arg != nil {
			if condition, err := arg.Value.Value(variables); err == nil && condition == out {
				return true
			}
		}
	}
	return false
}

// argumentWalk visits the arguments of fields and directives in a selection, each fragment once.
type argumentWalk struct {
	visit     func(*ast.ArgumentDefinition, *ast.Value)
	fragments map[string]bool              // those seen; nil where spreads are not followed
	leftOut   func(ast.DirectiveList) bool // nil where nothing is
}

func (w argumentWalk) set(set ast.SelectionSet) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if w.enter(s.Directives) {
				if s.Definition != nil {
					eachArgument(s.Definition.Arguments, s.Arguments, w.visit)
				}
				w.set(s.SelectionSet)
			}
		case *ast.InlineFragment:
			if w.enter(s.Directives) {
				w.set(s.SelectionSet)
			}
		case *ast.FragmentSpread:
			if w.enter(s.Directives) && w.fragments != nil && !w.fragments[s.Name] && s.Definition != nil {
				w.fragments[s.Name] = true
				eachDirective(s.Definition.Directives, w.visit)
				w.set(s.Definition.SelectionSet)
			}
		}
	}
}

// enter visits the directives of a selection and reports whether to look into it.
func (w argumentWalk) enter(directives ast.DirectiveList) bool {
	eachDirective(directives, w.visit)
	return w.leftOut == nil || !w.leftOut(directives)
}

func eachDirective(directives ast.DirectiveList, visit func(*ast.ArgumentDefinition, *ast.Value)) {
	for _, d := range directives {
		if d.Definition != nil {
			eachArgument(d.Definition.Arguments, d.Arguments, visit)
		}
	}
}

func eachArgument(defs ast.ArgumentDefinitionList, args ast.ArgumentList, visit func(*ast.ArgumentDefinition, *ast.Value)) {
	for _, a := range args {
		if def := defs.ForName(a.Name); def != nil {
			visit(def, a.Value)
		}
	}
}
