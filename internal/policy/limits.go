package policy

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Codes of a LimitError, as clients see them.
const (
	CodeTooLarge  = "QUERY_TOO_LARGE"
	CodeTooDeep   = "QUERY_TOO_DEEP"
	CodeTooCostly = "QUERY_TOO_COSTLY"
)

// Limits bounds a document. A value of zero or less means the default.
type Limits struct {
	DocumentBytes int // bytes of text
	Tokens        int // lexical tokens, comments among them
	Depth         int // fields inside each other, the outermost counting as 1, introspection among them
	Aliases       int // fields that are given another name
	RootFields    int // fields of Query
	Fields        int // fields, those of a fragment for each time it is spread
	Comparisons   int // of fields of one name that are beside each other, and of fragments, which validation makes
	Directives    int // uses of directives
	Introspection int // lists of the schema inside each other
	Cost          int // points, see View.Price
	// Measure names limits that refuse nothing: what is past them is logged, up to a bound that
	// always holds.
	Measure []string
}

// Names of the limits, as settings have them.
const (
	LimitDocumentBytes = "documentBytes"
	LimitTokens        = "tokens"
	LimitDepth         = "depth"
	LimitAliases       = "aliases"
	LimitRootFields    = "rootFields"
	LimitFields        = "fields"
	LimitComparisons   = "comparisons"
	LimitDirectives    = "directives"
	LimitIntrospection = "introspection"
	LimitCost          = "cost"
)

// Names of bounds that no setting changes. The tools that read a schema ask for it once, and for a
// type or two to find out what introspection can do here.
const (
	boundSchemas = "__schema"
	boundTypes   = "__type"
)

// limit is one of Limits: its default, what holds where it is only measured, and what to say.
type limit struct {
	usual, always int
	code          string
	text          string // with what the document has, the setting and its value
}

var limits = map[string]limit{
	LimitDocumentBytes: {100_000, 1_000_000, CodeTooLarge, "The document has %d bytes, %s allows %d. Ask for less, or in several requests."},
	LimitTokens:        {2_000, 2_000, CodeTooLarge, "The document has %d tokens or more, %s allows %d. Ask for less, or in several requests."},
	LimitDepth:         {20, 50, CodeTooDeep, "The document is %d fields deep, %s allows %d. Nest less, or ask for inner objects by id."},
	LimitAliases:       {100, 1_000, CodeTooLarge, "The document has %d aliases, %s allows %d. Ask for less, or in several requests."},
	LimitRootFields:    {50, 1_000, CodeTooLarge, "The document has %d fields of Query, %s allows %d. Ask for less, or in several requests."},
	LimitFields:        {2_000, 100_000, CodeTooLarge, "The document has %d fields, %s allows %d; those of a fragment count for each time it is spread. Ask for less, or in several requests."},
	LimitComparisons:   {20_000, 200_000, CodeTooLarge, "The document has fields of one name, or fragments, beside each other that take %d comparisons, %s allows %d. Ask for each field once."},
	LimitDirectives:    {100, 1_000, CodeTooLarge, "The document uses directives %d times, %s allows %d. Leave out what is not to be answered."},
	LimitIntrospection: {3, 10, CodeTooDeep, "The document asks for %d lists of the schema inside each other, %s allows %d. Ask for types one by one."},
	boundSchemas:       {1, 1, CodeTooLarge, "The document asks for the schema %[1]d times, %[3]d is allowed. Ask for __schema once."},
	boundTypes:         {10, 10, CodeTooLarge, "The document has __type %[1]d times, %[3]d are allowed. Ask for __schema { types }, or for types in several requests."},
	LimitCost:          {500_000, maxCost, CodeTooCostly, "The document costs %d points, %s allows %d. Ask for fewer items (first), for fewer fields, or nest less."},
}

// DefaultDocumentBytes is Limits.DocumentBytes where it is not set.
const DefaultDocumentBytes = 100_000

// LimitError says that a document is past a limit. It holds nothing of the document.
type LimitError struct {
	Code  string // one of the codes above
	Limit string // name of the setting, such as "limits.tokens"
	Max   int    // value of the setting, or the bound that always holds
	Value int    // what the document has; of tokens, the number at which counting ended
}

// Error says which limit, what the document has, and what to do.
func (e *LimitError) Error() string {
	return fmt.Sprintf(limits[e.Limit[len(settingPrefix):]].text, e.Value, e.Limit, e.Max)
}

const settingPrefix = "limits."

// Of returns the value of a limit, the default where it is not set.
func (l Limits) Of(name string) int {
	if value := l.set(name); value > 0 {
		return value
	}
	return limits[name].usual
}

// set returns the value that a limit is set to; 0 where it is not set.
func (l Limits) set(name string) int {
	switch name {
	case LimitDocumentBytes:
		return l.DocumentBytes
	case LimitTokens:
		return l.Tokens
	case LimitDepth:
		return l.Depth
	case LimitAliases:
		return l.Aliases
	case LimitRootFields:
		return l.RootFields
	case LimitFields:
		return l.Fields
	case LimitComparisons:
		return l.Comparisons
	case LimitDirectives:
		return l.Directives
	case LimitIntrospection:
		return l.Introspection
	case LimitCost:
		return l.Cost
	default:
		return 0
	}
}

// Bound returns the most that is ever let through: the limit, or what always holds where it is only
// measured.
func (l Limits) Bound(name string) int {
	if slices.Contains(l.Measure, name) {
		return max(l.Of(name), limits[name].always)
	}
	return l.Of(name)
}

// check refuses a value past its limit; over reports one that is past it and let through.
func (l Limits) check(name string, value int) (over bool, err error) {
	if bound := l.Bound(name); value > bound {
		return true, &LimitError{Code: limits[name].code, Limit: settingPrefix + name, Max: bound, Value: value}
	}
	return value > l.Of(name), nil
}

// CheckCost refuses a document that costs too much; over reports one that does and is let through.
// The error is a *LimitError.
func (l Limits) CheckCost(points int) (over bool, err error) { return l.check(LimitCost, points) }

// CheckSource bounds the text of a document before it is parsed: its size, then its tokens, which
// are counted no further than they are let through. A text that has no tokens is left to the parser
// to refuse. It names the limits that the text is past and which are only measured; the error is a
// *LimitError.
func (l Limits) CheckSource(query string) (over []string, err error) {
	past, err := l.check(LimitDocumentBytes, len(query))
	if err != nil {
		return nil, err
	}
	if past {
		over = append(over, LimitDocumentBytes)
	}
	bound := l.Bound(LimitTokens)
	n := 0
	for lex := lexer.New(&ast.Source{Input: query}); n <= bound; n++ {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			break // what the lexer cannot read, the parser reports, with its place
		}
	}
	past, err = l.check(LimitTokens, n)
	if err != nil {
		return nil, err
	}
	if past {
		over = append(over, LimitTokens)
	}
	return over, nil
}

// CheckDocument bounds the size of a parsed document, before anything else walks it. It names the
// limits that the document is past and which are only measured; the error is a *LimitError.
func (l Limits) CheckDocument(doc *ast.QueryDocument) (over []string, err error) {
	m := MeasureOf(doc)
	for _, counted := range []struct {
		name  string
		value int
	}{
		{LimitDepth, m.Depth},
		{LimitIntrospection, m.Introspection},
		{boundSchemas, m.Schemas},
		{boundTypes, m.Types},
		{LimitFields, m.Fields},
		{LimitRootFields, m.RootFields},
		{LimitAliases, m.Aliases},
		{LimitComparisons, m.Comparisons},
		{LimitDirectives, m.Directives},
	} {
		past, err := l.check(counted.name, counted.value)
		if err != nil {
			return nil, err
		}
		if past {
			over = append(over, counted.name)
		}
	}
	return over, nil
}
