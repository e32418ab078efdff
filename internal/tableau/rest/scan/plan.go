package scan

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Scalar is a type that reads itself from the text of a JSON string, number, true or false. It must
// make of it what its UnmarshalJSON makes of the same value, and of null nothing.
type Scalar interface {
	// ScanText reads a text, which is good until it returns, and reports whether the value is not
	// zero. It takes its strings from texts.
	ScanText(text []byte, texts *Texts) (nonzero bool)
}

// kind is how a type is decoded.
type kind uint8

const (
	otherKind   kind = iota // by encoding/json
	ownKind                 // by its UnmarshalJSON
	scalarKind              // a Scalar
	textKind                // a string
	boolKind                // a bool
	structKind              // an object
	pointerKind             // null, or as what it points to
	listKind                // an array
)

// plan is how a type is decoded. Plans are made once for each type, and are read-only afterwards but
// for what follows.
type plan struct {
	kind   kind
	typ    reflect.Type
	size   uintptr      // of a value, in bytes
	scalar Scalar       // a pointer to a value of the type; see scalarAt
	slice  reflect.Type // of a struct: a slice of it
	of     *plan        // of a pointer or a list
	fields []field      // of a struct
	slots  []int16      // the first field of each hash, or -1
	keeps  bool         // of a pointer: to a struct with a list, which stays when it is empty
	shared bool         // of a pointer: equal objects of an answer are one

	// follows has, for the beginning of an object and for each of its fields, the field that came next
	// in the last object: the objects of a list have their members in the same order.
	follows []atomic.Int32
}

// field is a member of an object.
type field struct {
	name   string
	quoted string  // as it is written: the name in quotation marks, and a colon
	offset uintptr // in the struct
	plan   *plan
	next   int16 // the next field of the same hash, or -1
}

// scalarAt returns the Scalar that is stored at an address. An interface value that holds a pointer
// is two words: a description of its type, and the pointer.
func (p *plan) scalarAt(at unsafe.Pointer) Scalar {
	s := p.scalar
	(*[2]unsafe.Pointer)(unsafe.Pointer(&s))[1] = at
	return s
}

// valueAt returns the value that is stored at an address.
func (p *plan) valueAt(at unsafe.Pointer) reflect.Value { return reflect.NewAt(p.typ, at).Elem() }

var plans sync.Map // of reflect.Type to *plan

// planOf returns the plan of a type.
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	making := map[reflect.Type]*plan{}
	p := makePlan(t, making)
	for t, p := range making {
		plans.Store(t, p)
	}
	return p
}

var (
	scalarType = reflect.TypeFor[Scalar]()
	ownType    = reflect.TypeFor[json.Unmarshaler]()
	listType   = reflect.TypeFor[List]()
)

// List marks a slice type whose UnmarshalJSON makes of an array what encoding/json makes of it.
type List interface{ IsList() }

// makePlan adds the plans of a type and of those in it to making, which holds those that are not
// finished yet: types may hold themselves.
func makePlan(t reflect.Type, making map[reflect.Type]*plan) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	if p := making[t]; p != nil {
		return p
	}
	p := &plan{typ: t, size: t.Size()}
	making[t] = p
	switch pointer := reflect.PointerTo(t); {
	case pointer.Implements(scalarType):
		p.kind, p.scalar = scalarKind, reflect.New(t).Interface().(Scalar)
	case pointer.Implements(ownType) && !(t.Kind() == reflect.Slice && pointer.Implements(listType)):
		p.kind = ownKind
	case t.Kind() == reflect.String:
		p.kind = textKind
	case t.Kind() == reflect.Bool:
		p.kind = boolKind
	case t.Kind() == reflect.Struct:
		p.addFields(making)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer:
		p.pointTo(t.Elem(), making)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		p.kind, p.of = listKind, makePlan(t.Elem(), making)
	}
	return p
}

func (p *plan) pointTo(t reflect.Type, making map[reflect.Type]*plan) {
	p.kind, p.of, p.keeps = pointerKind, makePlan(t, making), hasList(t)
}

// makeSharedPlan makes the plan of a field with the tag: a pointer to a struct, or a list of them.
func makeSharedPlan(t reflect.Type, making map[reflect.Type]*plan) *plan {
	p := &plan{typ: t, size: t.Size()}
	if t.Kind() == reflect.Slice {
		p.kind, p.of = listKind, makeSharedPlan(t.Elem(), making)
	} else {
		p.pointTo(t.Elem(), making)
		p.shared = p.of.kind == structKind || p.of.kind == otherKind
	}
	return p
}

// maxFields is how many members an object may have. encoding/json decodes a struct with more.
const maxFields = 128

// addFields makes the plan of a struct, unless encoding/json has rules for it that are not known
// here.
func (p *plan) addFields(making map[reflect.Type]*plan) {
	fields, ok := fieldsOf(p.typ, 0, making)
	if !ok || len(fields) > maxFields {
		return
	}
	p.kind, p.fields, p.slice = structKind, fields, reflect.SliceOf(p.typ)
	p.follows = make([]atomic.Int32, len(fields)+1)
	size := 4
	for size < 4*len(fields) {
		size *= 2
	}
	p.slots = make([]int16, size)
	for i := range p.slots {
		p.slots[i] = -1
	}
	for i := len(fields) - 1; i >= 0; i-- { // the first of a hash comes first
		slot := &p.slots[hash([]byte(fields[i].name))&uint32(size-1)]
		fields[i].next, *slot = *slot, int16(i)
	}
}

// fieldsOf returns the fields of a struct that begins at an offset, with those of the structs
// embedded in it. It reports false where two have the same name, and for embedded pointers and
// options of tags.
func fieldsOf(t reflect.Type, begin uintptr, making map[reflect.Type]*plan) (fields []field, ok bool) {
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		offset := begin + f.Offset
		switch {
		case tag == "-":
			continue
		case options != "" || !isASCII(name) || f.Anonymous && f.Type.Kind() == reflect.Pointer:
			return nil, false
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			inner, ok := fieldsOf(f.Type, offset, making)
			if !ok {
				return nil, false
			}
			fields = append(fields, inner...)
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		make := makePlan
		if f.Tag.Get("scan") == "shared" {
			make = makeSharedPlan
		}
		fields = append(fields, field{name: name, quoted: `"` + name + `":`, offset: offset, plan: make(f.Type, making)})
	}
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.name] {
			return nil, false
		}
		seen[f.name] = true
	}
	return fields, true
}

// hasList reports whether one of a struct's own fields is a list.
func hasList(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for f := range t.Fields() {
		if f.IsExported() && f.Type.Kind() == reflect.Slice {
			return true
		}
	}
	return false
}

// find returns the field of a name as encoding/json does: the one that has exactly this name, else
// the first that has it without case. It is -1 for none, and not ok for letters beyond ASCII, some
// of which equal ASCII letters without case.
func (p *plan) find(name []byte) (i int, ok bool) {
	first := p.slots[hash(name)&uint32(len(p.slots)-1)]
	for i := first; i >= 0; i = p.fields[i].next {
		if p.fields[i].name == string(name) {
			return int(i), true
		}
	}
	for _, c := range name {
		if c >= 0x80 {
			return -1, false
		}
	}
	for i := first; i >= 0; i = p.fields[i].next {
		if len(p.fields[i].name) == len(name) && strings.EqualFold(p.fields[i].name, string(name)) {
			return int(i), true
		}
	}
	return -1, true
}

// hash is the same for names that differ in case alone.
func hash(name []byte) uint32 {
	n := len(name)
	if n == 0 {
		return 0
	}
	const lower = 0x20
	first, middle, last := uint32(name[0]|lower), uint32(name[n/2]|lower), uint32(name[n-1]|lower)
	return (uint32(n) + first<<5 + middle<<10 + last<<15) * 0x9e3779b1 >> 16
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
