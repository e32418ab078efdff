package scan

import (
	"encoding/json"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// Values are written by their address: reflection for each of them would cost a third of decoding.
// An address is always that of a value of the plan's type. Pointers and the headers of slices are
// stored as such, so that the garbage collector sees them.

// value decodes the value that begins here, into what is stored at an address. nonzero says that it
// is not zero afterwards.
func (d *decoder) value(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	if d.at >= len(d.data) {
		return false, false
	}
	switch p.kind {
	case textKind:
		return d.textValue((*string)(at))
	case scalarKind:
		return d.scalarValue(p, at)
	case pointerKind:
		if p.shared && d.tidy != nil && d.data[d.at] == '{' {
			return d.sharedPointer(p, at)
		}
		return d.pointer(p, at)
	case structKind:
		if d.data[d.at] == '{' {
			return d.object(p, at)
		}
		return false, d.null()
	case listKind:
		if d.data[d.at] == '[' {
			return d.list(p, at)
		}
		return false, d.null()
	case boolKind:
		return d.boolValue((*bool)(at))
	default:
		return d.foreign(p, at)
	}
}

func (d *decoder) textValue(v *string) (nonzero, ok bool) {
	if d.data[d.at] != '"' {
		return false, d.null()
	}
	text, ok := d.text()
	if !ok {
		return false, false
	}
	*v = d.texts.String(text)
	return len(text) > 0, true
}

func (d *decoder) boolValue(v *bool) (nonzero, ok bool) {
	switch d.data[d.at] {
	case 't':
		*v = true
		return true, d.literal("true")
	case 'f':
		*v = false
		return false, d.literal("false")
	}
	return false, d.null()
}

func (d *decoder) scalarValue(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	var text []byte
	begin := d.at
	switch c := d.data[d.at]; {
	case c == '"':
		text, ok = d.text()
	case c == 't':
		ok = d.literal("true")
		text = d.data[begin:d.at]
	case c == 'f':
		ok = d.literal("false")
		text = d.data[begin:d.at]
	case c == '-' || isDigit(c):
		ok = d.number()
		text = d.data[begin:d.at]
	default:
		return false, d.null()
	}
	if !ok {
		return false, false
	}
	return p.scalarAt(at).ScanText(text, &d.texts), true
}

// pointer decodes null, or the value that is pointed to.
func (d *decoder) pointer(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	if d.data[d.at] == 'n' {
		return false, d.literal("null")
	}
	drop := d.tidy != nil && !p.keeps && p.of.typ.Kind() == reflect.Struct
	if drop && p.of.kind == structKind && d.emptyObject() {
		return false, true
	}
	target := reflect.New(p.of.typ).UnsafePointer()
	nonzero, ok = d.value(p.of, target)
	if !ok || drop && !nonzero {
		return false, ok
	}
	*(*unsafe.Pointer)(at) = target
	return true, true
}

// emptyObject passes over {}.
func (d *decoder) emptyObject() bool {
	if d.at+1 < len(d.data) && d.data[d.at] == '{' && d.data[d.at+1] == '}' {
		d.at += 2
		return true
	}
	return false
}

func (d *decoder) object(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	if d.depth++; d.depth > maxDepth {
		return false, false
	}
	var seen fieldSet
	needed := d.needed.of(p)
	for i, first := beginning, true; ; first = false {
		var end, set bool
		if i, end, ok = d.field(p, i, first); !ok {
			return false, false
		}
		if end {
			d.depth--
			return nonzero, true
		}
		if i == noField {
			d.unknown = true
			if !d.skip() {
				return false, false
			}
			continue
		}
		if seen.has(i) { // encoding/json knows what to do
			return false, false
		}
		seen.add(i)
		if needed == nil || needed.has(i) {
			set, ok = d.value(p.fields[i].plan, unsafe.Add(at, p.fields[i].offset))
		} else {
			set, ok = d.passOver()
		}
		if !ok {
			return false, false
		}
		nonzero = nonzero || set
	}
}

// What field takes and returns beside the number of a field.
const (
	beginning = -1 // of the object
	noField   = -2 // a member that no field has the name of
)

// field passes over what comes before the next value of an object, as member does, and returns the
// field of the value. before is the field of the value before it.
func (d *decoder) field(p *plan, before int, first bool) (i int, end, ok bool) {
	var expected *atomic.Int32
	if before != noField && d.at < len(d.data) && (first || d.data[d.at] == ',') && len(p.fields) > 0 {
		expected = &p.follows[before+1]
		i := int(expected.Load())
		quoted := p.fields[i].quoted
		if rest := d.data[d.at+1:]; len(rest) > len(quoted) && string(rest[:len(quoted)]) == quoted {
			d.at += 1 + len(quoted)
			d.space()
			return i, false, true
		}
	}
	name, end, ok := d.member(first)
	if end || !ok {
		return noField, end, ok
	}
	if i, ok = p.find(name); i < 0 {
		return noField, false, ok
	}
	if expected != nil {
		expected.Store(int32(i))
	}
	return i, false, true
}

// slice is a slice in memory.
type slice struct {
	items    unsafe.Pointer
	len, cap int
}

// list decodes an array. A list is not zero, even without items.
func (d *decoder) list(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	if d.depth++; d.depth > maxDepth {
		return false, false
	}
	d.lists++
	list := (*slice)(at)
	begin, want := d.at, 0
	for first := true; ; first = false {
		end, ok := d.element(first)
		if !ok {
			return false, false
		}
		if end {
			break
		}
		if list.len == 1 && want == 0 && d.lists == 1 { // the others will be about as long as the first
			want = (len(d.data)-d.at)/(d.at-begin) + 1
			p.valueAt(at).Grow(min(want, maxAhead))
		}
		if list.len == list.cap {
			p.valueAt(at).Grow(max(list.len, 2))
		}
		if !d.append(p.of, list, want-list.len) {
			return false, false
		}
	}
	if list.items == nil {
		p.valueAt(at).Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	d.depth--
	d.lists--
	return true, true
}

// maxAhead bounds the room for items that are expected.
const maxAhead = 1 << 10

// append decodes one item of a list, which has room for it. want is how many more are expected.
func (d *decoder) append(p *plan, list *slice, want int) bool {
	if d.at >= len(d.data) {
		return false
	}
	null := d.data[d.at] == 'n'
	if null && p.kind != pointerKind { // encoding/json keeps what was there
		return false
	}
	item := unsafe.Add(list.items, uintptr(list.len)*p.size)
	list.len++
	var nonzero, ok bool
	if p.kind == pointerKind && !null && !p.shared { // an item that is empty is dropped, whatever its type
		target := d.target(p.of, want)
		nonzero, ok = d.value(p.of, target)
		*(*unsafe.Pointer)(item) = target
	} else {
		nonzero, ok = d.value(p, item)
	}
	if p.kind == pointerKind && !nonzero && d.tidy != nil {
		*(*unsafe.Pointer)(item) = nil
		list.len--
	}
	return ok
}

// target returns a pointer to a new item of a list. Those of the outermost list are allocated
// together.
func (d *decoder) target(p *plan, want int) unsafe.Pointer {
	if d.lists == 1 && p.kind == structKind {
		return d.item(p, want)
	}
	return reflect.New(p.typ).UnsafePointer()
}

// foreign decodes a value by its UnmarshalJSON or by encoding/json.
func (d *decoder) foreign(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	begin := d.at
	if !d.skip() {
		return false, false
	}
	raw := d.data[begin:d.at:d.at]
	v := p.valueAt(at)
	var err error
	if p.kind == ownKind {
		err = v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw)
	} else {
		err = json.Unmarshal(raw, v.Addr().Interface())
	}
	if err != nil {
		return false, false
	}
	if d.tidy != nil {
		d.tidy(v)
	}
	return !v.IsZero(), true
}
