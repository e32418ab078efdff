package graphqlhttp

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// What a JSON text may be at most, beside its size: how deep it nests, how many values it has, and
// how long a number is.
const (
	maxNesting = 32
	maxValues  = 10_000
	maxDigits  = 64
)

var (
	// errShape says that a text is JSON of another shape than was asked for.
	errShape = errors.New("not the shape of a question")
	// errSurrogate says that a string holds half of a surrogate pair, which is no character.
	// encoding/json and gqlparser would put U+FFFD in its place, and a filter would then look for
	// something else than was asked for.
	errSurrogate = errors.New(`a string has a lone surrogate (\uD800 to \uDFFF without its other half): send whole characters`)
)

// strict refuses a text, which is JSON, with an object that has a key twice, since which of the two
// counts differs from reader to reader, or that is past the bounds above (errShape), and one with
// lone surrogates (errSurrogate). encoding/json knows none of these; its tokens would tell the
// first at fifty times the price.
func strict(text []byte) error {
	s := strictScanner{text: text}
	switch ok := s.value(maxNesting); {
	case s.lone:
		return errSurrogate
	case !ok:
		return errShape
	}
	return nil
}

// strictScanner walks a text that is known to be JSON.
type strictScanner struct {
	text   []byte
	at     int
	values int
	lone   bool // whether a string has a lone surrogate
}

func (s *strictScanner) value(depth int) bool {
	if s.values++; depth == 0 || s.values > maxValues {
		return false
	}
	switch s.peek() {
	case '{':
		return s.object(depth - 1)
	case '[':
		return s.list(depth - 1)
	case '"':
		s.skip()
		return true
	default: // a number or a word
		began := s.at
		for s.at < len(s.text) && !ends(s.text[s.at]) {
			s.at++
		}
		return s.at-began <= maxDigits
	}
}

func ends(c byte) bool {
	return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
}

// peek skips white space, and what separates values, and gives the next byte.
func (s *strictScanner) peek() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *strictScanner) list(depth int) bool {
	for s.at++; s.peek() != ']'; {
		if !s.value(depth) {
			return false
		}
	}
	s.at++
	return true
}

// fewKeys is how many keys are compared one by one; more go into a map.
const fewKeys = 8

func (s *strictScanner) object(depth int) bool {
	var few [fewKeys]string
	var many map[string]bool
	n := 0
	for s.at++; s.peek() != '}'; n++ {
		key := s.word()
		for _, other := range few[:min(n, fewKeys)] {
			if other == key {
				return false
			}
		}
		switch {
		case n < fewKeys:
			few[n] = key
		case many[key]:
			return false
		case many == nil:
			many = map[string]bool{key: true}
		default:
			many[key] = true
		}
		if !s.value(depth) {
			return false
		}
	}
	s.at++
	return true
}

// skip goes over a text, and says whether it has escapes.
func (s *strictScanner) skip() (escaped bool) {
	began := s.at
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			escaped = true
			s.at++
		}
	}
	if escaped && loneSurrogate(s.text[began:s.at]) {
		s.lone = true
	}
	s.at++
	return escaped
}

// word goes over a key and gives what it says.
func (s *strictScanner) word() string {
	began := s.at
	escaped := s.skip()
	key := string(s.text[began+1 : s.at-1])
	if escaped {
		_ = json.Unmarshal(s.text[began:s.at], &key) // it is a text of a JSON that is valid
	}
	return key
}

// loneSurrogate reports whether an escaped string, of JSON or of GraphQL, has half of a surrogate
// pair. The string is well-formed: each backslash has what belongs to it.
func loneSurrogate[T string | []byte](text T) bool {
	high := false // the unit just before is the first half of a pair
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			if high {
				return true
			}
			continue
		}
		i++
		unit := rune(0)
		if i+4 < len(text) && text[i] == 'u' && text[i+1] != '{' {
			n, _ := strconv.ParseUint(string(text[i+1:i+5]), 16, 16) // where it is no number, the parser reports it
			unit = rune(n)
			i += 4
		}
		isLow := unit >= 0xDC00 && unit <= 0xDFFF
		if high != isLow {
			return true
		}
		high = utf16.IsSurrogate(unit) && !isLow
	}
	return high
}

// hasLoneSurrogate reports whether a string of a document has half of a surrogate pair. In a block
// string, and in a comment, a backslash is one character among others.
func hasLoneSurrogate(query string) bool {
	if !strings.Contains(query, `\u`) {
		return false
	}
	runes := []rune(query) // places of tokens are counted in these
	for lex := lexer.New(&ast.Source{Input: query}); ; {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return false // what the lexer cannot read, the parser reports, with its place
		}
		if token.Kind == lexer.String && loneSurrogate(string(runes[token.Pos.Start:token.Pos.End])) {
			return true
		}
	}
}
