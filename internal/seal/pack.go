package seal

import (
	"bytes"
	"compress/flate"
	"io"
)

// The first byte of a packed content: how it is packed.
const (
	packedPlain    = 0
	packedDeflated = 1
	// packFrom is the least length that is compressed.
	packFrom = 400
	// maxPlain bounds what a link unpacks to.
	maxPlain = 256 << 10
)

// pack makes a content shorter, always in the same way.
func pack(plain []byte) []byte {
	if len(plain) >= packFrom {
		var b bytes.Buffer
		b.WriteByte(packedDeflated)
		w, _ := flate.NewWriter(&b, flate.BestCompression) // the level exists
		_, _ = w.Write(plain)                              // into memory
		_ = w.Close()
		if b.Len() < len(plain) {
			return b.Bytes()
		}
	}
	return append([]byte{packedPlain}, plain...)
}

func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, ErrLink
	}
	if packed[0] == packedPlain {
		return packed[1:], nil
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), maxPlain+1))
	if err != nil || len(plain) > maxPlain {
		return nil, ErrLink
	}
	return plain, nil
}
