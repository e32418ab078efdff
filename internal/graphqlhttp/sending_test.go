package graphqlhttp

import (
	"net/http/httptest"
	"testing"
	"time"
)

// client is a connection that remembers the deadline it was given.
type client struct {
	httptest.ResponseRecorder
	end time.Time
}

func (c *client) SetWriteDeadline(end time.Time) error {
	c.end = end
	return nil
}

func (c *client) cut() bool { return !c.end.IsZero() && c.end.Before(time.Now()) }

func bodyOf(n int) [][]byte { return [][]byte{make([]byte, n/2), make([]byte, n-n/2)} }

func TestClientsThatDoNotReadAreCutOffWhenOthersNeedTheRoom(t *testing.T) {
	t.Parallel()
	s := newSending(1 << 20)
	slow := make([]*client, 8)
	ends := make([]func(), len(slow))
	for i := range slow {
		slow[i] = &client{}
		ends[i] = s.begin(slow[i], bodyOf(128<<10)) // all the room there is
	}
	if slow[0].cut() {
		t.Error("an answer was cut off although there was room for it")
	}
	for range 1000 { // answers that are read at once, and so small ones, are in nobody's way
		quick := &client{}
		end := s.begin(quick, bodyOf(smallAnswer))
		if quick.cut() {
			t.Fatal("a small answer was cut off")
		}
		end()
	}
	if slow[0].cut() {
		t.Error("small answers cut off another")
	}
	s.begin(&client{}, bodyOf(200<<10))()
	for i, c := range slow {
		if c.cut() != (i < 2) {
			t.Errorf("client %d: cut off is %t; want the two that wait for the longest time", i, c.cut())
		}
	}
	for _, end := range ends {
		end()
	}
	if s.bytes != 0 || s.oldest.Len() != 0 {
		t.Errorf("%d bytes in %d answers are left; want none", s.bytes, s.oldest.Len())
	}
}

func TestAnAnswerBeyondTheRoomIsSentAlone(t *testing.T) {
	t.Parallel()
	s := newSending(1 << 20)
	large := &client{}
	defer s.begin(large, bodyOf(2<<20))()
	if large.cut() {
		t.Error("the only answer was cut off")
	}
	if left := time.Until(large.end); left <= 0 || left > sendTime {
		t.Errorf("a large answer has %s; want up to %s", left, sendTime)
	}
}
