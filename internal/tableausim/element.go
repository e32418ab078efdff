package tableausim

import (
	"strconv"
	"time"
)

// element is one node of an answer, before it is written as XML or JSON.
//
// In XML it is an element with attributes; in JSON an object whose keys are the names of its children
// and attributes. The mapping is Tableau's own: an element that holds only text is a plain string, text
// beside attributes is the key "value", repeated children are an array under their name, and a list
// without items is an empty object.
type element struct {
	name     string
	attrs    []attr
	children []*element
	text     string
	isText   bool // the element's content is text
	repeated bool // one of possibly many under its parent: an array in JSON
}

// attr is an attribute. Its value is always text in XML; in JSON it is a string too, also for the
// integers of the schema, and only what the schema types as boolean is written bare.
type attr struct {
	name  string
	value string
	bare  bool
}

func el(name string, attrs ...attr) *element {
	return &element{name: name, attrs: attrs}
}

// textElement is an element that holds only text.
func textElement(name, text string) *element {
	return &element{name: name, text: text, isText: true}
}

// item makes e one of many: an entry of an array in JSON.
func item(e *element) *element {
	e.repeated = true
	return e
}

func (e *element) add(children ...*element) *element {
	e.children = append(e.children, children...)
	return e
}

func (e *element) set(a attr) { e.attrs = append(e.attrs, a) }

// attr reads an attribute that was set.
func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (e *element) str(name, value string) { e.set(attr{name: name, value: value}) }

// opt sets a text attribute that Tableau leaves out when it is empty.
func (e *element) opt(name, value string) {
	if value != "" {
		e.str(name, value)
	}
}

func (e *element) int(name string, n int) { e.str(name, strconv.Itoa(n)) }

// flag sets an attribute that the schema types as boolean.
func (e *element) flag(name string, b bool) {
	e.set(attr{name: name, value: strconv.FormatBool(b), bare: true})
}

// textFlag sets an attribute that means yes or no but that the schema types as text (showTabs).
func (e *element) textFlag(name string, b bool) { e.str(name, strconv.FormatBool(b)) }

// when sets a time in UTC with seconds; a time that never was is left out.
func (e *element) when(name string, t time.Time) {
	if !t.IsZero() {
		e.str(name, stamp(t))
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func str(name, value string) attr { return attr{name: name, value: value} }
