package rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Element is an element of which documents and servers disagree what it looks like: its values may
// be attributes or elements, its list in a container or not, its names written with or without
// underscores. Values whose names say that they are secret are never taken in.
type Element struct {
	Values []*NamedValue
	Kids   map[string][]*Element // by plain name
	Text   string
}

// maxDepth bounds how many levels of an answer are read; deeper elements are left out.
const maxDepth = 12

// PlainName is a name as elements compare it.
func PlainName(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// isSecret says whether a name is that of a secret.
func isSecret(name string) bool {
	plain := PlainName(name)
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(plain, w) }) ||
		slices.ContainsFunc(secretEnds, func(w string) bool { return strings.HasSuffix(plain, w) })
}

// Names with these words are those of secrets anywhere, or only at the end: tokenEndpoint is not
// secret.
var (
	secretWords = []string{"secret", "password", "passwd", "passphrase", "privatekey", "signingkey", "encryptionkey"}
	secretEnds  = []string{"token", "tokenvalue", "apikey", "accesskey", "accountkey"}
)

func (b *Element) put(name, value string) {
	if value = strings.TrimSpace(value); value != "" && !isSecret(name) {
		b.Values = append(b.Values, &NamedValue{Name: name, Value: value})
	}
}

// add takes in a child; one that holds nothing but text is a value too. A setting whose key is that
// of a secret stays out.
func (b *Element) add(name string, kid *Element) {
	if isSecret(string(kid.Value("key"))) {
		return
	}
	if kid.Text = strings.TrimSpace(kid.Text); kid.Text != "" && len(kid.Values) == 0 && len(kid.Kids) == 0 {
		b.put(name, kid.Text)
	}
	if b.Kids == nil {
		b.Kids = map[string][]*Element{}
	}
	b.Kids[PlainName(name)] = append(b.Kids[PlainName(name)], kid)
}

// UnmarshalXML takes in an element.
func (b *Element) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	return b.element(d, start, 0)
}

func (b *Element) element(d *xml.Decoder, start xml.StartElement, depth int) error {
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			b.put(a.Name.Local, a.Value)
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = b.child(d, t, depth+1)
		case xml.CharData:
			b.Text += string(t)
		case xml.EndElement:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (b *Element) child(d *xml.Decoder, start xml.StartElement, depth int) error {
	if isSecret(start.Name.Local) || depth > maxDepth {
		return d.Skip()
	}
	kid := &Element{}
	if err := kid.element(d, start, depth); err != nil {
		return err
	}
	b.add(start.Name.Local, kid)
	return nil
}

// UnmarshalJSON takes in a value; the items of an array are under the name items.
func (b *Element) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	b.fill(v, 0)
	return nil
}

// ListKey is the name of the list in an answer that has one without a name of its own.
const ListKey = "items"

func (b *Element) fill(v any, depth int) {
	if depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			b.member(name, value, depth)
		}
	case []any:
		b.member(ListKey, v, depth)
	case string:
		b.Text = v
	case json.Number:
		b.Text = v.String()
	case bool:
		b.Text = strconv.FormatBool(v)
	}
}

func (b *Element) member(name string, value any, depth int) {
	if isSecret(name) {
		return
	}
	items, many := value.([]any)
	if !many {
		items = []any{value}
	}
	if len(items) == 0 {
		b.add(name, &Element{}) // an empty list is there
	}
	for _, item := range items {
		kid := &Element{}
		kid.fill(item, depth+1)
		b.add(name, kid)
	}
}

// In is the first child of one of these names, or an empty element.
func (b *Element) In(names ...string) *Element {
	for _, name := range names {
		if kids := b.Kids[PlainName(name)]; len(kids) > 0 {
			return kids[0]
		}
	}
	return &Element{}
}

// List returns the items of a container, whether they are in it under their own name, without one,
// or without the container.
func (b *Element) List(container, item string) []*Element {
	var items []*Element
	for _, c := range b.Kids[PlainName(container)] {
		switch inner := c.Kids[PlainName(item)]; {
		case len(inner) > 0:
			items = append(items, inner...)
		case len(c.Values) > 0:
			items = append(items, c)
		default:
			items = append(items, c.Kids[ListKey]...)
		}
	}
	if container != item {
		items = append(items, b.Kids[PlainName(item)]...)
	}
	return items
}

// Value is the first value of one of these names.
func (b *Element) Value(names ...string) Text {
	for _, name := range names {
		plain := PlainName(name)
		if i := slices.IndexFunc(b.Values, func(v *NamedValue) bool { return PlainName(v.Name) == plain }); i >= 0 {
			return Text(b.Values[i].Value)
		}
	}
	return ""
}

// Flag reads the first of the names that is there as a flag.
func (b *Element) Flag(names ...string) (f Flag) {
	f.parse(string(b.Value(names...)))
	return f
}

// Number reads the first of the names that is there as a number.
func (b *Element) Number(names ...string) (i Int) {
	i.parse(string(b.Value(names...)))
	return i
}

// Decimal is a number with a fraction; nil for none.
func (b *Element) Decimal(names ...string) *float64 {
	f, err := strconv.ParseFloat(string(b.Value(names...)), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

// Time reads the first of the names that is there as a moment.
func (b *Element) Time(names ...string) (t Time) {
	t.parse(string(b.Value(names...)))
	return t
}

// Others are the values with none of these names, by name.
func (b *Element) Others(known ...string) []*NamedValue {
	others := []*NamedValue{}
	for _, v := range b.Values {
		if !slices.ContainsFunc(known, func(name string) bool { return PlainName(name) == PlainName(v.Name) }) {
			others = append(others, v)
		}
	}
	slices.SortStableFunc(others, func(a, b *NamedValue) int { return strings.Compare(a.Name, b.Name) })
	return others
}

// ElementAnswer is a whole answer as a element.
type ElementAnswer struct {
	Envelope
	Element Element
}

// UnmarshalJSON takes in the answer, and its error by itself.
func (a *ElementAnswer) UnmarshalJSON(data []byte) error {
	if err := a.Element.UnmarshalJSON(data); err != nil {
		return err
	}
	a.findError()
	return nil
}

// UnmarshalXML takes in the answer, and its error by itself.
func (a *ElementAnswer) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	if err := a.Element.UnmarshalXML(d, start); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	a.findError()
	return nil
}

func (a *ElementAnswer) findError() {
	if e := a.Element.In("error"); e.Value("code") != "" {
		a.Error = &wireError{Code: e.Value("code"), Summary: e.Value("summary"), Detail: e.Value("detail")}
	}
}

// NamedValue is a name and a value, for what has no field of its own.
type NamedValue struct {
	Name  string `json:"key" xml:"key,attr"`
	Value string `json:"value" xml:"value,attr"`
}

// HasContainer reports whether an element of this name is there that may hold others: a plain text
// or number may not.
func (b *Element) HasContainer(name string) bool {
	return slices.ContainsFunc(b.Kids[PlainName(name)], func(kid *Element) bool {
		return kid.Text == "" || len(kid.Values) > 0 || len(kid.Kids) > 0
	})
}

// Has reports whether a value or an element of one of these names is there, be it empty.
func (b *Element) Has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return b.Value(name) != "" || len(b.Kids[PlainName(name)]) > 0 })
}

// IsEmpty reports whether nothing is in the element.
func (b *Element) IsEmpty() bool { return b.Text == "" && len(b.Values) == 0 && len(b.Kids) == 0 }

// EachElement makes something of each item of a list; what has no key is left out, for every item
// has one.
func EachElement[T any](items []*Element, make func(*Element) (made *T, key Text)) []*T {
	all := []*T{}
	for _, item := range items {
		if made, key := make(item); key != "" {
			all = append(all, made)
		}
	}
	return all
}

// NoContainer is the error of an answer that lacks what the read is for.
func NoContainer(r SiteRead) error {
	return &Error{Kind: Malformed, Call: r.name(), Status: http.StatusOK, Err: ErrNoContainer}
}
