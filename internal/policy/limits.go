package policy

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Codes of a LimitError, as clients see them.
const (
	CodeTooLarge = "QUERY_TOO_LARGE"
	CodeTooDeep  = "QUERY_TOO_DEEP"
)

// Limits bounds a document. A value of zero or less stands for the default.
type Limits struct {
	DocumentBytes int // bytes of text; 100,000 by default
	Tokens        int // lexical tokens, comments among them; 2,000 by default
	Depth         int // fields inside each other, the outermost counting as 1; 20 by default
}

// Defaults of Limits.
const (
	DefaultDocumentBytes = 100_000
	DefaultTokens        = 2_000
	DefaultDepth         = 20
)

// LimitError says that a document is past a limit. It holds nothing of the document.
type LimitError struct {
	Code  string // CodeTooLarge or CodeTooDeep
	Limit string // name of the setting, such as "limits.tokens"
	Max   int    // value of the setting
	Value int    // what the document has; of tokens, the number at which counting ended
}

// Error says which limit, what the document has, and what to do.
func (e *LimitError) Error() string {
	switch e.Limit {
	case limitBytes:
		return fmt.Sprintf("The document has %d bytes, %s allows %d. Ask for less, or in several requests.", e.Value, e.Limit, e.Max)
	case limitTokens:
		return fmt.Sprintf("The document has more than %d tokens, which is what %s allows. Ask for less, or in several requests.",
			e.Max, e.Limit)
	default:
		return fmt.Sprintf("The document is %d fields deep, %s allows %d. Nest less, or ask for inner objects by id.",
			e.Value, e.Limit, e.Max)
	}
}

const (
	limitBytes  = "limits.documentBytes"
	limitTokens = "limits.tokens"
	limitDepth  = "limits.depth"
)

// CheckSource bounds the text of a document before it is parsed: its size, then its tokens, which are counted no further than the
// limit. A text that has no tokens is left to the parser to refuse. The error is a *LimitError.
func (l Limits) CheckSource(query string) error {
	if limit := orDefault(l.DocumentBytes, DefaultDocumentBytes); len(query) > limit {
		return &LimitError{Code: CodeTooLarge, Limit: limitBytes, Max: limit, Value: len(query)}
	}
	limit := orDefault(l.Tokens, DefaultTokens)
	lex := lexer.New(&ast.Source{Input: query})
	for n := 1; ; n++ {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil // what the lexer cannot read, the parser reports, with its place
		}
		if n > limit {
			return &LimitError{Code: CodeTooLarge, Limit: limitTokens, Max: limit, Value: n}
		}
	}
}

// CheckDepth bounds how deep fields stand inside each other, introspection among them, in every operation and every fragment of
// the document. Each fragment is walked once, however often it is spread, so that the time grows with the document and not with
// what it unfolds to; a fragment that spreads itself counts once, and validation refuses it. The error is a *LimitError.
func (l Limits) CheckDepth(doc *ast.QueryDocument) error {
	limit := orDefault(l.Depth, DefaultDepth)
	d := depthCounter{
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		depths:    make(map[string]int, len(doc.Fragments)),
	}
	deepest := 0
	for _, f := range doc.Fragments {
		if d.fragments[f.Name] == nil { // of two of one name the first is spread, as in validation
			d.fragments[f.Name] = f
		} else {
			deepest = max(deepest, d.selections(f.SelectionSet))
		}
	}
	for _, op := range doc.Operations {
		deepest = max(deepest, d.selections(op.SelectionSet))
	}
	for _, f := range doc.Fragments {
		deepest = max(deepest, d.fragment(f.Name))
	}
	if deepest > limit {
		return &LimitError{Code: CodeTooDeep, Limit: limitDepth, Max: limit, Value: deepest}
	}
	return nil
}

// depthCounter measures a document, each fragment once.
type depthCounter struct {
	fragments map[string]*ast.FragmentDefinition
	depths    map[string]int // of fragments that are measured, and 0 of those that are being measured
}

func (d depthCounter) selections(set ast.SelectionSet) int {
	deepest := 0
	for _, selection := range set {
		depth := 0
		switch s := selection.(type) {
		case *ast.Field:
			depth = 1 + d.selections(s.SelectionSet)
		case *ast.InlineFragment:
			depth = d.selections(s.SelectionSet)
		case *ast.FragmentSpread:
			depth = d.fragment(s.Name)
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

func (d depthCounter) fragment(name string) int {
	if depth, ok := d.depths[name]; ok {
		return depth
	}
	f := d.fragments[name]
	if f == nil {
		return 0
	}
	d.depths[name] = 0 // a cycle ends here
	d.depths[name] = d.selections(f.SelectionSet)
	return d.depths[name]
}

func orDefault(value, def int) int {
	if value <= 0 {
		return def
	}
	return value
}
