package resolvers

import "encoding/json"

// What a JSON text may be at most, beside its size: how deep it nests, how many values it has, and how long a number is.
const (
	maxNesting = 32
	maxValues  = 10_000
	maxDigits  = 64
)

// strict says whether a text, which is JSON, has no object with a key that comes twice, since which of the two counts differs from
// reader to reader, and is within the bounds above. encoding/json knows neither; its tokens would tell the former at fifty times
// the price.
func strict(text []byte) bool {
	s := strictScanner{text: text}
	return s.value(maxNesting)
}

// strictScanner walks a text that is known to be JSON.
type strictScanner struct {
	text   []byte
	at     int
	values int
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

// peek skips white space, and what stands between values, and gives the next byte.
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
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			escaped = true
			s.at++
		}
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
