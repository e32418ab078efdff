//go:build unix

package bench

import (
	"testing"

	"vitrine/test/harness"
)

// allocationBudgets are how many allocations the process of Vitrine may need for one warm request of
// a row, everything included: a figure may only go down.
var allocationBudgets = map[string]float64{
	"flat-0":   450,
	"nested-0": 1_450,
	"cache-0":  86,
}

func TestRequestsKeepTheirAllocationBudgets(t *testing.T) {
	t.Parallel() // Vitrine is a process of its own
	if harness.Race {
		t.Skip("the race detector allocates too")
	}
	for _, r := range rows() {
		budget, ok := allocationBudgets[r.name]
		if !ok {
			continue
		}
		r.without = []string{sideMemory, sideNode}
		b, err := newBed(t, r)
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		defer b.close()
		if err := b.warmUp(); err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		vitrine := b.sides[1]
		for range 3 {
			if err := b.measure(vitrine, func(int) (int, error) { return b.requests(vitrine, 20) }, 0); err != nil {
				t.Fatalf("%s: %v", r.name, err)
			}
		}
		least := vitrine.rounds[0].allocs
		for _, c := range vitrine.rounds {
			least = min(least, c.allocs)
		}
		if least /= 20; least > budget {
			t.Errorf("%s: %.0f allocations, the budget is %.0f", r.name, least, budget)
		} else {
			t.Logf("%s: %.0f allocations of %.0f", r.name, least, budget)
		}
	}
}

// requests sends so many requests one after the other.
func (b *bed) requests(s *side, n int) (size int, err error) {
	for range n {
		if size, err = b.ask(s, 0); err != nil {
			return 0, err
		}
	}
	return size, nil
}
