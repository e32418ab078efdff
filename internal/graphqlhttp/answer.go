package graphqlhttp

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
)

// defaultAnswerBytes bounds the bytes of one answer. All 10,000 workbooks of a site with thirty
// fields each take about 10 MB.
const defaultAnswerBytes = 32_000_000

// answersUnderWay is how many of the largest answers there is room for at a time, beside the one
// that may always be finished.
const answersUnderWay = 2

// Sizes of the pieces in which an answer is collected.
const (
	leastPiece = 2 << 10
	mostPiece  = 256 << 10
)

// answer collects what an operation answers, as JSON. The bytes are counted while they are written,
// and what is more than is allowed, or than there is room for, is not kept. gqlgen's own buffer
// doubles when it is full, copies what it holds, and has no end.
type answer struct {
	ctx  context.Context
	most int
	room *byteRoom

	values atomic.Int64 // bytes of large values that were made for it, before they are written
	size   int
	kept   int // bytes of room that are taken for what is written
	held   int // and for values before they are
	err    error
	pieces [][]byte
	piece  int // size of the last piece
	parts  []part
}

// part is the value of a field of Query: where it belongs among the bytes that gqlgen writes around
// it, and its pieces.
type part struct{ at, first, last int }

// root has the value of a field of Query written into the answer.
func (a *answer) root(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	value := next(ctx)
	if value == graphql.Null || value == graphql.RequiredNull { // gqlgen looks for these two
		return value
	}
	return graphql.WriterFunc(func(w io.Writer) {
		around, ok := w.(*bytes.Buffer)
		if !ok {
			value.MarshalGQL(w)
			return
		}
		a.begin()
		p := part{at: around.Len(), first: len(a.pieces) - 1}
		value.MarshalGQL(a)
		p.last = len(a.pieces)
		a.parts = append(a.parts, p)
	})
}

// begin begins the pieces of a part, in what is left of the last one.
func (a *answer) begin() {
	if n := len(a.pieces); n > 0 && cap(a.pieces[n-1])-len(a.pieces[n-1]) >= leastPiece/4 {
		last := a.pieces[n-1]
		a.pieces = append(a.pieces, last[len(last):])
		return
	}
	a.fresh()
}

// fresh begins a piece, of twice the size of the one before.
func (a *answer) fresh() {
	a.piece = min(max(2*a.piece, leastPiece), mostPiece)
	a.pieces = append(a.pieces, make([]byte, 0, a.piece))
}

// Write keeps p. It never fails: gqlgen does not look.
func (a *answer) Write(p []byte) (int, error) {
	n := len(p)
	for a.takes(len(p)) && len(p) > 0 {
		last := len(a.pieces) - 1
		fits := min(len(p), cap(a.pieces[last])-len(a.pieces[last]))
		a.pieces[last] = append(a.pieces[last], p[:fits]...)
		a.size += fits
		if p = p[fits:]; len(p) > 0 {
			a.fresh()
		}
	}
	return n, nil
}

// WriteString keeps s, without a copy of it.
func (a *answer) WriteString(s string) (int, error) {
	n := len(s)
	for a.takes(len(s)) && len(s) > 0 {
		last := len(a.pieces) - 1
		fits := min(len(s), cap(a.pieces[last])-len(a.pieces[last]))
		a.pieces[last] = append(a.pieces[last], s[:fits]...)
		a.size += fits
		if s = s[fits:]; len(s) > 0 {
			a.fresh()
		}
	}
	return n, nil
}

// takes reports whether n more bytes are allowed, and takes room for them. What was kept is dropped
// where they are not.
func (a *answer) takes(n int) bool {
	switch {
	case a.err != nil:
		return false
	case a.size+n > a.most:
		a.err = tooManyBytes(a.most)
	case a.size+n > a.kept+mostPiece: // the first of it is in nobody's way
		a.err = a.room.take(a.ctx, a, n+mostPiece)
		if a.err == nil {
			a.kept += n + mostPiece
		}
	}
	if a.err != nil {
		a.drop()
		return false
	}
	return true
}

// drop gives up what was collected, and its room.
func (a *answer) drop() {
	a.pieces, a.parts = nil, nil
	a.room.giveBack(a, a.kept+a.held)
	a.kept, a.held = 0, 0
}

// reserve takes room for values that will be held before they are written.
func (a *answer) reserve(ctx context.Context, n int) error {
	n = min(n, a.most)
	if n <= mostPiece {
		return nil
	}
	if err := a.room.take(ctx, a, n); err != nil {
		return err
	}
	a.held = n
	return nil
}

// made counts a large value that is made for this answer and not written yet. The error is a
// [LimitError].
func (a *answer) made(n int) error {
	if a.values.Add(int64(n)) > int64(a.most) {
		return tooManyBytes(a.most)
	}
	return nil
}

// largeValue is from how many bytes on a text is counted when it is made, and not only when it is
// written.
const largeValue = 1 << 10

// counting has large texts counted as they are resolved, so that no more of them are made than may
// be answered.
func (a *answer) counting(resolve graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := resolve(ctx, next)
		size := 0
		switch v := value.(type) {
		case string:
			size = len(v)
		case *string:
			if v != nil {
				size = len(*v)
			}
		}
		if size < largeValue || err != nil {
			return value, err
		}
		return value, a.made(size)
	}
}

// over reports whether larger values were made than may be answered, or more was written.
func (a *answer) over() error {
	if a.err == nil && a.values.Load() > int64(a.most) {
		return tooManyBytes(a.most)
	}
	return a.err
}

// body puts the parts into what gqlgen wrote around them.
func (a *answer) body(around []byte) [][]byte {
	var all [][]byte
	at := 0
	for _, p := range a.parts {
		all = append(all, around[at:p.at])
		all = append(all, a.pieces[p.first:p.last]...)
		at = p.at
	}
	return append(all, around[at:])
}
