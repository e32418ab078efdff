//go:build unix

package tableau

import (
	"errors"
	"reflect"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/tableau/rest"
	"vitrine/internal/tableau/rest/scan"
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

// BenchmarkDecodeThousandWorkbooks compares the decoder of ordinary answers with the one of all
// others. cpu-ns/op is processor time, which other programs disturb less.
func BenchmarkDecodeThousandWorkbooks(b *testing.B) {
	for _, c := range []struct {
		name, media string
		body        []byte
		decode      func([]byte, string, rest.Answer) error
	}{
		{"all fields", "application/json", pageJSON(1000), rest.Decode},
		{"all fields, unusual", "application/json", pageJSON(1000), rest.DecodeUnusual},
		{"selected fields", "application/json", selectedJSON(1000), rest.Decode},
		{"needed fields of all", "application/json", pageJSON(1000), decodeUpdates},
		{"selected fields, unusual", "application/json", selectedJSON(1000), rest.DecodeUnusual},
		{"xml", "application/xml", pageXML(1000), rest.Decode},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				var a workbooksAnswer
				if err := c.decode(c.body, c.media, &a); err != nil || len(a.Workbooks.Items) != 1000 {
					b.Fatalf("%d workbooks, error %v", len(a.Workbooks.Items), err)
				}
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// decodeUpdates decodes of each workbook what a query for its name, owner, project and update needs.
func decodeUpdates(body []byte, _ string, into rest.Answer) error {
	if !scan.Decode(body, into, func(reflect.Value) {}, updates).OK {
		return errors.New("it is not ordinary")
	}
	return nil
}

var updates = NewNeeded(map[string][]string{KindWorkbook: {"updatedAt"}})
