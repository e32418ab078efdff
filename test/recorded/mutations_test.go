package recorded

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// mutation is one random change of one answer, with the same answer without what it changes.
type mutation struct {
	what    string // where, and into what
	weak    bool   // it may change more of a document than itself
	adds    bool   // it adds an item to a list
	odd     []byte // the changed answer
	without []byte // the answer without the member, the attribute or the element
}

// mutate returns a random change of an answer, or nil for an answer without members.
func mutate(body []byte, random *rand.Rand) *mutation {
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '<' {
		return mutateXML(body, random)
	}
	return mutateJSON(body, random)
}

// decisive reports whether a member decides what else is read: ids, the pagination and errors.
func decisive(path []string) bool {
	name := path[len(path)-1]
	if i := slices.IndexFunc(path, func(n string) bool { return n == "pagination" || n == "error" }); i >= 0 {
		return true
	}
	return strings.EqualFold(name, "id") || strings.EqualFold(name, "luid") || strings.HasSuffix(name, "Id") || name == "contentUrl"
}

// oddTexts are values that no attribute should have, and some that others have.
var oddTexts = []string{
	"", " ", "x", "../x", "true", "null", "-1", "7", "0", "1e400", "-1.5e300", "99999999999999999999", "4294967296", "NaN",
	"2024-02-30T99:99:99Z", "0000-00-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01", "24:00:00", "1700000000000", "12345-01-01T00:00:00Z",
	"\u202e\u0085", "%2e%2e%2f", "<a/>", strings.Repeat("long ", 4000),
}

// oddJSON are values in place of any member.
var oddJSON = []string{
	`null`, `""`, `[]`, `{}`, `[{}]`, `[null]`, `[[]]`, `[""]`, `7`, `0`, `-1`, `-1.5e300`, `1e400`, `99999999999999999999`, `4294967296`, `true`, `false`,
	`{"a":1}`, `[{"a":1},{"a":2}]`, `{"id":{}}`, `{"id":"../x","name":[]}`, `"\u0000\u001f"`, `"\ud800"`, `[[[[1]]]]`,
}

// member is a member of a JSON object, or an item of a list.
type member struct {
	path  []string // of names; an item has that of its list
	value any
	set   func(any)
	item  bool
}

// membersOf returns all members and items below a value, in a fixed order.
func membersOf(v any, path []string, found []member) []member {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below := append(slices.Clone(path), name)
			found = append(found, member{below, v[name], func(other any) { v[name] = other }, false})
			found = membersOf(v[name], below, found)
		}
	case []any:
		for i := range v {
			found = append(found, member{path, v[i], func(other any) { v[i] = other }, true})
			found = membersOf(v[i], path, found)
		}
	}
	return found
}

// placeholder is replaced by JSON that json.Marshal would not write, such as a name that occurs
// twice.
const placeholder = "the place of the mutation"

// mutateJSON changes one member or item of a JSON answer.
func mutateJSON(body []byte, random *rand.Rand) *mutation {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var document any
	if d.Decode(&document) != nil {
		return nil
	}
	members := membersOf(document, nil, nil)
	if len(members) == 0 {
		return nil
	}
	if items := slices.DeleteFunc(slices.Clone(members), func(m member) bool { return !m.item }); len(items) > 0 && random.IntN(2) == 0 {
		members = items // there are few of them, and most depends on them
	}
	m := members[random.IntN(len(members))]
	if len(m.path) == 0 { // an item of an answer that is a list
		m.path = []string{"[]"}
	}
	self := mustJSON(m.value)
	m.set(placeholder)
	text := string(mustJSON(document))
	name := string(mustJSON(m.path[len(m.path)-1])) + ":"
	quoted := string(mustJSON(placeholder))
	other, lead := oddJSONValue(string(self), name, m.item, random), name
	if m.item {
		lead = ""
	}
	without := strings.Replace(text, lead+quoted, "", 1)
	for _, comma := range [][2]string{{"{,", "{"}, {"[,", "["}, {",,", ","}, {",}", "}"}, {",]", "]"}} {
		without = replaceOutsideTexts(without, comma[0], comma[1])
	}
	odd := strings.Replace(text, quoted, other, 1)
	if other == "" {
		odd = without
	}
	return &mutation{
		what: strings.Join(m.path, ".") + " = " + shortText(other), weak: decisive(m.path),
		odd: []byte(odd), without: []byte(without),
	}
}

// oddJSONValue returns what to write in place of a member or item: "" to drop it.
func oddJSONValue(self, name string, item bool, random *rand.Rand) string {
	switch random.IntN(9) {
	case 0:
		return ""
	case 1:
		return "[" + self + "," + self + "]"
	case 2:
		return "[" + self + "]"
	case 3:
		if item {
			return self + "," + self
		}
		return self + "," + name + self
	case 4:
		return string(mustJSON(oddTexts[random.IntN(len(oddTexts))]))
	case 5:
		return `{"value":` + self + `}`
	case 6:
		return "null" // the likeliest of all
	default:
		return oddJSON[random.IntN(len(oddJSON))]
	}
}

// replaceOutsideTexts replaces what is not within a JSON string.
func replaceOutsideTexts(document, old, other string) string {
	within := false
	for i := 0; i < len(document); i++ {
		switch {
		case within && document[i] == '\\':
			i++
		case document[i] == '"':
			within = !within
		case !within && strings.HasPrefix(document[i:], old):
			return document[:i] + other + document[i+len(old):]
		}
	}
	return document
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func shortText(s string) string {
	switch {
	case s == "":
		return "nothing"
	case len(s) > 200:
		return s[:200] + "..."
	}
	return s
}

// mutateXML changes one attribute or one element below the root of an XML answer, or how all of it
// is encoded.
func mutateXML(body []byte, random *rand.Rand) *mutation {
	root, err := parseElement(body)
	if err != nil {
		return nil
	}
	if random.IntN(8) == 0 {
		return reencoded(root.write(), random)
	}
	type spot struct {
		parent, e *element
		index     int // of e in its parent, or of the attribute where attr is set
		attr      bool
		path      []string
	}
	var spots []spot
	var walk func(e *element, path []string)
	walk = func(e *element, path []string) {
		for i, a := range e.attrs {
			spots = append(spots, spot{e: e, index: i, attr: true, path: append(slices.Clone(path), a.Name.Local)})
		}
		for i, c := range e.children {
			below := append(slices.Clone(path), c.name)
			spots = append(spots, spot{parent: e, e: c, index: i, path: below})
			walk(c, below)
		}
	}
	walk(root, nil)
	if len(spots) == 0 {
		return nil
	}
	s := spots[random.IntN(len(spots))]
	m := &mutation{what: strings.Join(s.path, ".") + ": ", weak: decisive(s.path)}
	if s.attr {
		attrs := s.e.attrs
		s.e.attrs = slices.Delete(slices.Clone(attrs), s.index, s.index+1)
		m.without = root.write()
		s.e.attrs = slices.Clone(attrs)
		m.what += s.e.mutateAttribute(s.index, random)
	} else {
		children := s.parent.children
		s.parent.children = slices.Delete(slices.Clone(children), s.index, s.index+1)
		m.without = root.write()
		other, what := s.e.mutated(random)
		s.parent.children = slices.Replace(slices.Clone(children), s.index, s.index+1, other...)
		m.what, m.adds = m.what+what, len(other) > 1
	}
	var bytes string
	m.odd, bytes = broken(root.write(), random)
	m.what += bytes
	return m
}

// mutateAttribute changes one attribute and reports how.
func (e *element) mutateAttribute(i int, random *rand.Rand) string {
	a := e.attrs[i]
	switch random.IntN(10) {
	case 0:
		e.attrs = slices.Delete(e.attrs, i, i+1)
		return "nothing"
	case 1:
		e.attrs = slices.Delete(e.attrs, i, i+1)
		e.children = append(e.children, &element{name: a.Name.Local, text: a.Value})
		return "an element"
	case 2:
		e.children = append(e.children, &element{name: a.Name.Local, text: "x"})
		return "an element, too"
	case 3:
		e.attrs[i].Value = a.Value + a.Value
		return "the value twice"
	case 4, 5:
		e.attrs[i].Value = a.Value + markOfBytes
		return "the value"
	default:
		e.attrs[i].Value = oddTexts[random.IntN(len(oddTexts))]
		return shortText(string(mustJSON(e.attrs[i].Value)))
	}
}

// mutated returns what replaces an element, and how it differs.
func (e *element) mutated(random *rand.Rand) (other []*element, what string) {
	changed := *e
	switch random.IntN(9) {
	case 0:
		return nil, "nothing"
	case 1:
		return []*element{e, e}, "twice"
	case 2:
		return []*element{{name: e.name}}, "empty"
	case 3:
		return []*element{{name: e.name, text: oddTexts[random.IntN(len(oddTexts))]}}, "a text"
	case 4:
		return []*element{{name: e.name, children: []*element{e}}}, "within itself"
	case 5:
		changed.attrs = nil
		return []*element{&changed}, "without attributes"
	case 6:
		changed.children = nil
		return []*element{&changed}, "without children"
	case 7:
		changed.children = append([]*element{{name: "unknown", text: "x"}}, e.children...)
		return []*element{&changed}, "with an unknown child"
	default:
		return []*element{e, {name: e.name}, {name: e.name, text: "x"}}, "and two empty ones"
	}
}

// write returns an element as a document, in Tableau's namespace.
func (e *element) write() []byte {
	var b bytes.Buffer
	e.writeTo(&b, ` xmlns="http://tableau.com/api"`)
	return b.Bytes()
}

func (e *element) writeTo(b *bytes.Buffer, namespace string) {
	b.WriteString("<" + e.name + namespace)
	for _, a := range e.attrs {
		b.WriteString(" " + a.Name.Local + `="`)
		_ = xml.EscapeText(b, []byte(a.Value))
		b.WriteString(`"`)
	}
	b.WriteString(">")
	_ = xml.EscapeText(b, []byte(e.text))
	for _, c := range e.children {
		c.writeTo(b, "")
	}
	b.WriteString("</" + e.name + ">")
}
