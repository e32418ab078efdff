//go:build !unix

package edge

import "math"

// MaxConns is how many connections the process can have open beside reserved files: nobody knows
// here.
func MaxConns(int) int { return math.MaxInt32 }

// OpenFiles is how many files the process may have open: nobody knows here.
func OpenFiles() int { return math.MaxInt32 }
