//go:build unix

package bench

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// benchCost is what one request cost, on the average of a window.
type benchCost struct {
	perSecond float64 // requests answered
	cpu       float64 // ms, user and system
	allocs    float64
	kB        float64 // allocated
	calls     float64 // to Tableau
	size      float64 // kB of the answer
	memory    float64 // MB that the process has needed at most
}

// benchColumns are the columns of the table.
var benchColumns = []struct {
	name  string
	of    func(benchCost) float64
	ratio bool
}{
	{"requests/s", func(c benchCost) float64 { return c.perSecond }, true},
	{"CPU ms", func(c benchCost) float64 { return c.cpu }, true},
	{"allocations", func(c benchCost) float64 { return c.allocs }, true},
	{"allocated kB", func(c benchCost) float64 { return c.kB }, true},
	{"REST calls", func(c benchCost) float64 { return c.calls }, false},
	{"answer kB", func(c benchCost) float64 { return c.size }, true},
	{"memory MB", func(c benchCost) float64 { return c.memory }, true},
}

// benchRound is one turn of each side.
type benchRound struct{ vitrine, proxy benchCost }

// benchTable collects what is printed at the end.
type benchTable struct {
	rows [][]string
	last string // the case that was added last
}

func newBenchTable() *benchTable {
	head := []string{"", ""}
	for _, c := range benchColumns {
		head = append(head, c.name)
	}
	return &benchTable{rows: [][]string{head}}
}

// add puts three lines: Vitrine, the proxy, and how they compare, with the least and the most of
// the rounds for what counts most.
func (t *benchTable) add(name string, clients int, rounds []benchRound) {
	if name != t.last {
		t.rows = append(t.rows, []string{name})
		t.last = name
	}
	lines := [][]string{{fmt.Sprintf("  %d at a time", clients), "Vitrine"}, {"", "proxy"}, {"", "ratio"}}
	for _, c := range benchColumns {
		lines[0] = append(lines[0], figure(median(rounds, func(r benchRound) float64 { return c.of(r.vitrine) })))
		lines[1] = append(lines[1], figure(median(rounds, func(r benchRound) float64 { return c.of(r.proxy) })))
		ratio := ""
		if c.ratio {
			of := func(r benchRound) float64 { return c.of(r.vitrine) / c.of(r.proxy) }
			ratio = "x" + figure(median(rounds, of))
			if c.name == "CPU ms" || c.name == "requests/s" {
				all := values(rounds, of)
				ratio += fmt.Sprintf(" (%s-%s)", figure(all[0]), figure(all[len(all)-1]))
			}
		}
		lines[2] = append(lines[2], ratio)
	}
	t.rows = append(t.rows, lines...)
}

// print writes the table and what its columns are.
func (t *benchTable) print(w io.Writer) error {
	_, _ = fmt.Fprintf(w, "Vitrine beside a plain reverse proxy (net/http/httputil) that is asked for the same REST answers, in front of the same stand-in\n"+
		"Tableau. %s, %d CPUs, which stand-in, Vitrine or proxy, and the one who asks share as processes of their own. Sessions are warm.\n"+
		"Medians of %d rounds of %s, in which the two take turns. Machines are noisy: the ratios, Vitrine / proxy, are what counts.\n\n",
		runtime.Version(), runtime.NumCPU(), benchRounds, benchWindow)
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			if len(row) > 1 { // the name of a case is in no column
				widths[i] = max(widths[i], len(cell))
			}
		}
	}
	for _, row := range t.rows {
		if len(row) == 1 {
			_, _ = fmt.Fprintf(w, "\n%s\n", row[0])
			continue
		}
		line := ""
		for i, cell := range row {
			line += fmt.Sprintf("%-*s  ", widths[i], cell)
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	_, err := fmt.Fprint(w, `
requests/s    answered in all, with so many clients that each wait for an answer before they ask again
CPU ms        user and system time of Vitrine's or the proxy's process for one request; (least-most of the rounds)
allocations   of that process for one request; allocated kB: their bytes (1 kB = 1000 bytes)
REST calls    that reach Tableau for one request: the proxy is asked for just those that Vitrine sends
answer kB     what comes back: GraphQL's document, or the bodies of all REST answers, which nobody has decoded or joined yet
memory MB     that the process has taken from the system so far, in this case
`)
	return err
}

func values(rounds []benchRound, of func(benchRound) float64) []float64 {
	all := make([]float64, len(rounds))
	for i, r := range rounds {
		all[i] = of(r)
	}
	slices.Sort(all)
	return all
}

func median(rounds []benchRound, of func(benchRound) float64) float64 {
	all := values(rounds, of)
	return all[len(all)/2]
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
