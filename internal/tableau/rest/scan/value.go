package scan

import (
	"encoding/json"
	"reflect"
)

// value decodes the value that begins here. nonzero says that v is not zero afterwards.
func (d *decoder) value(p *plan, v reflect.Value) (nonzero, ok bool) {
	if d.at >= len(d.data) {
		return false, false
	}
	switch p.kind {
	case textKind:
		return d.textValue(v)
	case scalarKind:
		return d.scalarValue(v)
	case pointerKind:
		if p.shared && d.tidy != nil && d.data[d.at] == '{' {
			return d.sharedPointer(p, v)
		}
		return d.pointer(p, v)
	case structKind:
		if d.data[d.at] == '{' {
			return d.object(p, v)
		}
		return false, d.null()
	case listKind:
		if d.data[d.at] == '[' {
			return d.list(p, v)
		}
		return false, d.null()
	case boolKind:
		return d.boolValue(v)
	default:
		return d.foreign(p, v)
	}
}

func (d *decoder) textValue(v reflect.Value) (nonzero, ok bool) {
	if d.data[d.at] != '"' {
		return false, d.null()
	}
	text, ok := d.text()
	if !ok {
		return false, false
	}
	v.SetString(d.texts.String(text))
	return len(text) > 0, true
}

func (d *decoder) boolValue(v reflect.Value) (nonzero, ok bool) {
	switch d.data[d.at] {
	case 't':
		v.SetBool(true)
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	}
	return false, d.null()
}

func (d *decoder) scalarValue(v reflect.Value) (nonzero, ok bool) {
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
	return v.Addr().Interface().(Scalar).ScanText(text, &d.texts), true
}

// pointer decodes null, or the value that is pointed to.
func (d *decoder) pointer(p *plan, v reflect.Value) (nonzero, ok bool) {
	if d.data[d.at] == 'n' {
		return false, d.literal("null")
	}
	drop := d.tidy != nil && !p.keeps && p.of.typ.Kind() == reflect.Struct
	if drop && p.of.kind == structKind && d.emptyObject() {
		return false, true
	}
	target := reflect.New(p.of.typ)
	nonzero, ok = d.value(p.of, target.Elem())
	if !ok || drop && !nonzero {
		return false, ok
	}
	v.Set(target)
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

func (d *decoder) object(p *plan, v reflect.Value) (nonzero, ok bool) {
	if d.depth++; d.depth > maxDepth {
		return false, false
	}
	var seen fieldSet
	needed := d.needed.of(p)
	for first := true; ; first = false {
		name, end, ok := d.member(first)
		if !ok {
			return false, false
		}
		if end {
			d.depth--
			return nonzero, true
		}
		i, ok := p.find(name)
		if !ok {
			return false, false
		}
		if i < 0 {
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
		var set bool
		if needed == nil || needed.has(i) {
			set, ok = d.value(p.fields[i].plan, p.fields[i].in(v))
		} else {
			set, ok = d.passOver()
		}
		if !ok {
			return false, false
		}
		nonzero = nonzero || set
	}
}

// list decodes an array. A list is not zero, even without items.
func (d *decoder) list(p *plan, v reflect.Value) (nonzero, ok bool) {
	if d.depth++; d.depth > maxDepth {
		return false, false
	}
	d.lists++
	begin, want := d.at, 0
	for first := true; ; first = false {
		end, ok := d.element(first)
		if !ok {
			return false, false
		}
		if end {
			break
		}
		if v.Len() == 1 && want == 0 && d.lists == 1 { // the others will be about as long as the first
			want = (len(d.data)-d.at)/(d.at-begin) + 1
			v.Grow(min(want, maxAhead))
		}
		if !d.append(p.of, v, want-v.Len()) {
			return false, false
		}
	}
	if v.IsNil() {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	d.depth--
	d.lists--
	return true, true
}

// maxAhead bounds the room for items that are expected.
const maxAhead = 1 << 10

// append decodes one item of a list. want is how many more are expected.
func (d *decoder) append(p *plan, list reflect.Value, want int) bool {
	if d.at >= len(d.data) {
		return false
	}
	null := d.data[d.at] == 'n'
	if null && p.kind != pointerKind { // encoding/json keeps what was there
		return false
	}
	n := list.Len()
	if n == list.Cap() {
		list.Grow(max(n, 2))
	}
	list.SetLen(n + 1)
	item := list.Index(n)
	var nonzero, ok bool
	if p.kind == pointerKind && !null && !p.shared { // an item that is empty is dropped, whatever its type
		target := d.target(p.of, want)
		nonzero, ok = d.value(p.of, target.Elem())
		item.Set(target)
	} else {
		nonzero, ok = d.value(p, item)
	}
	if p.kind == pointerKind && !nonzero && d.tidy != nil {
		item.SetZero()
		list.SetLen(n)
	}
	return ok
}

// target returns a pointer to a new item of a list. Those of the outermost list are allocated
// together.
func (d *decoder) target(p *plan, want int) reflect.Value {
	if d.lists == 1 && p.kind == structKind {
		return d.item(p, want)
	}
	return reflect.New(p.typ)
}

// foreign decodes a value by its UnmarshalJSON or by encoding/json.
func (d *decoder) foreign(p *plan, v reflect.Value) (nonzero, ok bool) {
	begin := d.at
	if !d.skip() {
		return false, false
	}
	raw := d.data[begin:d.at:d.at]
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
