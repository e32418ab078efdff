package graphqlhttp

import (
	"container/list"
	"net/http"
	"sync"
	"time"
)

// A large answer is sent within sendTime: a client that takes it slowly would hold it in memory,
// where others need the room.
const (
	sendTime    = 30 * time.Second
	largeAnswer = 1 << 20
)

// smallAnswer is the size up to which a connection costs more memory than the answer that it waits
// for: the number of connections is the bound.
const smallAnswer = 16 << 10

// sending bounds the bytes of the answers that clients are taking. The room of an answer bounds
// large ones alone, and a client can wait for hundreds of smaller ones on one HTTP/2 connection.
// Past the bound, the answers that are being sent for the longest time are cut off: those of
// clients that do not read.
type sending struct {
	most int

	mu     sync.Mutex
	bytes  int
	oldest list.List // of *sent
}

type sent struct {
	w     http.ResponseWriter
	bytes int
}

func newSending(most int) *sending { return &sending{most: most} }

// begin counts an answer as being sent until end is called. The handler calls end before it
// returns.
func (s *sending) begin(w http.ResponseWriter, body [][]byte) (end func()) {
	n := 0
	for _, part := range body {
		n += len(part)
	}
	if n > largeAnswer {
		cutOff(w, time.Now().Add(sendTime))
	}
	if n <= smallAnswer {
		return func() {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes += n
	e := s.oldest.PushBack(&sent{w, n})
	for s.bytes > s.most && s.oldest.Front() != e {
		first := s.oldest.Front().Value.(*sent)
		s.remove(s.oldest.Front())
		cutOff(first.w, time.Unix(1, 0))
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(e)
	}
}

// remove takes an answer off the list, unless it was cut off before. The lock is held.
func (s *sending) remove(e *list.Element) {
	if one := e.Value.(*sent); one.bytes > 0 {
		s.bytes -= one.bytes
		one.bytes = 0
		s.oldest.Remove(e)
	}
}

func cutOff(w http.ResponseWriter, end time.Time) {
	_ = http.NewResponseController(w).SetWriteDeadline(end) // not where there is no connection, as in tests
}
