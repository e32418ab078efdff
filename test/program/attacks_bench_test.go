//go:build unix

package program

import (
	"strings"
	"testing"
	"time"

	"vitrine/test/harness"
)

// BenchmarkAttacks shows what each attack costs the server: its processor's time, of which 5 ms are agreed, and bytes of the answer.
func BenchmarkAttacks(b *testing.B) {
	handler, token := attacked(b)
	for _, a := range attacks() {
		b.Run(strings.ReplaceAll(a.name, " ", "-"), func(b *testing.B) {
			size, spent := 0, time.Duration(0)
			for b.Loop() {
				r := a.request(token)
				before := harness.CPUTime()
				size = strike(handler, r).Body.Len()
				spent += harness.CPUTime() - before
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(spent.Seconds()*1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
