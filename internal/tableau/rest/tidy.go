package rest

import (
	"reflect"
	"sync"
)

// tidy takes out of a decoded answer what stands for nothing: nulls and empty items among the items
// of lists, at any depth, and objects without any member. A resource may so rely on every item and
// every reference that it meets. An object that has a list stays where it is empty: it says that
// there are no items.
func tidy(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			tidy(v.Elem())
		}
	case reflect.Struct:
		for _, field := range tidiable(v.Type()) {
			tidyField(v.Field(field.index), field.keeps)
		}
	case reflect.Slice:
		tidyList(v)
	}
}

func tidyField(v reflect.Value, keeps bool) {
	if v.Kind() != reflect.Pointer {
		tidy(v)
		return
	}
	if v.IsNil() {
		return
	}
	tidy(v.Elem())
	if !keeps && v.Elem().IsZero() {
		v.SetZero()
	}
}

// tidyList drops items that are nil or say nothing. It writes into the list itself: nobody else has
// it yet.
func tidyList(v reflect.Value) {
	pointers, kept := v.Type().Elem().Kind() == reflect.Pointer, 0
	for i := range v.Len() {
		item := v.Index(i)
		if pointers && item.IsNil() {
			continue
		}
		tidy(item)
		if pointers && item.Elem().IsZero() {
			continue
		}
		if kept < i {
			v.Index(kept).Set(item)
		}
		kept++
	}
	if kept < v.Len() {
		v.Set(v.Slice(0, kept))
	}
}

// tidiedField is a field with something in it that may have to go.
type tidiedField struct {
	index int
	keeps bool // an empty one stays
}

var tidiables sync.Map // of reflect.Type to []tidiedField

// tidiable are the fields of a struct that answers fill and that hold objects or lists of them.
func tidiable(t reflect.Type) []tidiedField {
	if known, ok := tidiables.Load(t); ok {
		return known.([]tidiedField)
	}
	var fields []tidiedField
	for i := range t.NumField() {
		field := t.Field(i)
		if !field.IsExported() && !field.Anonymous || !holdsObjects(field.Type, map[reflect.Type]bool{}) {
			continue
		}
		if field.Anonymous && field.Type.Kind() == reflect.Pointer {
			continue
		}
		fields = append(fields, tidiedField{i, field.Type.Kind() == reflect.Pointer && hasList(field.Type.Elem())})
	}
	tidiables.Store(t, fields)
	return fields
}

// holdsObjects says whether a type has pointers to structs, or lists of them, which may be empty.
func holdsObjects(t reflect.Type, within map[reflect.Type]bool) bool {
	if within[t] {
		return false
	}
	within[t] = true
	switch t.Kind() {
	case reflect.Pointer:
		return t.Elem().Kind() == reflect.Struct
	case reflect.Slice:
		return t.Elem().Kind() == reflect.Pointer || t.Elem().Kind() == reflect.Struct && holdsObjects(t.Elem(), within)
	case reflect.Struct:
		for field := range t.Fields() {
			if (field.IsExported() || field.Anonymous) && holdsObjects(field.Type, within) {
				return true
			}
		}
	}
	return false
}

// hasList says whether one of a struct's own fields is a list.
func hasList(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for field := range t.Fields() {
		if field.IsExported() && field.Type.Kind() == reflect.Slice {
			return true
		}
	}
	return false
}
