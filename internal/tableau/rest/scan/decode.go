package scan

import (
	"reflect"
	"sync"
	"unsafe"
)

// maxDepth bounds nesting. encoding/json takes what is deeper.
const maxDepth = 64

// Result is the outcome of Decode.
type Result struct {
	OK      bool // the value was decoded as encoding/json decodes it
	Unknown bool // a member was skipped because no field has its name
}

// Decode reads JSON into the zero value of a struct or a slice that into points to. Unless the
// result is OK, parts may have been written.
//
// With tidy, items of lists and objects that hold nothing are left out: null, and a pointer to a
// struct without anything in it, except a field whose struct has a list. tidy does the same to each
// value that decodes itself, and is called with it. Without tidy, all are kept.
//
// With tidy, a field with the tag `scan:"shared"` points to the same object wherever the same bytes
// appear in the answer. Nobody may write into such an object what is not true for all of them.
//
// Members that are not needed may be left as they are.
func Decode(data []byte, into any, tidy func(reflect.Value), needed *Members) Result {
	target := reflect.ValueOf(into)
	p := planOf(target.Type().Elem())
	if p.kind != structKind && p.kind != listKind {
		return Result{}
	}
	d := decoders.Get().(*decoder)
	d.data, d.tidy, d.needed = data, tidy, needed
	d.texts.begin(len(data))
	d.space()
	_, ok := d.value(p, target.UnsafePointer())
	d.space()
	result := Result{OK: ok && d.at == len(data), Unknown: d.unknown}
	d.reset()
	decoders.Put(d)
	return result
}

// decoders holds decoders without any part of an answer in them.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decoder is the state of one call of Decode. Its methods report false where they meet something
// unusual, and leave off.
type decoder struct {
	data    []byte
	at      int // the next byte
	depth   int // of objects and arrays
	lists   int // lists around the next byte
	unknown bool
	tidy    func(reflect.Value)
	needed  *Members
	texts   Texts
	room    []byte // of texts with escapes
	block   block
	shared  sharedObjects
}

// reset forgets the answer.
func (d *decoder) reset() {
	d.data, d.at, d.depth, d.lists, d.unknown, d.tidy, d.needed = nil, 0, 0, 0, false, nil, nil
	d.texts.end()
	d.block = block{}
	d.shared.clear()
	if cap(d.room) > maxRoom {
		d.room = nil
	}
}

// maxRoom bounds the room that is kept for texts with escapes.
const maxRoom = 16 << 10

// block is memory for structs of one type that are allocated together: the items of a list.
type block struct {
	of   *plan
	next unsafe.Pointer // to the first that is free
	free int
}

// blockSize is how many items are allocated together. One that is kept keeps the others.
const blockSize = 32

// item returns a pointer to a new struct for the outermost list.
func (d *decoder) item(p *plan, want int) unsafe.Pointer {
	b := &d.block
	if b.of != p || b.free == 0 {
		n := max(1, min(want, blockSize))
		*b = block{of: p, next: reflect.MakeSlice(p.slice, n, n).UnsafePointer(), free: n}
	}
	item := b.next
	if b.free--; b.free > 0 { // a pointer past the end would keep what comes behind it
		b.next = unsafe.Add(item, p.size)
	}
	return item
}
