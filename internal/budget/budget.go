// Package budget counts what somebody uses by the minute or by the hour, and says when it is enough.
//
// A minute is one of the clock, for everybody the same: replicas that share a store then count
// together without agreeing on anything. Who comes at the end of one and the beginning of the next
// may use twice the budget within a few seconds; a window that slides would need every request's
// time to be kept.
package budget

import (
	"context"
	"strconv"
	"sync"
	"time"
)

// Window is the time that a budget is for, unless it is one by the hour.
const Window = time.Minute

// maxKnown bounds how many are counted here at a time. When there are more, all counts restart:
// anyone who can use so many keys is not held by a budget.
const maxKnown = 200_000

// Counter counts for several replicas. internal/sessions has one.
type Counter interface {
	// Count adds points, which may be negative, under a name that is forgotten some time after its
	// last use, and returns the sum.
	Count(ctx context.Context, name string, points int64, life time.Duration) (int64, error)
}

// Budget is so many points in each window for each of those who are counted. It may be used by many
// goroutines at once.
type Budget struct {
	kind   string
	most   int
	shared Counter
	now    func() time.Time
	length time.Duration // of a window

	mu     sync.Mutex
	window int64
	used   map[string]int64
}

// New makes a budget of a kind, such as "person", that others' do not touch. shared is nil for a
// process that is alone, now for the real clock.
func New(kind string, perMinute int, shared Counter, now func() time.Time) *Budget {
	if now == nil {
		now = time.Now
	}
	return &Budget{kind: kind, most: perMinute, shared: shared, now: now, length: Window, used: map[string]int64{}}
}

// NewHourly is New for a budget by the hour.
func NewHourly(kind string, perHour int, shared Counter, now func() time.Time) *Budget {
	b := New(kind, perHour, shared, now)
	b.length = time.Hour
	return b
}

// State is what is left of a budget.
type State struct {
	Limit, Used int
	Reset       time.Time // when the next window begins
	In          time.Duration
	// Refused says that the points were not taken: they would have gone past the limit.
	Refused bool
}

// Remaining is what is left.
func (s State) Remaining() int { return max(0, s.Limit-s.Used) }

// Take takes points off somebody's budget, all or none. Where the shared store cannot be asked this
// process counts by itself.
func (b *Budget) Take(ctx context.Context, who string, points int) State {
	s := b.add(ctx, who, points)
	if points > 0 && s.Used > s.Limit {
		s = b.add(ctx, who, -points)
		s.Refused = true
	}
	return s
}

// Charge takes points also where they go past the limit: for what has been used already.
func (b *Budget) Charge(ctx context.Context, who string, points int) State {
	return b.add(ctx, who, points)
}

// Look returns what is left of a budget; Refused is set when nothing is.
func (b *Budget) Look(ctx context.Context, who string) State {
	s := b.add(ctx, who, 0)
	s.Refused = s.Used >= s.Limit
	return s
}

func (b *Budget) add(ctx context.Context, who string, points int) State {
	now := b.now()
	window := now.UnixNano() / int64(b.length)
	reset := time.Unix(0, (window+1)*int64(b.length))
	s := State{Limit: b.most, Reset: reset, In: reset.Sub(now)}
	here := b.addHere(window, who, int64(points))
	s.Used = bounded(here)
	if b.shared != nil {
		name := b.kind + "\x00" + strconv.FormatInt(window, 10) + "\x00" + who
		if used, err := b.shared.Count(ctx, name, int64(points), 2*b.length); err == nil && b.plausible(used) {
			s.Used = bounded(max(used, here))
		}
	}
	return s
}

// absurd is how many times a budget a shared count can be before it is taken for something that no
// replica has counted.
const absurd = 1000

// plausible says whether a count of the shared store can be true. Anyone who can write to the store
// can set it to anything: less than was counted here gives nobody more than this process allows,
// far more locks nobody out, and in any case the count is that of one window, under a name of its
// own.
func (b *Budget) plausible(used int64) bool {
	return used >= 0 && used <= absurd*max(int64(b.most), 1)
}

func (b *Budget) addHere(window int64, who string, points int64) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if window != b.window || len(b.used) >= maxKnown {
		b.window = window
		clear(b.used)
	}
	used := max(0, b.used[who]+points)
	if used == 0 {
		delete(b.used, who)
	} else {
		b.used[who] = used
	}
	return used
}

// bounded keeps a count within what an Int of GraphQL can hold.
func bounded(n int64) int {
	const most = 1<<31 - 1
	return int(min(max(n, 0), most))
}
