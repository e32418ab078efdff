package scan

import (
	"encoding/binary"
	"strings"
)

// Texts makes the strings of one answer. Short strings that appear several times are one, and all
// are cut from blocks, so that a string costs no allocation of its own.
type Texts struct {
	block strings.Builder
	size  int         // of a block
	known [128]string // by hash: those that may appear again
}

// Sizes of blocks, and of strings that may be found again.
const (
	minBlock = 64
	maxBlock = 8 << 10
	maxKnown = 64
)

// begin prepares for an answer of so many bytes.
func (t *Texts) begin(length int) { t.size = min(max(length/2, minBlock), maxBlock) }

// end forgets the answer. The strings that were made stay good.
func (t *Texts) end() {
	t.block = strings.Builder{}
	clear(t.known[:])
}

// String returns a text as a string, which keeps nothing of the text itself.
func (t *Texts) String(text []byte) string {
	switch n := len(text); {
	case n == 0:
		return ""
	case n > maxKnown:
		return t.cut(text)
	}
	known := &t.known[hashText(text)%uint32(len(t.known))]
	if *known != string(text) {
		*known = t.cut(text)
	}
	return *known
}

// cut copies a text into the block.
func (t *Texts) cut(text []byte) string {
	if len(text) > t.size/4 {
		return string(text)
	}
	if t.block.Cap()-t.block.Len() < len(text) {
		t.block = strings.Builder{}
		t.block.Grow(t.size)
	}
	begin := t.block.Len()
	t.block.Write(text)
	return t.block.String()[begin:]
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
