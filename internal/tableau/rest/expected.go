package rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"reflect"
	"slices"
	"strings"
)

// ErrNoContainer is of an answer that has none of what its method answers: that is no empty list.
var ErrNoContainer = errors.New("it has nothing of what was asked for: tableau.url may lead to something that is no Tableau")

// checkExpected says whether an answer has at least one of the members that its type knows. An
// empty container is one. So is a pagination that says that there is nothing: then the container
// may be left out. Without this an answer of something else would read as an empty list.
func checkExpected(body []byte, into Answer) error {
	v := reflect.ValueOf(into).Elem()
	if v.Type() == reflect.TypeFor[Envelope]() {
		return nil
	}
	total, counts := totalOf(v)
	switch {
	case total.V > 0 && !sentItems(body, v, counts):
		return ErrNoContainer
	case filled(v), total == NewInt(0):
		return nil
	}
	names := expectedNames(v.Type())
	switch {
	case len(names) == 0:
		return nil
	case counts: // numbers about a list that is not there
		return ErrNoContainer
	}
	if slices.ContainsFunc(emptyMembers(body), func(name string) bool { return slices.Contains(names, strings.ToLower(name)) }) {
		return nil
	}
	return ErrNoContainer
}

// expectedNames are the names of an answer's members beside those that every answer may have.
func expectedNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Type == reflect.TypeFor[Envelope]():
		case field.Anonymous && field.Type.Kind() == reflect.Struct:
			names = append(names, expectedNames(field.Type)...)
		case name != "" && name != "-":
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}

// filled says whether anything was decoded beside the envelope, and beside numbers about a list.
func filled(v reflect.Value) bool {
	for i := range v.NumField() {
		field, f := v.Type().Field(i), v.Field(i)
		switch {
		case f.IsZero(), field.Type == reflect.TypeFor[Envelope](), isCount(field):
		case field.Type == reflect.TypeFor[json.RawMessage]():
			if raw := bytes.TrimSpace(f.Bytes()); raw[0] == '{' || raw[0] == '[' {
				return true
			}
		case field.Anonymous && field.Type.Kind() == reflect.Struct, field.Type.Kind() == reflect.Pointer && countsItems(field.Type.Elem()):
			if filled(reflect.Indirect(f)) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// emptyMembers are the names of the members of an answer whose value is a container or stands for
// an empty one: null, "", an object or an array. Others are no container.
func emptyMembers(body []byte) []string {
	var names []string
	if len(body) > 0 && body[0] == '<' {
		return childElements(body)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil
	}
	for name, value := range object {
		value = bytes.TrimSpace(value)
		if len(value) > 0 && (value[0] == '{' || value[0] == '[' || value[0] == 'n' || ScalarText(value) == "") {
			names = append(names, name)
		}
	}
	return names
}

// childElements are the names of the elements right below the root. The body was decoded before: it
// is well-formed.
func childElements(body []byte) []string {
	var names []string
	d := xml.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		token, err := d.RawToken()
		if err != nil {
			return names
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				names = append(names, token.Name.Local)
			}
		case xml.EndElement:
			depth--
		}
	}
}

// elementAt reports whether there is an element at a path below the root.
func elementAt(body []byte, path []string) bool {
	d := xml.NewDecoder(bytes.NewReader(body))
	depth, met := 0, 0 // how many elements are open, and how many of them lead along the path
	for {
		token, err := d.RawToken()
		if err != nil {
			return false
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == met+2 && met < len(path) && strings.EqualFold(token.Name.Local, path[met]) {
				if met++; met == len(path) {
					return true
				}
			}
		case xml.EndElement:
			if depth--; depth < met+1 {
				met = max(depth-1, 0)
			}
		}
	}
}
