//go:build unix

package tableau

import (
	"syscall"
	"testing"
	"time"

	"vitrine/internal/tableau/rest"
)

// cpuTime is what this process has used, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestDecodeCostsLittleProcessorTime holds that no body makes the decoder quadratic. Processor time
// does not depend on what else the machine does; the test is not parallel, so that no other test
// adds to it.
func TestDecodeCostsLittleProcessorTime(t *testing.T) { //nolint:paralleltest // see above
	for name, body := range nestedBodies() {
		before := cpuTime()
		var a workbooksAnswer
		_ = rest.Decode([]byte(body), "", &a)
		used := cpuTime() - before
		t.Logf("%s: %s", name, used)
		if used > 2*time.Second {
			t.Errorf("%s: %s of processor time", name, used)
		}
	}
}
