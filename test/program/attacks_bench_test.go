//go:build unix

package program

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/policy"
	"vitrine/internal/server"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// BenchmarkAttacks shows what each attack costs the server: its processor's time, of which 5 ms are
// agreed, and bytes of the answer.
func BenchmarkAttacks(b *testing.B) {
	handler, token, roleSet := attacked(b)
	benchmark(b, handler, token, attacks(roleSet))
}

// BenchmarkHeavyRequests shows what requests cost that are allowed and large.
func BenchmarkHeavyRequests(b *testing.B) {
	handler, token, _ := attacked(b)
	benchmark(b, handler, token, heavy())
}

// BenchmarkRoleSets shows the price of a set of roles that nobody had before: its schema is
// compiled.
func BenchmarkRoleSets(b *testing.B) {
	roles := denyingRoles()
	p := start(b, tableausim.Config{}, func(c *config.Config) { c.Roles = append(c.Roles, roles...) })
	var fresh *policy.Policy
	spent, sets := time.Duration(0), 1<<len(roles)
	for n := 0; b.Loop(); n++ {
		if n%sets == 0 { // each set was there once
			var err error
			if fresh, err = server.NewPolicy(p.App.Settings); err != nil {
				b.Fatal(err)
			}
		}
		before := harness.CPUTime()
		if _, err := fresh.View(roleSet(p.App.Settings.Roles[0].Name, roles, n%sets)); err != nil {
			b.Fatal(err)
		}
		spent += harness.CPUTime() - before
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(spent.Seconds()*1000/float64(b.N), "cpu-ms/op")
}

func benchmark(b *testing.B, handler http.Handler, token string, requests []attack) {
	b.Helper()
	for _, a := range requests {
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
