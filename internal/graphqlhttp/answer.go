package graphqlhttp

import (
	"context"
	"sync/atomic"

	"vitrine/internal/exec"
)

// defaultAnswerBytes bounds the bytes of one answer. All 10,000 workbooks of a site with thirty
// fields each take about 10 MB.
const defaultAnswerBytes = 32_000_000

// answersUnderWay is how many of the largest answers there is room for at a time, beside the one
// that may always be finished.
const answersUnderWay = 2

// roomStep is how much room an answer takes at a time. The first of it is in nobody's way.
const roomStep = 256 << 10

// answer is what an operation answers, as JSON. Its bytes are counted while they are written, and
// what is more than is allowed, or than there is room for, is not kept.
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
}

// grow counts n more bytes, and takes room for them; it gives bytes back where n is negative.
func (a *answer) grow(n int) error {
	switch {
	case a.err != nil || n < 0:
	case a.size+n > a.most:
		a.err = tooManyBytes(a.most)
	case a.size+n > a.kept+roomStep:
		a.err = a.room.take(a.ctx, a, n+roomStep)
		if a.err == nil {
			a.kept += n + roomStep
		}
	}
	if a.err != nil {
		a.drop()
		return a.err
	}
	a.size += n
	return nil
}

// drop gives up what was collected, and its room.
func (a *answer) drop() {
	exec.Recycle(a.pieces)
	a.pieces = nil
	a.room.giveBack(a, a.kept+a.held)
	a.kept, a.held = 0, 0
}

// reserve takes room for values that will be held before they are written.
func (a *answer) reserve(ctx context.Context, n int) error {
	n = min(n, a.most)
	if n <= roomStep {
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

// over reports whether larger values were made than may be answered, or more was written.
func (a *answer) over() error {
	if a.err == nil && a.values.Load() > int64(a.most) {
		return tooManyBytes(a.most)
	}
	return a.err
}
