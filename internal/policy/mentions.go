package policy

import (
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A description may name other members of the schema. Where a role lacks one of them, the sentence
// that names it goes: else the description would tell of what does not exist for this role.

// sentence is a part of a description, with the members of the schema that it names.
type sentence struct {
	text  string
	names []string
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?:;]\s+`)
	// nameForm matches what can be a coordinate, such as View.image(format:), or a name alone.
	nameForm = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*(?:\([A-Za-z0-9_]+:\))?)?`)
	// saysMember matches names that are no words of English: with a capital inside, or in capitals
	// with a line below.
	saysMember = regexp.MustCompile(`[a-z0-9][A-Z]|^[A-Z]+_[A-Z_]+$`)
)

// findMentions takes the descriptions of a schema apart that name members of it, by their text.
func findMentions(schema *ast.Schema) map[string][]sentence {
	members := namesWithin(schema.Types)
	mentions := map[string][]sentence{}
	eachDescription(schema.Types, func(text *string) {
		if _, known := mentions[*text]; known {
			return
		}
		var parts []sentence
		named := false
		for _, part := range sentences(*text) {
			s := sentence{text: part}
			for _, name := range nameForm.FindAllString(part, -1) {
				typ, _, dotted := strings.Cut(name, ".")
				switch {
				case schema.Types[typ] != nil && dotted && hasCoordinate(schema.Types, name):
					s.names = append(s.names, name)
				case schema.Types[typ] != nil && !schema.Types[typ].BuiltIn:
					s.names = append(s.names, typ)
				case members[name] && saysMember.MatchString(name):
					s.names = append(s.names, name)
				}
			}
			named = named || len(s.names) > 0
			parts = append(parts, s)
		}
		if named {
			mentions[*text] = parts
		}
	})
	return mentions
}

// sentences cuts a text after each sentence; put together again they are the text.
func sentences(text string) []string {
	var out []string
	from := 0
	for _, end := range sentenceEnd.FindAllStringIndex(text, -1) {
		out = append(out, text[from:end[1]])
		from = end[1]
	}
	return append(out, text[from:])
}

// dropMentions takes sentences that name what is gone out of the descriptions that are left.
func (p *pruner) dropMentions() {
	members := namesWithin(p.types)
	gone := func(name string) bool {
		typ, _, dotted := strings.Cut(name, ".")
		if dotted || p.index.schema.Types[typ] != nil {
			return !hasCoordinate(p.types, name)
		}
		return !members[name]
	}
	eachDescription(p.types, func(text *string) {
		described, facts := *text, ""
		if i := strings.LastIndex(described, factsBreak); i >= 0 && p.index.mentions[described] == nil {
			described, facts = described[:i], described[i:] // the facts of directives are about the member itself
		}
		parts := p.index.mentions[described]
		if !slices.ContainsFunc(parts, func(s sentence) bool { return slices.ContainsFunc(s.names, gone) }) {
			return
		}
		var kept strings.Builder
		for _, s := range parts {
			if !slices.ContainsFunc(s.names, gone) {
				kept.WriteString(s.text)
			}
		}
		left := strings.TrimSpace(kept.String())
		if open := strings.TrimRight(left, ":;"); open != left {
			left = open + "."
		}
		*text = strings.TrimPrefix(left+facts, factsBreak)
	})
}

// namesWithin are the names of all fields, arguments, input fields and enum values.
func namesWithin(types map[string]*ast.Definition) map[string]bool {
	names := map[string]bool{}
	for _, def := range types {
		for _, f := range def.Fields {
			names[f.Name] = true
			for _, a := range f.Arguments {
				names[a.Name] = true
			}
		}
		for _, v := range def.EnumValues {
			names[v.Name] = true
		}
	}
	return names
}

// eachDescription visits the texts that clients read: descriptions, and the reasons of
// deprecations.
func eachDescription(types map[string]*ast.Definition, visit func(*string)) {
	for _, def := range types {
		if def.BuiltIn {
			continue
		}
		visit(&def.Description)
		for _, f := range def.Fields {
			visit(&f.Description)
			eachReason(f.Directives, visit)
			for _, a := range f.Arguments {
				visit(&a.Description)
				eachReason(a.Directives, visit)
			}
		}
		for _, v := range def.EnumValues {
			visit(&v.Description)
			eachReason(v.Directives, visit)
		}
	}
}

func eachReason(directives ast.DirectiveList, visit func(*string)) {
	if d := directives.ForName("deprecated"); d != nil {
		if reason := d.Arguments.ForName("reason"); reason != nil {
			visit(&reason.Value.Raw)
		}
	}
}
