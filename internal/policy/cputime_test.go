//go:build unix

package policy

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is what this process has used, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestAttacksCostLittleProcessorTime holds that no attack makes a walk exponential or quadratic.
// Processor time does not depend on what else the machine does; the test is not parallel, so that
// no other test adds to it. BenchmarkAttack has the figures.
func TestAttacksCostLittleProcessorTime(t *testing.T) { //nolint:paralleltest // see above
	v := testView(t, goldenRoles[0])
	for name, query := range attacks() {
		before := cpuTime()
		take(v, query)
		if used := cpuTime() - before; used > time.Second {
			t.Errorf("%s: %s of processor time", name, used)
		}
	}
}
