package policy

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// Part returns the part of a document that this schema has. Fields, arguments and types that it
// lacks are left out, and so are variables and fragments that nothing uses any more. The pages of
// the server ask for all that they can show, and the caller gets what its roles open. The document
// has one operation.
func (v *View) Part(text string) (string, error) {
	doc, parseErr := parser.ParseQuery(&ast.Source{Input: text})
	if parseErr != nil {
		return "", parseErr
	}
	p := &partition{types: v.Schema.Types, fragments: doc.Fragments, left: map[string]*ast.FragmentDefinition{}}
	operation := doc.Operations[0]
	if operation.SelectionSet = p.selections(operation.SelectionSet, v.Schema.Query); operation.SelectionSet == nil {
		operation.SelectionSet = ast.SelectionSet{&ast.Field{Name: typenameField, Alias: typenameField}}
	}
	doc.Fragments = nil
	used := map[string]bool{}
	variablesOf(operation.SelectionSet, used)
	for _, f := range p.fragments {
		if left := p.left[f.Name]; left != nil {
			doc.Fragments = append(doc.Fragments, left)
			variablesOf(left.SelectionSet, used)
		}
	}
	var variables ast.VariableDefinitionList
	for _, d := range operation.VariableDefinitions {
		if used[d.Variable] {
			variables = append(variables, d)
		}
	}
	operation.VariableDefinitions = variables
	var out strings.Builder
	formatter.NewFormatter(&out).FormatQueryDocument(doc)
	return out.String(), nil
}

const typenameField = "__typename"

// partition leaves out of one document what a schema lacks.
type partition struct {
	types     map[string]*ast.Definition
	fragments ast.FragmentDefinitionList
	left      map[string]*ast.FragmentDefinition // of those that are in use; nil where nothing is left
}

// selections returns what is left of a selection set on a type; nil if that is nothing but
// __typename.
func (p *partition) selections(set ast.SelectionSet, on *ast.Definition) ast.SelectionSet {
	if on == nil {
		return nil
	}
	var left ast.SelectionSet
	for _, s := range set {
		if p.keeps(s, on) {
			left = append(left, s)
		}
	}
	if len(left) == 1 && len(set) > 1 {
		if f, ok := left[0].(*ast.Field); ok && f.Name == typenameField {
			return nil
		}
	}
	return left
}

// keeps cuts down a selection, and reports whether anything is left of it.
func (p *partition) keeps(s ast.Selection, on *ast.Definition) bool {
	switch s := s.(type) {
	case *ast.Field:
		return p.field(s, on)
	case *ast.InlineFragment:
		if s.TypeCondition != "" {
			on = p.types[s.TypeCondition]
		}
		s.SelectionSet = p.selections(s.SelectionSet, on)
		return s.SelectionSet != nil
	case *ast.FragmentSpread:
		return p.fragment(s.Name)
	}
	return false
}

func (p *partition) field(f *ast.Field, on *ast.Definition) bool {
	if f.Name == typenameField {
		return true
	}
	definition := on.Fields.ForName(f.Name)
	if definition == nil {
		return false
	}
	var arguments ast.ArgumentList
	for _, a := range f.Arguments {
		if definition.Arguments.ForName(a.Name) != nil {
			arguments = append(arguments, a)
		}
	}
	f.Arguments = arguments
	if f.SelectionSet == nil {
		return true
	}
	f.SelectionSet = p.selections(f.SelectionSet, p.types[definition.Type.Name()])
	return f.SelectionSet != nil
}

func (p *partition) fragment(name string) bool {
	left, done := p.left[name]
	if !done {
		p.left[name] = nil // a fragment that contains itself is not valid, and ends here
		if f := p.fragments.ForName(name); f != nil {
			if f.SelectionSet = p.selections(f.SelectionSet, p.types[f.TypeCondition]); f.SelectionSet != nil {
				left = f
			}
		}
		p.left[name] = left
	}
	return left != nil
}

// variablesOf collects the variables in the arguments and directives of selections.
func variablesOf(set ast.SelectionSet, used map[string]bool) {
	inArguments := func(arguments ast.ArgumentList) {
		for _, a := range arguments {
			variablesIn(a.Value, used)
		}
	}
	inDirectives := func(directives ast.DirectiveList) {
		for _, d := range directives {
			inArguments(d.Arguments)
		}
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			inArguments(s.Arguments)
			inDirectives(s.Directives)
			variablesOf(s.SelectionSet, used)
		case *ast.InlineFragment:
			inDirectives(s.Directives)
			variablesOf(s.SelectionSet, used)
		case *ast.FragmentSpread:
			inDirectives(s.Directives)
		}
	}
}

func variablesIn(value *ast.Value, used map[string]bool) {
	if value.Kind == ast.Variable {
		used[value.Raw] = true
	}
	for _, child := range value.Children {
		variablesIn(child.Value, used)
	}
}
