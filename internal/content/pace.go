package content

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// pace says whether a reader keeps up.
type pace struct {
	hasWaiting func() bool
	cut        func() // ends a write that is under way

	mu    sync.Mutex
	taken int64
	spent time.Duration // in writes that have ended
	began time.Time     // of the write under way; zero for none
	isCut bool
	ended bool
}

// write writes a chunk. The error is errSlow where the reader takes too long for those who wait.
func (p *pace) write(w io.Writer, chunk []byte) error {
	p.mu.Lock()
	p.began = time.Now()
	p.mu.Unlock()
	n, err := w.Write(chunk)
	p.mu.Lock()
	took, isCut := time.Since(p.began), p.isCut
	p.began = time.Time{}
	p.mu.Unlock()
	switch {
	case isCut:
		return errSlow
	case err != nil:
		return fmt.Errorf("the reader has gone: %w", err)
	}
	return p.wrote(n, took)
}

// wrote counts a write, and returns errSlow where the reader takes too long for those who wait.
func (p *pace) wrote(n int, took time.Duration) error {
	p.mu.Lock()
	p.taken += int64(n)
	p.spent += took
	slow := p.slow(0)
	p.mu.Unlock()
	if slow && p.hasWaiting() {
		return errSlow
	}
	return nil
}

// slow reports whether the reader is below the least rate, with what it has spent in the write under
// way. That alone may take no longer than the grace: what was written before may be in the buffers
// of the connection, and not taken by anybody.
func (p *pace) slow(writing time.Duration) bool {
	return writing > readerGrace || p.spent+writing > readerGrace+time.Duration(p.taken)*time.Second/slowest
}

// cutIfSlow ends the write under way if the reader is too slow.
func (p *pace) cutIfSlow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.began.IsZero() && !p.isCut && !p.ended && p.slow(time.Since(p.began)) {
		p.isCut = true
		p.cut()
	}
}

// end is called before the handler returns: nothing is cut afterwards.
func (p *pace) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}
