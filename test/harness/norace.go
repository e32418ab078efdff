//go:build !race

package harness

// Race reports whether the race detector is on: it allocates too.
const Race = false
