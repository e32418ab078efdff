package policy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// What an answer to an invalid document may hold: 10,000 unknown directives would make three
// megabytes of errors.
const (
	maxErrors       = 10
	maxMessageBytes = 300
)

// quietRules takes the place of the five rules that suggest names of the schema ("Did you mean").
var quietRules = map[string]core.Rule{
	rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
	rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
	rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
	rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
	rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
}

// validationRules are all rules of the specification, none of which suggests, by name. The rules
// are distinguished by name in here alone; each validation makes its own state from them.
var validationRules = func() []core.Rule {
	var list []core.Rule
	for name, rule := range rules.NewDefaultRules().GetInner() {
		if quiet, ok := quietRules[name]; ok {
			list = append(list, quiet)
		} else {
			list = append(list, core.Rule{Name: name, RuleFunc: rule})
		}
	}
	slices.SortFunc(list, func(a, b core.Rule) int { return strings.Compare(a.Name, b.Name) })
	return list
}()

// Validate checks a document against the schema of the view and links it to that schema, as
// execution needs. There are at most 10 errors of at most 300 bytes of text each, and none suggests
// a name. Of a member that the view lacks they say what they say of one that does not exist. A
// document that passed for one view may not run for another.
func (v *View) Validate(doc *ast.QueryDocument) gqlerror.List {
	var errs gqlerror.List
	events := &core.Events{}
	circular := spreadsItself(doc)
	for _, rule := range validationRules {
		if circular && rule.Name != rules.NoFragmentCyclesRule.Name {
			continue // it is invalid whatever they say, and they take long over circles
		}
		rule.RuleFunc(events, func(options ...core.ErrorOption) {
			if len(errs) >= maxErrors {
				return
			}
			err := &gqlerror.Error{Rule: rule.Name}
			for _, option := range options {
				option(err)
			}
			errs = append(errs, err)
		})
	}
	core.Walk(v.Schema, doc, events)
	return v.Quiet(CapErrors(errs))
}

// quietMessage is what is said of a document that does not fit a schema which its caller may not
// ask for.
const quietMessage = "the document does not fit the schema at this place"

// Quiet takes the words out of errors about a document, or its variables, where callers may not ask
// for the schema: from "Cannot query field" alone a schema can be recovered, name by name. What is
// left is where it is. It changes the errors it is given.
func (v *View) Quiet(errs gqlerror.List) gqlerror.List {
	if v.Introspection {
		return errs
	}
	for _, err := range errs {
		err.Message, err.Rule = quietMessage, ""
		err.Path = err.Path[:min(2, len(err.Path))] // which variable, and not which of its parts
	}
	return errs
}

// CapErrors bounds errors about a document, those of the parser among them, in number and in length
// of text. It changes the errors it is given.
func CapErrors(errs gqlerror.List) gqlerror.List {
	errs = errs[:min(len(errs), maxErrors)]
	for _, err := range errs {
		err.Message = capText(err.Message)
		// A rule that reports equal names gives a place for each of them.
		err.Locations = err.Locations[:min(len(err.Locations), maxErrors)]
	}
	return errs
}

// capText cuts a text to maxMessageBytes, between characters.
func capText(text string) string {
	if len(text) <= maxMessageBytes {
		return text
	}
	const mark = "…"
	cut := maxMessageBytes - len(mark)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + mark
}
