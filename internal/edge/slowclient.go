package edge

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A client that takes an answer slowly holds the answer in memory: it has grace, and a second more
// for each leastRate bytes.
const (
	grace     = 20 * time.Second
	leastRate = 32 << 10
	piece     = 256 << 10
)

// slowClient gives each piece of an answer a deadline that follows from how long the client took
// for those before. What the handler itself takes does not count: a slow Tableau is not the
// client's fault.
type slowClient struct {
	http.ResponseWriter
	written int64
	waited  time.Duration
	closing *atomic.Bool // the connection ends with this answer
	begun   bool

	mu      sync.Mutex
	end     time.Time // of the whole answer; zero for none
	writing bool
}

// WriteHeader is where an answer that is on its way when the server begins to stop learns of it.
func (w *slowClient) WriteHeader(status int) {
	if !w.begun && w.closing.Load() {
		w.Header().Set("Connection", "close")
	}
	w.begun = w.begun || status >= http.StatusOK
	w.ResponseWriter.WriteHeader(status)
}

// Write sends in pieces, each with a deadline of its own.
func (w *slowClient) Write(p []byte) (n int, err error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	for {
		next := p[n:min(len(p), n+piece)]
		began := time.Now()
		allowed := grace + time.Duration(w.written+int64(len(next)))*time.Second/leastRate - w.waited
		w.within(began.Add(allowed))
		sent, err := w.ResponseWriter.Write(next)
		w.wrote()
		w.waited += time.Since(began)
		w.written += int64(sent)
		n += sent
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// within sets the deadline of a piece, which is not after the end of the whole answer.
func (w *slowClient) within(deadline time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.end.IsZero() && w.end.Before(deadline) {
		deadline = w.end
	}
	w.writing = true
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(deadline) // not where there is no connection, as in tests
}

func (w *slowClient) wrote() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = false
}

// SetWriteDeadline is when the whole answer must be taken, for a handler that holds it in memory;
// each piece has its own deadline too. It may be called while a piece is written, before the
// handler returns: an end before the piece's own deadline then ends that write.
func (w *slowClient) SetWriteDeadline(end time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = end
	if w.writing {
		return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(end)
	}
	return nil
}

// Unwrap returns the writer below, for [http.ResponseController].
func (w *slowClient) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered, for handlers that ask for an [http.Flusher].
func (w *slowClient) Flush() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}
