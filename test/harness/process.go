package harness

import (
	"flag"
	"syscall"
	"time"
)

// Update is set by `go test -update`: tests then rewrite their golden files.
var Update = flag.Bool("update", false, "rewrite golden files")

// ProgramEnv is the variable that makes a process of a test binary run the program instead of
// tests.
const ProgramEnv = "VITRINE_TEST_PROGRAM"

// CPUTime is what this process has used, user and system, on all its threads.
func CPUTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
