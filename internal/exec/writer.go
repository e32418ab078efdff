package exec

import (
	"context"
	"io"
	"strconv"
	"sync"
)

// pieceSize is the size of the pieces in which an answer is written. One buffer that doubles would
// copy what it holds, and take twice the memory for a moment.
const pieceSize = 64 << 10

// pieces are buffers of answers that were sent.
var pieces = sync.Pool{New: func() any { return new([pieceSize]byte) }}

// Writer collects an answer as JSON. The functions that write scalars report whether there was a
// value: where there was none, nothing is written.
type Writer struct {
	buf    []byte            // the piece that is written to
	full   [][]byte          // those before it
	size   int               // bytes in full
	take   func(n int) error // takes room for bytes; gives it back where n is negative
	err    error             // of take: what comes later is not kept
	faults []error           // of values that could not be written, and are null
}

// NewWriter returns a writer. take takes room for bytes that are written, and gives it back where
// bytes is negative; nil for no bound.
func NewWriter(take func(bytes int) error) *Writer {
	w := &Writer{take: take}
	w.Next()
	return w
}

// Finish returns what was written, in pieces, or the first error of take.
func (w *Writer) Finish() ([][]byte, error) {
	if w.err == nil {
		w.seal()
	}
	if w.err != nil {
		w.drop()
		return nil, w.err
	}
	return w.full, nil
}

// mark is a place in an answer to go back to.
type mark struct{ full, at int }

func (w *Writer) mark() mark { return mark{len(w.full), len(w.buf)} }

// back drops what was written since a mark.
func (w *Writer) back(m mark) {
	if w.err != nil {
		w.buf = w.buf[:0]
		return
	}
	for len(w.full) > m.full {
		recycle(w.buf)
		last := len(w.full) - 1
		w.buf, w.full = w.full[last], w.full[:last]
		w.size -= len(w.buf)
		if w.take != nil {
			_ = w.take(-len(w.buf)) // what is given back is never refused
		}
	}
	w.buf = w.buf[:m.at]
}

// Next begins another piece where the last one is nearly full. It is called between values.
func (w *Writer) Next() {
	switch {
	case w.buf == nil:
		w.buf = pieces.Get().(*[pieceSize]byte)[:0]
	case len(w.buf) < pieceSize-pieceSize/8:
	case w.err != nil:
		w.buf = w.buf[:0]
	default:
		w.seal()
		w.buf = pieces.Get().(*[pieceSize]byte)[:0]
	}
}

// seal ends the last piece.
func (w *Writer) seal() {
	if w.err == nil && w.take != nil {
		w.err = w.take(len(w.buf))
	}
	if w.err != nil {
		w.drop()
		return
	}
	w.full, w.size = append(w.full, w.buf), w.size+len(w.buf)
	w.buf = nil
}

// drop gives up what was written.
func (w *Writer) drop() {
	Recycle(append(w.full, w.buf))
	w.full, w.buf, w.size = nil, nil, 0
}

// Recycle takes back the pieces of an answer that was sent.
func Recycle(answer [][]byte) {
	for _, piece := range answer {
		recycle(piece)
	}
}

func recycle(piece []byte) {
	if cap(piece) == pieceSize {
		pieces.Put((*[pieceSize]byte)(piece[:pieceSize]))
	}
}

func (w *Writer) raw(s string) { w.buf = append(w.buf, s...) }

// Write implements io.Writer. It never fails.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter. It never fails.
func (w *Writer) WriteString(s string) (int, error) {
	w.buf = append(w.buf, s...)
	return len(s), nil
}

const hexDigits = "0123456789ABCDEF"

// String writes a string as gqlgen does.
func (w *Writer) String(s string) bool {
	b := append(w.buf, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		for i+8 <= len(s) && plain(s[i:i+8]) {
			i += 8
		}
		if i == len(s) {
			break
		}
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		case '\n':
			b = append(b, '\\', 'n')
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		start = i + 1
	}
	b = append(b, s[start:]...)
	w.buf = append(b, '"')
	return true
}

// plain reports whether eight bytes of a string are written as they are. It may say no of some that
// are.
func plain(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, backslash := w^('"'*ones), w^('\\'*ones)
	return ((w-' '*ones)&^w|(quote-ones)&^quote|(backslash-ones)&^backslash)&highs == 0
}

// Bool writes a boolean.
func (w *Writer) Bool(v bool) bool {
	w.buf = strconv.AppendBool(w.buf, v)
	return true
}

// Int writes a number.
func (w *Writer) Int(v int64) bool {
	w.buf = strconv.AppendInt(w.buf, v, 10)
	return true
}

// appender is a scalar that appends itself as JSON: null where it has no value.
type appender interface{ AppendGQL(b []byte) []byte }

// Append writes a scalar that appends itself.
func Append[T appender](w *Writer, v T) bool {
	w.buf = v.AppendGQL(w.buf)
	return true
}

// checked is a scalar that may have values that the schema's type does not take.
type checked interface {
	appender
	CheckGQL() error
}

// AppendChecked writes a scalar that appends itself, and null with an error where it cannot.
func AppendChecked[T checked](w *Writer, v T) bool {
	if err := v.CheckGQL(); err != nil {
		w.faults = append(w.faults, err)
		w.raw("null")
		return true
	}
	return Append(w, v)
}

// Marshal writes a scalar of gqlgen.
func Marshal(w *Writer, v interface{ MarshalGQL(io.Writer) }) bool {
	v.MarshalGQL(w)
	return true
}

// MarshalContext writes a scalar of gqlgen, and null with an error where it fails.
func MarshalContext(w *Writer, v interface {
	MarshalGQLContext(context.Context, io.Writer) error
},
) bool {
	m := w.mark()
	if err := v.MarshalGQLContext(context.Background(), w); err != nil {
		w.back(m)
		w.faults = append(w.faults, err)
		w.raw("null")
	}
	return true
}

// Pointer writes what a pointer points to.
func Pointer[T any](w *Writer, v *T, write func(*Writer, T) bool) bool {
	return v != nil && write(w, *v)
}

// List writes a list of scalars.
func List[T any](w *Writer, list []T, nonNull bool, write func(*Writer, T) bool) bool {
	ok := true
	w.buf = append(w.buf, '[')
	for i, v := range list {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		if !write(w, v) {
			w.raw("null")
			ok = ok && !nonNull
		}
		w.Next()
	}
	w.buf = append(w.buf, ']')
	return ok
}
