//go:build unix

package edge

import (
	"math"
	"syscall"
)

// OpenFiles is how many files the process may have open. (Go raises the soft limit to the hard one
// by itself.)
func OpenFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || uint64(limit.Cur) > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(limit.Cur)
}

// MaxConns is how many connections the process can have open beside reserved files.
func MaxConns(reserved int) int {
	files := OpenFiles()
	return max(files-reserved, files/2)
}
