//go:build unix

package edge

import (
	"math"
	"syscall"
)

// Room is how many connections the process can have open beside reserved files. (Go raises the soft limit to the hard one by itself.)
func Room(reserved int) int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || uint64(limit.Cur) > math.MaxInt32 {
		return math.MaxInt32
	}
	return max(int(limit.Cur)-reserved, int(limit.Cur)/2)
}
