package tableau

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

// bag is an element of which documents and servers disagree what it looks like: its values may be attributes or elements, its list in
// a container or not, its names written with or without underscores. Values whose names say that they are secret are never taken in.
type bag struct {
	values []*NamedValue
	kids   map[string][]*bag // by plain name
	text   string
}

// maxBagDepth bounds how deep a bag is taken in; what lies deeper is left out.
const maxBagDepth = 12

// plainName is a name as bags compare it.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// isSecret says whether a name is that of a secret.
func isSecret(name string) bool {
	plain := plainName(name)
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(plain, w) }) ||
		slices.ContainsFunc(secretEnds, func(w string) bool { return strings.HasSuffix(plain, w) })
}

// Names with these words are those of secrets wherever the word stands, or only at the end: tokenEndpoint is none.
var (
	secretWords = []string{"secret", "password", "passwd", "passphrase", "privatekey", "signingkey", "encryptionkey"}
	secretEnds  = []string{"token", "tokenvalue", "apikey", "accesskey", "accountkey"}
)

func (b *bag) put(name, value string) {
	if value = strings.TrimSpace(value); value != "" && !isSecret(name) {
		b.values = append(b.values, &NamedValue{Name: name, Value: value})
	}
}

// add takes in a child; one that holds nothing but text is a value too. A setting whose key is that of a secret stays out.
func (b *bag) add(name string, kid *bag) {
	if isSecret(string(kid.value("key"))) {
		return
	}
	if kid.text = strings.TrimSpace(kid.text); kid.text != "" && len(kid.values) == 0 && len(kid.kids) == 0 {
		b.put(name, kid.text)
	}
	if b.kids == nil {
		b.kids = map[string][]*bag{}
	}
	b.kids[plainName(name)] = append(b.kids[plainName(name)], kid)
}

// UnmarshalXML takes in an element.
func (b *bag) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	return b.element(d, start, 0)
}

func (b *bag) element(d *xml.Decoder, start xml.StartElement, depth int) error {
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
			b.text += string(t)
		case xml.EndElement:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (b *bag) child(d *xml.Decoder, start xml.StartElement, depth int) error {
	if isSecret(start.Name.Local) || depth > maxBagDepth {
		return d.Skip()
	}
	kid := &bag{}
	if err := kid.element(d, start, depth); err != nil {
		return err
	}
	b.add(start.Name.Local, kid)
	return nil
}

// UnmarshalJSON takes in a value; what an array holds stands under the name items.
func (b *bag) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	b.fill(v, 0)
	return nil
}

const bagItems = "items"

func (b *bag) fill(v any, depth int) {
	if depth > maxBagDepth {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			b.member(name, value, depth)
		}
	case []any:
		b.member(bagItems, v, depth)
	case string:
		b.text = v
	case json.Number:
		b.text = v.String()
	case bool:
		b.text = strconv.FormatBool(v)
	}
}

func (b *bag) member(name string, value any, depth int) {
	if isSecret(name) {
		return
	}
	items, many := value.([]any)
	if !many {
		items = []any{value}
	}
	if len(items) == 0 {
		b.add(name, &bag{}) // an empty list is there
	}
	for _, item := range items {
		kid := &bag{}
		kid.fill(item, depth+1)
		b.add(name, kid)
	}
}

// in is the first child of one of these names, or an empty bag.
func (b *bag) in(names ...string) *bag {
	for _, name := range names {
		if kids := b.kids[plainName(name)]; len(kids) > 0 {
			return kids[0]
		}
	}
	return &bag{}
}

// list gives the items of a container, whether they stand in it under their own name, without one, or without the container.
func (b *bag) list(container, item string) []*bag {
	var items []*bag
	for _, c := range b.kids[plainName(container)] {
		switch inner := c.kids[plainName(item)]; {
		case len(inner) > 0:
			items = append(items, inner...)
		case len(c.values) > 0:
			items = append(items, c)
		default:
			items = append(items, c.kids[bagItems]...)
		}
	}
	if container != item {
		items = append(items, b.kids[plainName(item)]...)
	}
	return items
}

// value is the first value of one of these names.
func (b *bag) value(names ...string) Text {
	for _, name := range names {
		plain := plainName(name)
		if i := slices.IndexFunc(b.values, func(v *NamedValue) bool { return plainName(v.Name) == plain }); i >= 0 {
			return Text(b.values[i].Value)
		}
	}
	return ""
}

func (b *bag) flag(names ...string) (f Flag) {
	f.parse(string(b.value(names...)))
	return f
}

func (b *bag) number(names ...string) (i Int) {
	i.parse(string(b.value(names...)))
	return i
}

// decimal is a number with a fraction; nil for none.
func (b *bag) decimal(names ...string) *float64 {
	f, err := strconv.ParseFloat(string(b.value(names...)), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

func (b *bag) time(names ...string) (t Time) {
	t.parse(string(b.value(names...)))
	return t
}

// others are the values with none of these names, by name.
func (b *bag) others(known ...string) []*NamedValue {
	others := []*NamedValue{}
	for _, v := range b.values {
		if !slices.ContainsFunc(known, func(name string) bool { return plainName(name) == plainName(v.Name) }) {
			others = append(others, v)
		}
	}
	slices.SortStableFunc(others, func(a, b *NamedValue) int { return strings.Compare(a.Name, b.Name) })
	return others
}

// bagAnswer is a whole answer as a bag.
type bagAnswer struct {
	envelope
	bag bag
}

// UnmarshalJSON takes in the answer, and its error by itself.
func (a *bagAnswer) UnmarshalJSON(data []byte) error {
	if err := a.bag.UnmarshalJSON(data); err != nil {
		return err
	}
	a.findError()
	return nil
}

// UnmarshalXML takes in the answer, and its error by itself.
func (a *bagAnswer) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	if err := a.bag.UnmarshalXML(d, start); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	a.findError()
	return nil
}

func (a *bagAnswer) findError() {
	if e := a.bag.in("error"); e.value("code") != "" {
		a.Error = &wireError{Code: e.value("code"), Summary: e.value("summary"), Detail: e.value("detail")}
	}
}

// NamedValue is a name and a value, for what has no field of its own.
type NamedValue struct {
	Name  string `json:"key" xml:"key,attr"`
	Value string `json:"value" xml:"value,attr"`
}

// hasContainer reports whether an element of this name is there that may hold others: a plain text or number may not.
func (b *bag) hasContainer(name string) bool {
	return slices.ContainsFunc(b.kids[plainName(name)], func(kid *bag) bool {
		return kid.text == "" || len(kid.values) > 0 || len(kid.kids) > 0
	})
}

// has reports whether a value or an element of one of these names is there, be it empty.
func (b *bag) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return b.value(name) != "" || len(b.kids[plainName(name)]) > 0 })
}

// isEmpty reports whether nothing is in the bag.
func (b *bag) isEmpty() bool { return b.text == "" && len(b.values) == 0 && len(b.kids) == 0 }

// eachBag makes something of each item of a list; what has no key is left out, for every item has one.
func eachBag[T any](items []*bag, make func(*bag) (made *T, key Text)) []*T {
	all := []*T{}
	for _, item := range items {
		if made, key := make(item); key != "" {
			all = append(all, made)
		}
	}
	return all
}

// hollow is the error of an answer that lacks what the read is for.
func hollow(r siteRead) error {
	return &Error{Kind: Malformed, Call: r.name(), Status: http.StatusOK, Err: errHollow}
}
