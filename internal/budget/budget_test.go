package budget

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

// clock begins at the tenth second of a minute.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestBudgetIsHeldToThePointAndBeginsAnew(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := New("person", 100, nil, c.now)
	ctx := t.Context()
	steps := []struct {
		who     string
		points  int
		after   time.Duration
		used    int
		refused bool
	}{
		{"anna", 60, 0, 60, false},
		{"anna", 41, 0, 60, true}, // and nothing is taken
		{"bert", 100, 0, 100, false},
		{"anna", 40, 0, 100, false},
		{"anna", 1, 0, 100, true},
		{"anna", 1, 49 * time.Second, 100, true},
		{"anna", 101, time.Second, 0, true}, // more than a whole budget
		{"anna", 100, 0, 100, false},
	}
	for i, step := range steps {
		c.forward(step.after)
		s := b.Take(ctx, step.who, step.points)
		if s.Used != step.used || s.Refused != step.refused || s.Limit != 100 || s.Remaining() != 100-step.used {
			t.Errorf("step %d: %+v", i, s)
		}
		if want := c.now().Truncate(time.Minute).Add(time.Minute); !s.Reset.Equal(want) || s.In != want.Sub(c.now()) {
			t.Errorf("step %d: restarts at %v in %v", i, s.Reset, s.In)
		}
	}
	if s := b.Charge(ctx, "anna", 7); s.Used != 107 || s.Remaining() != 0 {
		t.Errorf("charged: %+v", s)
	}
	if s := b.Look(ctx, "anna"); !s.Refused || s.Used != 107 {
		t.Errorf("looked: %+v", s)
	}
	if s := b.Look(ctx, "new"); s.Refused || s.Used != 0 {
		t.Errorf("somebody new: %+v", s)
	}
}

func TestManyAtOnceNeverTakeMoreThanThereIs(t *testing.T) {
	t.Parallel()
	b := New("person", 100, nil, newClock().now)
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 50 {
		wg.Go(func() {
			for range 10 {
				if !b.Take(context.Background(), "anna", 3).Refused {
					mu.Lock()
					taken += 3
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if taken > 100 || taken < 97 {
		t.Errorf("%d of 100 points were taken", taken)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	b := New("address", 10, nil, newClock().now)
	for i := range maxKnown + 10 {
		b.Charge(t.Context(), strconv.Itoa(i), 1)
	}
	if len(b.used) > maxKnown {
		t.Errorf("%d are kept", len(b.used))
	}
}

// failingStore is a shared store that can fail.
type failingStore struct {
	mu   sync.Mutex
	sums map[string]int64
	err  error
}

func (s *failingStore) Count(_ context.Context, name string, points int64, life time.Duration) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || life < Window {
		return 0, s.err
	}
	s.sums[name] += points
	return s.sums[name], nil
}

func TestReplicasCountTogetherAndAloneWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	store := &failingStore{sums: map[string]int64{}}
	c := newClock()
	a, b := New("person", 100, store, c.now), New("person", 100, store, c.now)
	other := New("address", 100, store, c.now)
	ctx := t.Context()
	if s := a.Take(ctx, "anna", 60); s.Refused {
		t.Errorf("%+v", s)
	}
	if s := b.Take(ctx, "anna", 60); !s.Refused || s.Used != 60 {
		t.Errorf("the other replica does not count it: %+v", s)
	}
	if s := other.Take(ctx, "anna", 60); s.Refused || s.Used != 60 {
		t.Errorf("budgets of two kinds touch: %+v", s)
	}
	store.mu.Lock()
	store.err = errors.New("away")
	store.mu.Unlock()
	if s := b.Take(ctx, "anna", 60); s.Refused || s.Used != 60 {
		t.Errorf("alone: %+v", s)
	}
	if s := b.Take(ctx, "anna", 60); !s.Refused {
		t.Errorf("alone it holds nobody: %+v", s)
	}
}

func BenchmarkTake(b *testing.B) {
	budget := New("person", 1<<30, nil, nil)
	b.ReportAllocs()
	for b.Loop() {
		budget.Take(b.Context(), "somebody", 1)
	}
}

// Anyone who can write to the shared store can neither lock somebody out for longer than a window,
// nor give anybody more than one process allows.
func TestPoisonedCountsAreBounded(t *testing.T) {
	t.Parallel()
	for _, poison := range []int64{-1 << 62, -1, 0, 101, 99_999, 100_001, 1 << 31, 1 << 62} {
		store := &failingStore{sums: map[string]int64{}}
		c := newClock()
		b := New("person", 100, store, c.now)
		b.Take(t.Context(), "anna", 1)
		store.mu.Lock()
		for name := range store.sums {
			store.sums[name] = poison
		}
		store.mu.Unlock()
		taken := 1
		for range 200 {
			if !b.Take(t.Context(), "anna", 1).Refused {
				taken++
			}
		}
		if taken > 100 || taken < 100 && (poison <= 100 || poison > absurd*100) {
			t.Errorf("a count of %d: %d of 100 points were taken", poison, taken)
		}
		c.forward(Window)
		if s := b.Take(t.Context(), "anna", 100); s.Refused {
			t.Errorf("a count of %d: locked out in the next window: %+v", poison, s)
		}
	}
}
