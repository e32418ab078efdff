package server

import "testing"

func TestHeapGrowsToItsFloor(t *testing.T) {
	t.Parallel()
	const mega = 1 << 20
	for _, c := range []struct {
		live, floor uint64
		percent     int
	}{
		{0, 64 * mega, 1500},
		{10 * mega, 64 * mega, 500},
		{30 * mega, 64 * mega, 100},
		{64 * mega, 64 * mega, 100},
		{1000 * mega, 64 * mega, 100},
		{10 * mega, 16 * mega, 100},
	} {
		if got := percentFor(c.live, c.floor); got != c.percent {
			t.Errorf("%d of %d bytes: GOGC %d, want %d", c.live, c.floor, got, c.percent)
		}
	}
}
