//go:build unix

package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// version is a build of the program; path is empty for this one.
type version struct{ side, path string }

// versions are the builds that are measured: this one, or two revisions.
func versions() []version {
	if base := os.Getenv(envBase); base != "" {
		return []version{{sideBase, base}, {sideHead, os.Getenv(envHead)}}
	}
	return []version{{side: sideVitrine}}
}

// noNode is why the Node facade is not measured; empty when it is.
var noNode = sync.OnceValue(func() string {
	if os.Getenv(envBase) != "" {
		return "two revisions are compared"
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "there is no Node"
	}
	if _, err := os.Stat("node/node_modules/graphql-yoga"); err != nil {
		return "its npm packages are missing: run make bench where npm is installed"
	}
	return ""
})

// BenchmarkBesideProxy prints what Vitrine costs beside a plain reverse proxy that is asked for the
// REST answers, and beside other facades. All are processes of their own, so that each one's CPU
// and allocations are its own. BENCH_ROWS chooses rows by the beginnings of their names.
func BenchmarkBesideProxy(b *testing.B) {
	b.ReportMetric(0, "ns/op") // how long it all took says nothing
	if why := noNode(); why != "" {
		fmt.Println("the Node facade is skipped:", why)
	}
	chosen := regexp.MustCompile("^(" + strings.ReplaceAll(regexp.QuoteMeta(os.Getenv("BENCH_ROWS")), ",", "|") + ")")
	printHead(os.Stdout)
	count := 0
	for _, r := range rows() {
		if !chosen.MatchString(r.name) {
			continue
		}
		count++
		switch sides, err := r.run(b); {
		case errors.Is(err, errNoCache):
			fmt.Printf("\n%s: skipped: %v\n", r.name, err)
		case err != nil:
			b.Fatalf("%s: %v", r.name, err)
		default:
			printRow(os.Stdout, r, sides)
		}
	}
	if count == 0 {
		b.Fatalf("BENCH_ROWS=%s is the beginning of no row", os.Getenv("BENCH_ROWS"))
	}
	printLegend(os.Stdout)
}

// run measures one row: the sides take turns.
func (r row) run(tb testing.TB) ([]*side, error) {
	b, err := newBed(tb, r)
	if err != nil {
		return nil, err
	}
	defer b.close()
	if err := b.warmUp(); err != nil {
		return nil, err
	}
	how := r.how
	if how == nil {
		how = (*bed).warmRequests
	}
	for b.round = range b.rounds {
		for _, s := range b.sides {
			if err := how(b, s); err != nil {
				return nil, err
			}
		}
	}
	return b.sides, nil
}

// TestSidesAgree keeps the bench honest: every facade gives the same answers, and the proxy is
// asked for no more than what they need.
func TestSidesAgree(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		if r.query == "" || r.workbooks > 100 || r.latency > 0 || r.cached {
			continue
		}
		b, err := newBed(t, r)
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		defer b.close()
		if err := b.warmUp(); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}
