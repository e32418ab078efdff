package harness

import (
	"syscall"
	"time"
)

// ProgramRole makes a process of this test binary the program itself.
const ProgramRole = "VITRINE_TEST_PROGRAM"

// CpuTime is what this process has used, user and system, on all its threads.
func CpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
