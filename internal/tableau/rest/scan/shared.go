package scan

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// sharedObjects are objects of the answer that may appear in it again, by the hash of their first
// bytes.
type sharedObjects struct {
	used    bool
	entries []sharedObject // as many as a power of two
}

// Sizes of the table: for an answer that fits in largeAnswer bytes, and for a larger one.
const (
	smallTable  = 32
	largeTable  = 512
	largeAnswer = 16 << 10
)

// begin prepares for an answer of so many bytes.
func (s *sharedObjects) begin(length int) {
	if s.used {
		return
	}
	s.used = true
	size := smallTable
	if length > largeAnswer {
		size = largeTable
	}
	if cap(s.entries) < size {
		s.entries = make([]sharedObject, size)
	}
	s.entries = s.entries[:size]
}

// sharedObject is an object that was decoded before.
type sharedObject struct {
	plan       *plan
	begin, end int            // where it is
	object     unsafe.Pointer // nil for an object without anything in it
}

// maxShared bounds the objects that are compared.
const maxShared = 1 << 10

// clear forgets the answer.
func (s *sharedObjects) clear() {
	if s.used {
		clear(s.entries)
		s.used = false
	}
}

// sharedPointer is pointer for an object that may have been decoded before: where the same bytes
// begin, the same object follows.
func (d *decoder) sharedPointer(p *plan, at unsafe.Pointer) (nonzero, ok bool) {
	d.shared.begin(len(d.data))
	entry := &d.shared.entries[hashStart(d.data[d.at:])&uint32(len(d.shared.entries)-1)]
	pointer := (*unsafe.Pointer)(at)
	if entry.plan == p && bytes.HasPrefix(d.data[d.at:], d.data[entry.begin:entry.end]) {
		d.at += entry.end - entry.begin
		*pointer = entry.object
		return entry.object != nil, true
	}
	begin := d.at
	nonzero, ok = d.pointer(p, at)
	if ok && d.at-begin <= maxShared {
		*entry = sharedObject{plan: p, begin: begin, end: d.at, object: *pointer}
	}
	return nonzero, ok
}

// hashStart is the hash of an object's first bytes: enough of them for an id and a name.
func hashStart(data []byte) uint32 {
	const most = 56
	data = data[:min(len(data), most)]
	if end := bytes.IndexByte(data, '}'); end >= 0 {
		data = data[:end]
	}
	h := uint64(len(data))
	for ; len(data) >= 8; data = data[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64(data))
	}
	for _, c := range data {
		h = mix(h ^ uint64(c))
	}
	return uint32(h >> 16)
}
