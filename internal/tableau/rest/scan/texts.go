package scan

import (
	"encoding/binary"
	"unsafe"
)

// Texts makes the strings of one answer. Short strings that appear several times are one, and all
// are cut from blocks, so that a string costs no allocation of its own.
type Texts struct {
	block []byte      // strings that were made, which are never written again, and room for more
	rest  []byte      // what large answers left over of a block
	size  int         // of a block
	known [128]string // by hash: those that may appear again
}

// Sizes of blocks, and of strings that may be found again.
const (
	minBlock = 64
	maxBlock = 8 << 10
	maxKnown = 64
)

// begin prepares for an answer of so many bytes. A small answer has blocks of its own: what is kept
// of it, such as the LUID of a user, does not keep more.
func (t *Texts) begin(length int) {
	if t.size = min(max(length/2, minBlock), maxBlock); t.size == maxBlock {
		t.block, t.rest = t.rest, nil
	}
}

// end forgets the answer. The strings that were made stay good.
func (t *Texts) end() {
	if t.size == maxBlock {
		t.rest = t.block[len(t.block):]
	}
	t.block = nil
	clear(t.known[:])
}

// String returns a text as a string, which keeps nothing of the text itself.
func (t *Texts) String(text []byte) string {
	if n := len(text); n == 0 || n > maxKnown {
		return t.Unique(text)
	}
	known := &t.known[hashText(text)%uint32(len(t.known))]
	if *known != string(text) {
		*known = t.Unique(text)
	}
	return *known
}

// Unique is String for a text that is not expected to appear again.
func (t *Texts) Unique(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if len(text) > t.size/4 {
		return string(text)
	}
	begin := len(t.block)
	if cap(t.block)-begin < len(text) {
		t.block, begin = make([]byte, 0, t.size), 0
	}
	t.block = append(t.block, text...)
	return unsafe.String(&t.block[begin], len(text))
}

func hashText(text []byte) uint32 {
	var first, last uint64
	if n := len(text); n >= 8 {
		first, last = binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:])
	} else {
		for i, c := range text {
			first |= uint64(c) << (8 * i)
		}
	}
	return uint32((mix(first) ^ mix(last+1) ^ uint64(len(text))) >> 16)
}

// mix spreads the bits of a word.
func mix(w uint64) uint64 {
	w *= 0x9e3779b97f4a7c15
	return w ^ w>>29
}
