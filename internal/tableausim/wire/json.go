package wire

import "encoding/json"

// AppendJSON writes a whole answer as JSON: tsResponse disappears, its children are the keys.
func AppendJSON(b []byte, top []*Element) []byte {
	return append(appendChildren(append(b, '{'), top, true), '}')
}

// appendChildren writes children as members of the open object. Adjacent children of one name that
// are marked as repeated become one array.
func appendChildren(b []byte, children []*Element, first bool) []byte {
	for i := 0; i < len(children); i++ {
		c := children[i]
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendJSONString(b, c.Name), ':')
		if !c.repeated {
			b = c.appendJSON(b)
			continue
		}
		b = append(b, '[')
		for j := i; ; {
			b = children[j].appendJSON(b)
			i = j
			if j++; j == len(children) || children[j].Name != c.Name {
				break
			}
			b = append(b, ',')
		}
		b = append(b, ']')
	}
	return b
}

func (e *Element) appendJSON(b []byte) []byte {
	if e.isText && len(e.Attrs) == 0 && len(e.Children) == 0 {
		return appendJSONString(b, e.text)
	}
	b = append(b, '{')
	first := true
	if e.isText {
		b = appendJSONString(append(b, `"value":`...), e.text)
		first = false
	}
	b = appendChildren(b, e.Children, first)
	first = first && len(e.Children) == 0
	for _, a := range e.Attrs {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendJSONString(b, a.name), ':')
		if a.bare {
			b = append(b, a.value...)
		} else {
			b = appendJSONString(b, a.value)
		}
	}
	return append(b, '}')
}

func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			q, _ := json.Marshal(s) // a string does not fail
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// JSONType is the media type of JSON answers.
const JSONType = "application/json;charset=utf-8"

// XMLType is the media type of XML answers.
const XMLType = "application/xml;charset=utf-8"
