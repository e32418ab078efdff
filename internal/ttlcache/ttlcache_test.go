package ttlcache

import (
	"testing"
	"time"
)

// A kept value is there until its time has passed, and no longer. A full cache drops what has
// expired first, then makes room for a tenth.
func TestCacheKeepsItsBounds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c := New[int, int](time.Minute, 20, func() time.Time { return now })
	c.Put(1, 1)
	now = now.Add(time.Minute - 1)
	if got, left := c.GetTTL(1); got != 1 || left != 1 {
		t.Errorf("just before: %d for %s", got, left)
	}
	now = now.Add(1)
	if _, left := c.GetTTL(1); left != 0 || len(c.items) != 0 {
		t.Errorf("a minute later: kept for %s, %d kept", left, len(c.items))
	}
	for n := range 20 {
		c.Put(n, n)
	}
	if len(c.items) != 20 {
		t.Errorf("%d kept, and there is room for 20", len(c.items))
	}
	if c.Put(20, 20); len(c.items) != 19 {
		t.Errorf("%d kept when one more came, want 18 and that one", len(c.items))
	}
	now = now.Add(time.Second)
	c.Put(100, 100)
	now = now.Add(time.Minute - time.Second) // all but the last have expired at this instant
	c.makeRoom(now.UnixNano())
	if _, left := c.GetTTL(100); left != time.Second || len(c.items) != 1 {
		t.Errorf("%d kept of which one lives", len(c.items))
	}
}

func TestCacheIsBoundedAndForgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	r := New[int, int](time.Minute, 10, clock)
	for i := range 1000 {
		r.Put(i, i)
		if v, ok := r.Get(i); !ok || v != i {
			t.Fatalf("%d is not remembered", i)
		}
		if len(r.items) > 10 {
			t.Fatalf("%d are remembered", len(r.items))
		}
	}
	r.Delete(999)
	if _, ok := r.Get(999); ok {
		t.Error("what was forgotten is remembered")
	}
	r.Put(1, 1)
	now = now.Add(time.Minute)
	if _, ok := r.Get(1); ok {
		t.Error("it is remembered for too long")
	}
}
