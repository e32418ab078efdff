//go:build unix

package bench

import (
	"fmt"
	"time"
)

// How long make bench measures. Each side of a row runs for a window, the sides take turns, and
// each does so benchRounds times: what else the machine does meanwhile hits all, and the median
// leaves out the worst of it.
const (
	benchRounds = 5
	benchWindow = 800 * time.Millisecond
	benchPeople = 200 // who ask for the first time at once
)

// row is one line of the table of docs/performance.md.
type row struct {
	name, title string
	workbooks   int
	latency     time.Duration
	query       string
	rest        [][]string // what the proxy is asked for: the fewest calls that have all that the query asks for
	clients     int
	rounds      int
	without     []string // sides that the row does not have
	how         func(*bed, *side) error
	cached      bool // by Vitrine's answer cache
	gzip        bool // clients take compressed answers
}

const (
	flatQuery   = `{ site(contentUrl: "") { workbooks(first: %d) { totalCount nodes { luid name updatedAt owner { name } project { name } } } } }`
	nestedQuery = `{ site(contentUrl: "") { projects(first: 10) { nodes { luid name
		workbooks(first: 10) { nodes { luid name updatedAt views { luid name } } } } } } }`
)

var (
	flatREST   = [][]string{{"workbooks?pageSize=100"}}
	nestedREST = [][]string{{"projects?pageSize=100"}, {"workbooks?pageSize=1000"}, {"views?pageSize=1000"}}
)

// tenPages are the pages of 10,000 items: all behind the first side by side.
func tenPages() [][]string {
	var rest []string
	for page := 2; page <= 10; page++ {
		rest = append(rest, fmt.Sprintf("workbooks?pageSize=1000&pageNumber=%d", page))
	}
	return [][]string{{"workbooks?pageSize=1000&pageNumber=1"}, rest}
}

// rows are those that BENCH_ROWS can choose from, by the beginnings of their names.
func rows() []row {
	const slow = 20 * time.Millisecond
	flat, all := fmt.Sprintf(flatQuery, 100), fmt.Sprintf(flatQuery, 10_000)
	return []row{
		{name: "flat-0", title: "100 workbooks with project and owner, 0 ms upstream", workbooks: 100, query: flat, rest: flatREST},
		{name: "gzip-0", title: "100 workbooks, to clients that take gzip", workbooks: 100, query: flat, rest: flatREST, without: []string{sideMemory, sideNode}, gzip: true},
		{name: "flat-20", title: "100 workbooks with project and owner, 20 ms upstream", workbooks: 100, latency: slow, query: flat, rest: flatREST},
		{name: "nested-0", title: "10 projects x 10 workbooks x 5 views, 0 ms upstream", workbooks: 100, query: nestedQuery, rest: nestedREST},
		{name: "nested-20", title: "10 projects x 10 workbooks x 5 views, 20 ms upstream", workbooks: 100, latency: slow, query: nestedQuery, rest: nestedREST},
		{name: "all-20", title: "all 10,000 workbooks of a site, 20 ms upstream", workbooks: 10_000, latency: slow, query: all, rest: tenPages()},
		{
			name: "first-20", title: fmt.Sprintf("%d people's first request at once, 20 ms upstream", benchPeople), workbooks: 100, latency: slow,
			query: flat, rest: flatREST, clients: benchPeople, without: []string{sideMemory}, how: (*bed).firstRequests,
		},
		{
			name: "image-0", title: "an image of 300 kB through a content link, 0 ms upstream", workbooks: 100, without: []string{sideMemory},
			rest: [][]string{{"views/" + luid("view", 0) + "/image"}}, how: (*bed).images,
		},
		{
			name: "memory-20", title: "eight answers of 10,000 workbooks at once, 20 ms upstream", workbooks: 10_000, latency: slow,
			query: all, rest: tenPages(), clients: 8, rounds: 1,
		},
		{name: "cache-0", title: "100 workbooks, from the answer cache", workbooks: 100, query: flat, rest: flatREST, without: []string{sideMemory, sideNode}, cached: true},
	}
}
