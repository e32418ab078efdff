package scan

import (
	"bytes"
	"encoding/binary"
	"reflect"
)

// sharedObjects are objects of the answer that may appear in it again, by the hash of their first
// bytes.
type sharedObjects struct {
	used    bool
	entries [64]sharedObject
}

// sharedObject is an object that was decoded before.
type sharedObject struct {
	plan       *plan
	begin, end int           // where it is
	value      reflect.Value // the pointer to it; not valid for an object without anything in it
}

// maxShared bounds the objects that are compared.
const maxShared = 1 << 10

// clear forgets the answer.
func (s *sharedObjects) clear() {
	if s.used {
		clear(s.entries[:])
		s.used = false
	}
}

// sharedPointer is pointer for an object that may have been decoded before: where the same bytes
// begin, the same object follows.
func (d *decoder) sharedPointer(p *plan, v reflect.Value) (nonzero, ok bool) {
	entry := &d.shared.entries[hashStart(d.data[d.at:])%uint32(len(d.shared.entries))]
	if entry.plan == p && bytes.HasPrefix(d.data[d.at:], d.data[entry.begin:entry.end]) {
		d.at += entry.end - entry.begin
		if !entry.value.IsValid() {
			return false, true
		}
		v.Set(entry.value)
		return true, true
	}
	begin := d.at
	nonzero, ok = d.pointer(p, v)
	if ok && d.at-begin <= maxShared {
		*entry, d.shared.used = sharedObject{plan: p, begin: begin, end: d.at}, true
		if nonzero {
			entry.value = reflect.ValueOf(v.Interface())
		}
	}
	return nonzero, ok
}

// hashStart is the hash of the first bytes of an object: enough of them for an id and a name.
func hashStart(data []byte) uint32 {
	var h uint64
	for n := 0; n < 7 && len(data) >= 8; n++ {
		h = mix(h ^ binary.LittleEndian.Uint64(data))
		data = data[8:]
	}
	return uint32(h >> 16)
}
