package exec

import (
	"context"
	"fmt"
	"slices"
)

// Types are the types of a schema, with the functions that read their fields. Package graph has the
// generated ones.
type Types struct {
	objects   map[string]*Object
	abstracts map[string]*Abstract
}

// Object is an object type.
type Object struct {
	Name       string
	Implements []string // itself, and its interfaces and unions: where a fragment on them concerns it
	Fields     []Field

	byName map[string]*Field
}

// Field is a field of an object type. Objects are passed as the pointers that the types of
// package graph are bound to, nil for the root.
type Field struct {
	Name        string
	Type        string // the object, interface or union type of its values; empty for scalars and enums
	List        bool   // whether it is a list of Type
	NonNull     bool
	ItemNonNull bool
	Method      bool // bound to a method
	Resolver    bool // bound to a method of a resolver

	// Args reads the arguments; nil where the field has none.
	Args func(ctx context.Context, raw map[string]any) (map[string]any, error)
	// Leaf writes a scalar that is read from its object while the answer is written. It reports
	// whether there is a value.
	Leaf func(w *Writer, object any) bool
	// Value returns the value of any other field: nil for null, a pointer for an object, a slice for
	// a list.
	Value func(ctx context.Context, object any, args map[string]any) (any, error)
	// Plain says that Value neither waits nor fails.
	Plain bool
	// Write writes a scalar, or a list of scalars, that Value returned.
	Write func(w *Writer, value any) bool
	// Items appends the items of a list that Value returned; nil for null.
	Items func(value any, items []any) []any
}

// Abstract is an interface or a union.
type Abstract struct {
	Name string
	// Of returns the object type of a value; empty for null and for a value of another type.
	Of func(value any) string
	// Objects are the object types that Of returns.
	Objects []string
}

// NewTypes makes the types of a schema. It panics where a field's type is missing: that is a
// mistake of the generator.
func NewTypes(objects []*Object, abstracts []*Abstract) *Types {
	t := &Types{objects: map[string]*Object{}, abstracts: map[string]*Abstract{}}
	for _, a := range abstracts {
		t.abstracts[a.Name] = a
	}
	for _, o := range objects {
		t.objects[o.Name] = o
		o.byName = make(map[string]*Field, len(o.Fields))
		for i := range o.Fields {
			o.byName[o.Fields[i].Name] = &o.Fields[i]
		}
	}
	for _, a := range abstracts {
		for _, name := range a.Objects {
			if t.objects[name] == nil {
				panic(fmt.Sprintf("exec: %s has the unknown type %s", a.Name, name))
			}
		}
	}
	for _, o := range objects {
		for _, f := range o.Fields {
			if f.Type != "" && t.objects[f.Type] == nil && t.abstracts[f.Type] == nil {
				panic(fmt.Sprintf("exec: field %s.%s has the unknown type %s", o.Name, f.Name, f.Type))
			}
		}
	}
	return t
}

// Abstract returns an interface or a union; nil if there is no such type.
func (t *Types) Abstract(name string) *Abstract { return t.abstracts[name] }

// Extend returns the types with further ones, and with further fields of Query. The members of a new
// interface or union are types that were there before.
func (t *Types) Extend(query []Field, objects []*Object, abstracts []*Abstract) *Types {
	for _, o := range t.objects {
		extended := &Object{Name: o.Name, Implements: slices.Clone(o.Implements), Fields: slices.Clone(o.Fields)}
		for _, a := range abstracts {
			if slices.Contains(a.Objects, o.Name) {
				extended.Implements = append(extended.Implements, a.Name)
			}
		}
		if o.Name == "Query" {
			extended.Fields = append(extended.Fields, query...)
		}
		objects = append(objects, extended)
	}
	for _, a := range t.abstracts {
		abstracts = append(abstracts, a)
	}
	return NewTypes(objects, abstracts)
}

// Each visits every field.
func (t *Types) Each(visit func(*Object, *Field)) {
	for _, o := range t.objects {
		for i := range o.Fields {
			visit(o, &o.Fields[i])
		}
	}
}

// One returns a pointer as a value: nil for a nil pointer.
func One[T any](p *T, err error) (any, error) {
	if p == nil || err != nil {
		return nil, err
	}
	return p, nil
}

// Any returns a value that cannot be nil, or an interface.
func Any[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Many returns a slice as a value; nil for a nil slice where the list may be null.
func Many[T any](list []T, err error) (any, error) {
	if list == nil || err != nil {
		return nil, err
	}
	return list, nil
}

// Every returns a slice as a value of a list that is never null: gqlgen answers a nil slice with an
// empty list there.
func Every[T any](list []T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Pointers appends the items of a slice of pointers.
func Pointers[T any](value any, items []any) []any {
	for _, p := range value.([]*T) {
		if p == nil {
			items = append(items, nil)
		} else {
			items = append(items, p)
		}
	}
	return items
}

// Interfaces appends the items of a slice of interfaces.
func Interfaces[T any](value any, items []any) []any {
	for _, v := range value.([]T) {
		items = append(items, v)
	}
	return items
}

// Structs appends pointers to the items of a slice of structs.
func Structs[T any](value any, items []any) []any {
	list := value.([]T)
	for i := range list {
		items = append(items, &list[i])
	}
	return items
}
