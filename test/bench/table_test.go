//go:build unix

package bench

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cost is what one request cost, on the average of a round.
type cost struct {
	cpu       float64 // ms, user and system
	each      []time.Duration
	allocs    float64
	kB        float64 // allocated
	size      float64 // kB of the answer
	calls     float64 // to Tableau
	perSecond float64
	peak      float64 // MB: the largest resident set so far
}

func costOf(t taken, before, after benchReport, calls int) cost {
	n := float64(t.requests)
	return cost{
		cpu: milliseconds(after.CPU-before.CPU) / n, each: t.each,
		allocs: float64(after.Mallocs-before.Mallocs) / n, kB: float64(after.Bytes-before.Bytes) / 1000 / n,
		size: float64(t.size) / 1000 / n, calls: float64(calls) / n, perSecond: n / t.whole.Seconds(), peak: float64(after.Peak) / 1e6,
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (c cost) p50() float64 { return milliseconds(c.each[len(c.each)/2]) }

// p99 returns the 99th percentile of all rounds together: one round has too few requests.
func p99(rounds []cost) float64 {
	var all []time.Duration
	for _, c := range rounds {
		all = append(all, c.each...)
	}
	slices.Sort(all)
	return milliseconds(all[min(len(all)*99/100, len(all)-1)])
}

// tableColumns are the columns behind the names of the sides.
var tableColumns = []string{"CPU ms", "x proxy", "(least-most)", "p50 ms", "x proxy", "p99 ms", "allocations", "alloc. kB", "answer kB", "REST calls", "requests/s", "peak MB"}

var tableWidths = []int{8, 8, 14, 8, 8, 8, 12, 10, 10, 11, 11, 8}

func printHead(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%s, %d CPUs, which all processes share. Medians of %d rounds, in which the sides take turns.\n",
		runtime.Version(), runtime.NumCPU(), benchRounds)
}

// printRow writes a line for each side; the first is the proxy.
func printRow(w io.Writer, r row, sides []*side) {
	_, _ = fmt.Fprintf(w, "\n%s: %s\n", r.name, r.title)
	line := fmt.Sprintf("%-16s", "")
	for i, name := range tableColumns {
		line += fmt.Sprintf("%*s", tableWidths[i], name)
	}
	_, _ = fmt.Fprintln(w, line)
	proxy := sides[0].rounds
	for _, s := range sides {
		printLine(w, s.name, cells(s.rounds, proxy))
	}
	base, head := byName(sides, sideBase), byName(sides, sideHead)
	if base != nil && head != nil {
		cpu, least, most := ratio(head.rounds, base.rounds, func(c cost) float64 { return c.cpu })
		p50, _, _ := ratio(head.rounds, base.rounds, cost.p50)
		allocs, _, _ := ratio(head.rounds, base.rounds, func(c cost) float64 { return c.allocs })
		kB, _, _ := ratio(head.rounds, base.rounds, func(c cost) float64 { return c.kB })
		calls, _, _ := ratio(head.rounds, base.rounds, func(c cost) float64 { return c.calls })
		rate, _, _ := ratio(head.rounds, base.rounds, func(c cost) float64 { return c.perSecond })
		peak, _, _ := ratio(head.rounds, base.rounds, func(c cost) float64 { return c.peak })
		printLine(w, "head / base", []string{
			"x" + figure(cpu), "", "(" + figure(least) + "-" + figure(most) + ")", "x" + figure(p50), "", "", "x" + figure(allocs), "x" + figure(kB), "",
			"x" + figure(calls), "x" + figure(rate), "x" + figure(peak),
		})
	}
}

func byName(sides []*side, name string) *side {
	for _, s := range sides {
		if s.name == name {
			return s
		}
	}
	return nil
}

func printLine(w io.Writer, name string, cells []string) {
	line := fmt.Sprintf("  %-14s", name)
	for i, cell := range cells {
		line += strings.Repeat(" ", max(1, tableWidths[i]-len(cell))) + cell
	}
	_, _ = fmt.Fprintln(w, strings.TrimRight(line, " "))
}

func cells(rounds, proxy []cost) []string {
	of := func(f func(cost) float64) string { return figure(median(rounds, f)) }
	cpu, least, most := ratio(rounds, proxy, func(c cost) float64 { return c.cpu })
	p50, _, _ := ratio(rounds, proxy, cost.p50)
	allocs, kB := of(func(c cost) float64 { return c.allocs }), of(func(c cost) float64 { return c.kB })
	if rounds[0].allocs == 0 { // Node does not count them
		allocs, kB = "-", "-"
	}
	return []string{
		of(func(c cost) float64 { return c.cpu }), "x" + figure(cpu), "(" + figure(least) + "-" + figure(most) + ")",
		of(cost.p50), "x" + figure(p50), figure(p99(rounds)), allocs, kB,
		of(func(c cost) float64 { return c.size }), of(func(c cost) float64 { return c.calls }),
		of(func(c cost) float64 { return c.perSecond }), of(func(c cost) float64 { return c.peak }),
	}
}

// ratio returns the median of the ratios of each round, with the least and the most.
func ratio(rounds, to []cost, of func(cost) float64) (middle, least, most float64) {
	all := make([]float64, len(rounds))
	for i := range rounds {
		all[i] = of(rounds[i]) / of(to[i])
	}
	slices.Sort(all)
	return all[len(all)/2], all[0], all[len(all)-1]
}

func median(rounds []cost, of func(cost) float64) float64 {
	all := make([]float64, len(rounds))
	for i, c := range rounds {
		all[i] = of(c)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func printLegend(w io.Writer) {
	_, _ = fmt.Fprint(w, `
CPU ms        user and system time of the process for one request; x proxy: as a multiple of the plain proxy in the same round
p50, p99 ms   what the client waits; p99 of all rounds together
allocations   of that process for one request; alloc. kB: their bytes (1 kB = 1000 bytes)
answer kB     GraphQL's document, or the bodies of all REST answers, which nobody has decoded or joined yet
REST calls    that reach Tableau for one request
peak MB       largest resident set of the process in this row
docs/performance.md explains the rows.
`)
}

// figure writes three digits that mean something.
func figure(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}
