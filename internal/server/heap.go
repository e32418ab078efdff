package server

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapFloor is how large the heap may grow before the collector runs. Go's default lets the heap
// double, and what lives between requests is so little that this is a collection for every few
// answers.
const heapFloor = 64 << 20

// KeepHeap lets the heap grow to heapFloor, or to a quarter of GOMEMLIMIT, before the collector runs.
// Above that the heap doubles, as always. It does nothing where GOGC is set: an operator decided.
func KeepHeap() {
	if os.Getenv("GOGC") != "" {
		return
	}
	floor := uint64(heapFloor)
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		floor = min(floor, uint64(limit)/4)
	}
	keepHeap(&collector{floor: floor, percent: 100})
}

// collector is what the collector was last set to.
type collector struct {
	floor   uint64
	percent int
}

// keepHeap sets the collector, and again after each collection.
func keepHeap(c *collector) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if percent := percentFor(live[0].Value.Uint64(), c.floor); percent != c.percent {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.AddCleanup(new(*collector), keepHeap, c) // once the collector has found it to be garbage
}

// percentFor returns the GOGC with which a heap of live bytes grows to the floor. It is a multiple
// of 50, so that it seldom changes.
func percentFor(live, floor uint64) int {
	const usual, step = 100, 50
	live = max(live, 4<<20) // the collector never runs for less than that, times GOGC
	if floor <= 2*live {
		return usual
	}
	return max(int((floor-live)*usual/live)/step*step, usual)
}
