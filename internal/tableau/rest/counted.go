package rest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Numbers about a list are no list: an answer that says how many items there are, and has none, has
// lost them.

// countNames are the names of such numbers.
var countNames = []string{"total", "totalcount", "limit"}

func isCount(f reflect.StructField) bool {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return f.Type == reflect.TypeFor[Int]() && slices.Contains(countNames, strings.ToLower(name))
}

// countsItems reports whether a type is a list and numbers about it.
func countsItems(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	counted := false
	for f := range t.Fields() {
		counted = counted || isCount(f)
	}
	return counted
}

// totalOf returns how many items an answer says there are, on its first page, and whether it has
// such numbers at all beside the pagination.
func totalOf(v reflect.Value) (total Int, counts bool) {
	for i := range v.NumField() {
		field, f := v.Type().Field(i), v.Field(i)
		switch {
		case f.IsZero():
		case field.Type == reflect.TypeFor[Envelope]():
			if p := f.Interface().(Envelope).Pagination; !total.Valid && (p.PageNumber.V <= 1 || p.TotalAvailable.V == 0) {
				total = p.TotalAvailable
			}
		case isCount(field):
			counts = true
			if name := strings.ToLower(field.Name); strings.HasPrefix(name, "total") {
				total = f.Interface().(Int)
			}
		case field.Anonymous && field.Type.Kind() == reflect.Struct, field.Type.Kind() == reflect.Pointer && countsItems(field.Type.Elem()):
			if t, c := totalOf(reflect.Indirect(f)); c {
				total, counts = t, true
			}
		}
	}
	return total, counts
}

// sentItems reports whether an answer has items, be it such that cannot be read, wherever its type
// has a list. It is true for types that have none. Without a pagination it is not known which page
// an answer is: then an empty list is the end of one.
func sentItems(body []byte, v reflect.Value, counts bool) bool {
	if hasItems(v) {
		return true
	}
	lists := listsOf(v)
	if len(lists) == 0 {
		return true
	}
	for path, list := range lists {
		if list.Type() != reflect.TypeFor[json.RawMessage]() && (list.Len() > 0 || counts && !list.IsNil()) || memberAt(body, strings.Split(path, "/")) {
			return true
		}
	}
	return false
}

// hasItems reports whether one of the lists that listsOf returns has items.
func hasItems(v reflect.Value) bool {
	for i := range v.NumField() {
		field, f := v.Type().Field(i), v.Field(i)
		inner := reflect.Indirect(f) // not valid for a nil pointer
		switch {
		case field.Type == reflect.TypeFor[Envelope]() || !field.Anonymous && !strings.Contains(string(field.Tag), `json:"`):
		case field.Type.Kind() == reflect.Slice:
			if f.Len() > 0 && field.Type != reflect.TypeFor[json.RawMessage]() && field.Tag.Get("json") != "-" {
				return true
			}
		case inner.IsValid() && inner.Kind() == reflect.Struct && (field.Anonymous || isWrapper(inner.Type())) && hasItems(inner):
			return true
		}
	}
	return false
}

// listsOf are the lists of an answer, by the names of the members that lead to them.
func listsOf(v reflect.Value) map[string]reflect.Value {
	lists := map[string]reflect.Value{}
	for i := range v.NumField() {
		field, f := v.Type().Field(i), v.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case field.Type == reflect.TypeFor[Envelope]() || !field.Anonymous && (name == "" || name == "-"):
		case field.Type.Kind() == reflect.Slice:
			lists[name] = f
		case inner.Kind() == reflect.Struct && !f.IsZero() && (field.Anonymous || isWrapper(inner)):
			for below, list := range listsOf(reflect.Indirect(f)) {
				if name != "" {
					below = name + "/" + below
				}
				lists[below] = list
			}
		case inner.Kind() == reflect.Struct && isWrapper(inner): // empty
			for below, list := range listsOf(reflect.New(inner).Elem()) {
				lists[name+"/"+below] = list
			}
		}
	}
	return lists
}

// isWrapper reports whether a type is one list and perhaps numbers about it.
func isWrapper(t reflect.Type) bool {
	lists := 0
	for f := range t.Fields() {
		switch {
		case f.Type.Kind() == reflect.Slice && f.IsExported():
			lists++
		case !isCount(f):
			return false
		}
	}
	return lists == 1
}

// memberAt reports whether a body has something at a path of members.
func memberAt(body []byte, path []string) bool {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '<' {
		return elementAt(body, path)
	}
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil {
			return false
		}
		body = nil
		for key, value := range object {
			if strings.EqualFold(key, name) {
				body = bytes.TrimSpace(value)
			}
		}
	}
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch {
	case json.Unmarshal(body, &list) == nil:
		return len(list) > 0
	case json.Unmarshal(body, &object) == nil:
		return len(object) > 0
	}
	return len(body) > 0 && ScalarText(body) != ""
}
