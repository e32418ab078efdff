//go:build !unix

package edge

import "math"

// Room is how many connections the process can have open beside reserved files: nobody knows here.
func Room(int) int { return math.MaxInt32 }
