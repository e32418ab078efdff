package rest

import (
	"encoding/xml"
	"io"
	"reflect"
	"strings"
	"sync"
)

// once gives the tokens of an XML document without the repetitions of elements that a type has
// once: encoding/xml would mix the attributes of all of them into one object. The first counts, as
// in JSON where an array of one is taken.
type once struct {
	tokens *xml.Decoder
	root   reflect.Type
	open   []openElement
}

type openElement struct {
	known map[string]child
	seen  map[string]bool
}

// child is an element that a type takes below one of its own.
type child struct {
	single bool
	known  map[string]child // below it; nil where nothing is known
	typ    reflect.Type     // to find known by; nil where known says it
}

// Token implements xml.TokenReader.
func (o *once) Token() (xml.Token, error) {
	for {
		token, err := o.tokens.RawToken()
		if err != nil {
			return token, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if o.begins(token.Name.Local) {
				return token, nil
			}
			if err := o.skip(); err != nil {
				return nil, err
			}
		case xml.EndElement:
			if len(o.open) > 0 {
				o.open = o.open[:len(o.open)-1]
			}
			return token, nil
		default:
			return token, nil
		}
	}
}

// begins opens an element, unless it is one too many.
func (o *once) begins(name string) bool {
	if len(o.open) == 0 {
		o.open = append(o.open, openElement{known: elementsOf(o.root)})
		return true
	}
	parent := &o.open[len(o.open)-1]
	c, ok := parent.known[name]
	if ok && c.single {
		if parent.seen[name] {
			return false
		}
		if parent.seen == nil {
			parent.seen = map[string]bool{}
		}
		parent.seen[name] = true
	}
	below := c.known
	if c.typ != nil {
		below = elementsOf(c.typ)
	}
	o.open = append(o.open, openElement{known: below})
	return true
}

// skip passes over the rest of an element.
func (o *once) skip() error {
	for depth := 1; depth > 0; {
		token, err := o.tokens.RawToken()
		if err == io.EOF { //nolint:errorlint // the decoder never wraps it
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

var elementChildren sync.Map // of reflect.Type to map[string]child

// elementsOf are the elements that a type takes, by name; nil for a type that reads its element
// itself.
func elementsOf(t reflect.Type) map[string]child {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	if known, ok := elementChildren.Load(t); ok {
		return known.(map[string]child)
	}
	var children map[string]child
	if !reflect.PointerTo(t).Implements(xmlReader) {
		children = map[string]child{}
		addChildren(t, children)
	}
	elementChildren.Store(t, children)
	return children
}

func addChildren(t reflect.Type, children map[string]child) {
	for field := range t.Fields() {
		name, kind, _ := strings.Cut(field.Tag.Get("xml"), ",")
		if field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct {
			addChildren(field.Type, children)
			continue
		}
		if name == "" || name == "-" || kind != "" || !field.IsExported() {
			continue
		}
		single := field.Type.Kind() != reflect.Slice || reflect.PointerTo(field.Type).Implements(xmlReader)
		if shapeOf(field.Type).list != "" { // a container: the items of all of them are one list
			single = false
		}
		leaf := child{single: single, typ: field.Type}
		if outer, inner, nested := strings.Cut(name, ">"); nested {
			children[outer] = child{known: map[string]child{inner: leaf}}
		} else {
			children[name] = leaf
		}
	}
}
