package wire

import (
	"slices"
	"strconv"
	"time"
)

// Element is one node of an answer, before it is written as XML or JSON.
//
// In XML it is an element with attributes; in JSON an object whose keys are the names of its
// children and attributes. The mapping is Tableau's own: an element that holds only text is a plain
// string, text beside attributes is the key "value", repeated children are an array under their
// name, and a list without items is an empty object.
type Element struct {
	Name     string
	Attrs    []Attr
	Children []*Element
	text     string
	isText   bool // the element's content is text
	repeated bool // one of possibly many under its parent: an array in JSON
}

// Attr is an attribute. Its value is always text in XML; in JSON it is a string too, also for the
// integers of the schema, and only what the schema types as boolean is written bare.
type Attr struct {
	name  string
	value string
	bare  bool
}

// New returns an element with attributes.
func New(name string, attrs ...Attr) *Element {
	return &Element{Name: name, Attrs: attrs}
}

// Text returns an element that holds only text.
func Text(name, text string) *Element {
	return &Element{Name: name, text: text, isText: true}
}

// Item marks e as one of many under its parent, an entry of an array in JSON, and returns e.
func Item(e *Element) *Element {
	e.repeated = true
	return e
}

// Add appends children and returns e.
func (e *Element) Add(children ...*Element) *Element {
	e.Children = append(e.Children, children...)
	return e
}

// set appends an attribute.
func (e *Element) set(a Attr) { e.Attrs = append(e.Attrs, a) }

// Attr returns the value of an attribute, or "".
func (e *Element) Attr(name string) string {
	for _, a := range e.Attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// Keep removes the attributes whose names do not pass.
func (e *Element) Keep(pass func(name string) bool) {
	e.Attrs = slices.DeleteFunc(slices.Clone(e.Attrs), func(a Attr) bool { return !pass(a.name) })
}

// Str sets a text attribute, also where it is empty.
func (e *Element) Str(name, value string) { e.set(Attr{name: name, value: value}) }

// Opt sets a text attribute that Tableau leaves out when it is empty.
func (e *Element) Opt(name, value string) {
	if value != "" {
		e.Str(name, value)
	}
}

// Int sets a number. It is a string in JSON too.
func (e *Element) Int(name string, n int) { e.Str(name, strconv.Itoa(n)) }

// Flag sets an attribute that the schema types as boolean.
func (e *Element) Flag(name string, b bool) {
	e.set(Attr{name: name, value: strconv.FormatBool(b), bare: true})
}

// TextFlag sets an attribute that means yes or no but that the schema types as text (showTabs).
func (e *Element) TextFlag(name string, b bool) { e.Str(name, strconv.FormatBool(b)) }

// When sets a time in UTC with seconds; a zero time is left out.
func (e *Element) When(name string, t time.Time) {
	if !t.IsZero() {
		e.Str(name, Stamp(t))
	}
}

// Stamp formats a time as Tableau does.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Str returns a text attribute.
func Str(name, value string) Attr { return Attr{name: name, value: value} }
