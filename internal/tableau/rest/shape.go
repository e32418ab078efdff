package rest

import (
	"bytes"
	"encoding"
	"encoding/json"
	"encoding/xml"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"vitrine/internal/tableau/rest/scan"
)

// Unmarshal reads JSON into a value, and forgives each member that has another shape than its type:
// one item instead of an array of one, an array without its container, an object in an array of
// one, and whatever else can be read in one way only. A member that cannot be read at all is left
// out, and costs nothing but itself. Errors are those of JSON that is broken, and of a body that is
// no object where one is wanted.
func Unmarshal(data []byte, into any) error {
	if target := reflect.ValueOf(into).Elem(); target.IsZero() {
		if scan.Decode(data, into, nil, nil).OK {
			return nil
		}
		target.SetZero()
	}
	return unmarshalUnusual(data, into)
}

// unmarshalUnusual is Unmarshal without package scan.
func unmarshalUnusual(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var other *json.UnmarshalTypeError
	if !errors.As(err, &other) {
		return err
	}
	if straightErr := unmarshalStraight(data, into); straightErr != errShapeless { //nolint:errorlint // the sentinel is never wrapped
		return straightErr
	}
	return err
}

var errShapeless = errors.New("nothing in it fits")

// unmarshalStraight is unmarshal the slow way.
func unmarshalStraight(data []byte, into any) error {
	target := reflect.ValueOf(into).Elem()
	data, err := straighten(data, target.Type())
	if err != nil {
		return err
	}
	if data == nil {
		return errShapeless
	}
	target.SetZero() // a first attempt may have left parts
	return json.Unmarshal(data, into)
}

// straighten rewrites JSON so that it decodes into a type: the slow way, for what does not decode
// without it. Nil where nothing in it fits.
func straighten(data []byte, t reflect.Type) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	fitting, ok := shapeOf(t).fit(v)
	if !ok {
		return nil, nil
	}
	return json.Marshal(fitting)
}

// form is what the JSON of a type looks like.
type form uint8

const (
	scalarForm form = iota // a text, a number, a yes or no
	numberForm             // a Go number
	boolForm               // a Go bool
	objectForm             // a struct
	listForm               // a slice of anything but bytes
	ownForm                // a type that decodes itself
	anyForm                // json.RawMessage, and whatever is not known here
)

// shape is what is known of a type that answers are decoded into.
type shape struct {
	form   form
	typ    reflect.Type
	item   *shape            // of a list
	byName map[string]*shape // of an object, by the lower-case name in JSON
	list   string            // the name of an object's list where it has nothing else: it is a container
	text   string            // the name of the member that is an element's text
}

var shapes sync.Map // of reflect.Type to *shape

var (
	jsonReader = reflect.TypeFor[json.Unmarshaler]()
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
	xmlReader  = reflect.TypeFor[xml.Unmarshaler]() // see xmlonce.go
	listReader = reflect.TypeFor[listDecoder]()
)

// scalars are the types that take any JSON scalar, and make nothing of the rest.
var scalars = map[reflect.Type]bool{
	reflect.TypeFor[Text](): true, reflect.TypeFor[Int](): true, reflect.TypeFor[Long](): true, reflect.TypeFor[Flag](): true, reflect.TypeFor[Time](): true,
	reflect.TypeFor[LUID](): true, reflect.TypeFor[Secret](): true,
}

func shapeOf(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	making := map[reflect.Type]*shape{}
	s := makeShape(t, making)
	for t, s := range making {
		shapes.Store(t, s)
	}
	return s
}

// makeShape adds a type and those in it to making, which holds those that are not finished yet:
// types may hold themselves.
func makeShape(t reflect.Type, making map[reflect.Type]*shape) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	if s := making[t]; s != nil {
		return s
	}
	s := &shape{typ: t, form: anyForm}
	making[t] = s
	switch {
	case scalars[t]:
		s.form = scalarForm
	case t == reflect.TypeFor[json.RawMessage]():
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 &&
		(!reflect.PointerTo(t).Implements(jsonReader) || reflect.PointerTo(t).Implements(listReader)):
		s.form, s.item = listForm, makeShape(t.Elem(), making)
	case reflect.PointerTo(t).Implements(jsonReader):
		s.form = ownForm
	case t.Kind() == reflect.String || reflect.PointerTo(t).Implements(textReader):
		s.form = scalarForm
	case t.Kind() == reflect.Bool:
		s.form = boolForm
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64:
		s.form = numberForm
	case t.Kind() == reflect.Struct:
		s.form, s.byName = objectForm, map[string]*shape{}
		s.addMembers(t, making)
		s.list = soleList(s.byName)
	}
	return s
}

// addMembers adds the fields of a struct, with those of the structs embedded in it, by their names
// in JSON.
func (s *shape) addMembers(t reflect.Type, making map[reflect.Type]*shape) {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct:
			s.addMembers(field.Type, making)
			continue
		case !field.IsExported():
			continue
		case name == "":
			name = field.Name
		}
		s.byName[strings.ToLower(name)] = makeShape(field.Type, making)
		if _, rest, _ := strings.Cut(field.Tag.Get("xml"), ","); rest == "chardata" {
			s.text = name
		}
	}
}

// soleList is the name of the one list among an object's members, where there is nothing beside it
// but a pagination.
func soleList(byName map[string]*shape) string {
	list := ""
	for name, member := range byName {
		switch {
		case name == "pagination":
		case member.form == listForm && list == "":
			list = name
		default:
			return ""
		}
	}
	return list
}

// fit gives a decoded JSON value the form that the type takes; ok is false where there is no way to
// read it.
func (s *shape) fit(v any) (fitting any, ok bool) {
	if v == nil {
		return nil, false
	}
	switch s.form {
	case scalarForm:
		return scalarOf(v)
	case numberForm, boolForm:
		return s.trial(plainOf(v))
	case objectForm:
		return s.fitObject(v)
	case listForm:
		return s.fitList(v)
	case ownForm:
		if fitting, ok := s.trial(v); ok {
			return fitting, true
		}
		if inner, wrapped := v.([]any); wrapped && len(inner) == 1 {
			return s.trial(inner[0])
		}
		return nil, false
	default:
		return v, true
	}
}

// trial decodes a value by itself, to see whether its type takes it.
func (s *shape) trial(v any) (any, bool) {
	data, err := json.Marshal(v)
	if err != nil || json.Unmarshal(data, reflect.New(s.typ).Interface()) != nil {
		return nil, false
	}
	return v, true
}

// scalarOf is a scalar as a text, which every scalar type takes.
func scalarOf(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return nil, false
}

// plainOf is a number or a yes or no that is written as a text.
func plainOf(v any) any {
	text, ok := v.(string)
	if !ok || !json.Valid([]byte(text)) {
		return v
	}
	return json.RawMessage(text)
}

// fitObject takes an object, one in an array of one, a text where the object is the attributes
// around a text, and, for a container, the list without it.
func (s *shape) fitObject(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return s.fitMembers(v), true
	case []any:
		if inner, ok := s.unwrapped(v); ok {
			return s.fitObject(inner)
		}
		if s.list != "" {
			return s.fitMembers(map[string]any{s.list: v}), true
		}
	default:
		if text, ok := scalarOf(v); ok && s.text != "" && text != "" {
			return map[string]any{s.text: text}, true
		}
	}
	return nil, false
}

// unwrapped is the object in an array of one; a container's list is not meant where that object has
// the list itself.
func (s *shape) unwrapped(v []any) (map[string]any, bool) {
	if len(v) != 1 {
		return nil, false
	}
	object, ok := v[0].(map[string]any)
	return object, ok && (s.list == "" || has(object, s.list))
}

func (s *shape) fitMembers(v map[string]any) map[string]any {
	if s.list != "" && !has(v, s.list) && s.lone(v) {
		v = map[string]any{s.list: v}
	}
	fitting := make(map[string]any, len(v))
	for name, value := range v {
		member := s.byName[strings.ToLower(name)]
		if member == nil {
			continue
		}
		if value, ok := member.fit(value); ok {
			fitting[name] = value
		}
	}
	return fitting
}

// lone reports whether there is a single item in the place of its container: it has a name of the
// item's, and none of the container's.
func (s *shape) lone(v map[string]any) bool {
	item := s.byName[s.list].item
	for name := range v {
		if name = strings.ToLower(name); item.byName[name] != nil && s.byName[name] == nil {
			return true
		}
	}
	return false
}

func has(v map[string]any, lower string) bool {
	for name := range v {
		if strings.ToLower(name) == lower {
			return true
		}
	}
	return false
}

// fitList takes a list without the items that cannot be read, and a single item. Where a container
// has the same name as its items, the list may be in it or alone.
func (s *shape) fitList(v any) (any, bool) {
	items, many := v.([]any)
	if !many {
		items = []any{v}
	}
	fitting := make([]any, 0, len(items))
	for _, item := range items {
		if inner, wrapped := item.([]any); wrapped && len(inner) == 1 && s.item.form == objectForm {
			item = inner[0]
		}
		if s.item.form == objectForm && s.item.text == "" {
			if _, object := item.(map[string]any); !object {
				continue
			}
		}
		if item, ok := s.item.fit(item); ok && item != "" {
			fitting = append(fitting, item)
		}
	}
	return fitting, true
}
