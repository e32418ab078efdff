//go:build unix

package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// How long make bench measures. Each side of a case runs for benchWindow, takes turns with the
// other, and does so benchRounds times: what else the machine does meanwhile hits both, and the
// median leaves out the worst of it.
const (
	benchRounds = 5
	benchWindow = 1200 * time.Millisecond
)

// benchCase is one question to Vitrine, put to a stand-in of some size. The plain proxy is asked
// for the same as Vitrine asked.
type benchCase struct {
	name      string
	file      string // of its profiles
	workbooks int    // of the site
	latency   time.Duration
	query     string
	holds     map[string]int // how often a text is in the answer, at least: personal spaces are in no project
}

// tenCountries are the projects that the stand-in fills first: in a site of 4,000 each has ten
// workbooks of five views, and more others.
const tenCountries = `["Australia", "Austria", "Belgium", "Brazil", "Canada", "Chile", "Denmark", "Finland", "France", "Germany"]`

var benchCases = []benchCase{
	{
		name: "100 workbooks, flat", file: "flat", workbooks: 160,
		query: `{ site(contentUrl: "") { workbooks(first: 100) { nodes { id luid name updatedAt owner { name } project { name } } } } }`,
		holds: map[string]int{`"luid"`: 100, `"owner":{"name":"`: 100, `"project":{"name":"`: 90},
	},
	{
		name: "10 projects x 10 workbooks x 5 views", file: "nested", workbooks: 4000,
		query: `{ site(contentUrl: "") { projects(first: 10, filter: {name: {in: ` + tenCountries + `}}) { nodes { id name
			workbooks(first: 10, filter: {sheetCount: {eq: 5}}) { nodes { luid name updatedAt views { path name } } } } } } }`,
		holds: map[string]int{`"workbooks"`: 10, `"luid"`: 100, `"path"`: 500},
	},
	{
		name: "all 10,000 workbooks of a site, 20 ms upstream latency", file: "all", workbooks: 10_000, latency: 20 * time.Millisecond,
		query: `{ site(contentUrl: "") { workbooks(first: 10000) { totalCount nodes { id luid name updatedAt owner { name } project { name } } } } }`,
		holds: map[string]int{`"luid"`: 10_000, `"totalCount":10000`: 1},
	},
}

// BenchmarkBesideProxy prints what Vitrine costs beside a plain reverse proxy that is asked for the
// same REST answers. Stand-ins, Vitrine and proxy are processes of their own, so that each one's
// CPU and allocations are its own.
func BenchmarkBesideProxy(b *testing.B) {
	b.ReportMetric(0, "ns/op") // how long it all took says nothing
	table := newBenchTable()
	for _, c := range benchCases {
		if err := c.run(b, table); err != nil {
			b.Fatalf("%s: %v", c.name, err)
		}
	}
	fmt.Println()
	if err := table.print(os.Stdout); err != nil {
		b.Fatal(err)
	}
}

// run measures one case with one and with eight clients at a time.
func (c benchCase) run(b *testing.B, table *benchTable) error {
	bed, err := newBenchBed(b, c)
	if err != nil {
		return err
	}
	defer bed.close()
	if err := bed.warmUp(); err != nil {
		return err
	}
	for _, clients := range []int{1, 8} {
		var rounds []benchRound
		for range benchRounds {
			var r benchRound
			if r.vitrine, err = bed.measure(bed.vitrine, clients, bed.askVitrine); err != nil {
				return fmt.Errorf("Vitrine, %d clients: %w", clients, err)
			}
			if r.proxy, err = bed.measure(bed.proxy, clients, bed.askProxy); err != nil {
				return fmt.Errorf("proxy, %d clients: %w", clients, err)
			}
			rounds = append(rounds, r)
		}
		table.add(c.name, clients, rounds)
	}
	return nil
}

// benchBed is a case with its three processes.
type benchBed struct {
	benchCase
	standIns, vitrine, proxy *benchProcess
	client                   *http.Client
	token                    string     // of the session that the proxy is asked with
	steps                    [][]string // what Vitrine asks Tableau, as paths: each step side by side
	vitrineSize, proxySize   int        // bytes of an answer: none may differ
}

// newBenchTransport keeps as many idle connections as Vitrine keeps to Tableau.
func newBenchTransport() *http.Transport {
	const idleConns = 256
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = idleConns, idleConns
	return transport
}

func newBenchBed(tb testing.TB, c benchCase) (bed *benchBed, err error) {
	bed = &benchBed{benchCase: c, client: &http.Client{Transport: newBenchTransport()}}
	defer func() {
		if err != nil {
			bed.close()
		}
	}()
	if bed.standIns, err = startBenchProcess(benchTask{Role: roleStandIns, Workbooks: c.workbooks, Latency: c.latency}); err != nil {
		return nil, err
	}
	task := benchTask{Role: roleVitrine, Servers: bed.standIns.at, Dir: tb.TempDir()}
	if dir := os.Getenv(benchProfiles); dir != "" {
		task.Profile = filepath.Join(dir, c.file)
	}
	if bed.vitrine, err = startBenchProcess(task); err != nil {
		return nil, err
	}
	bed.proxy, err = startBenchProcess(benchTask{Role: roleProxy, Servers: bed.standIns.at})
	return bed, err
}

func (bed *benchBed) close() {
	bed.client.CloseIdleConnections()
	for _, p := range []*benchProcess{bed.vitrine, bed.proxy, bed.standIns} {
		if p != nil {
			p.stop()
		}
	}
}

// warmUp asks until everybody is signed in and buffers have grown, checks that the answers are the
// ones that are meant, and learns from the stand-in what Vitrine asks for it.
func (bed *benchBed) warmUp() error {
	for range 3 {
		if _, err := bed.standIns.report(); err != nil { // begins a new list of calls
			return err
		}
		answer, err := bed.post(bed.vitrine.at.Vitrine+"/graphql", map[string]string{"query": bed.query}, bed.standIns.at.Token)
		if err != nil {
			return err
		}
		for text, n := range bed.holds {
			if got := bytes.Count(answer, []byte(text)); got < n {
				return fmt.Errorf("%s occurs %d times in the answer, want %d: %.300s", text, got, n, answer)
			}
		}
		bed.vitrineSize = len(answer)
	}
	asked, err := bed.standIns.report()
	if err != nil {
		return err
	}
	if len(asked.Last) == 0 || len(asked.Last) != asked.Calls {
		return fmt.Errorf("the stand-in lists %d of %d calls", len(asked.Last), asked.Calls)
	}
	bed.steps = benchSteps(asked.Last)
	if err := bed.signIn(); err != nil {
		return err
	}
	for range 3 {
		if bed.proxySize, err = bed.askProxy(); err != nil {
			return err
		}
	}
	return nil
}

// benchSteps puts calls in the order in which a client of the REST API can send them: pages of a
// list that follow its first one go side by side, all else one after the other.
func benchSteps(calls []string) [][]string {
	var steps [][]string
	later := false
	for _, call := range calls {
		u, err := url.Parse(call)
		page := ""
		if err == nil {
			page = u.Query().Get("pageNumber")
		}
		if follows := page != "" && page != "1"; follows && later {
			steps[len(steps)-1] = append(steps[len(steps)-1], call)
		} else {
			steps, later = append(steps, []string{call}), follows
		}
	}
	return steps
}

// signIn opens the session that the proxy is asked with: as the person whose token Vitrine gets.
func (bed *benchBed) signIn() error {
	answer, err := bed.post(bed.standIns.at.Tableau+"/api/3.27/auth/signin", map[string]any{"credentials": map[string]any{
		"name": benchUser, "password": benchUser, "site": map[string]string{"contentUrl": ""},
	}}, "")
	if err != nil {
		return err
	}
	var grant struct{ Credentials struct{ Token string } }
	if err := json.Unmarshal(answer, &grant); err != nil {
		return err
	}
	bed.token = grant.Credentials.Token
	return nil
}

// askVitrine asks the question and gives the size of the answer in bytes.
func (bed *benchBed) askVitrine() (int, error) {
	answer, err := bed.post(bed.vitrine.at.Vitrine+"/graphql", map[string]string{"query": bed.query}, bed.standIns.at.Token)
	if err == nil && len(answer) != bed.vitrineSize {
		err = fmt.Errorf("an answer of %d bytes, the first had %d: %.300s", len(answer), bed.vitrineSize, answer)
	}
	return len(answer), err
}

// askProxy asks for what Vitrine asks Tableau, and gives the size of all answers in bytes. Nobody
// decodes them.
func (bed *benchBed) askProxy() (int, error) {
	size := 0
	for _, step := range bed.steps {
		sizes, errs := make([]int, len(step)), make([]error, len(step))
		var wg sync.WaitGroup
		for i, path := range step {
			wg.Go(func() { sizes[i], errs[i] = bed.get(bed.proxy.at.Proxy + path) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return 0, err
		}
		for _, n := range sizes {
			size += n
		}
	}
	if bed.proxySize != 0 && size != bed.proxySize {
		return 0, fmt.Errorf("answers of %d bytes, the first had %d", size, bed.proxySize)
	}
	return size, nil
}

func (bed *benchBed) get(address string) (int, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("X-Tableau-Auth", bed.token)
	r.Header.Set("Accept", "application/json")
	answer, err := bed.send(r)
	return len(answer), err
}

func (bed *benchBed) post(address string, body any, token string) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return bed.send(r)
}

func (bed *benchBed) send(r *http.Request) ([]byte, error) {
	res, err := bed.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var answer bytes.Buffer
	answer.Grow(int(max(res.ContentLength, 4096)))
	if _, err := answer.ReadFrom(res.Body); err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK || bytes.HasPrefix(answer.Bytes(), []byte(`{"errors"`)) {
		return nil, fmt.Errorf("%s: %.300s", res.Status, answer.Bytes())
	}
	return answer.Bytes(), nil
}

// measure lets so many clients ask one after the other for a window of time, at least once each,
// and gives what that cost the process that answers.
func (bed *benchBed) measure(p *benchProcess, clients int, ask func() (int, error)) (benchCost, error) {
	upstream, err := bed.standIns.report()
	if err != nil {
		return benchCost{}, err
	}
	before, err := p.report()
	if err != nil {
		return benchCost{}, err
	}
	runtime.GC() // of the one who asks: not in the window
	began := time.Now()
	requests, size, err := askSideBySide(clients, began.Add(benchWindow), ask)
	took := time.Since(began) // real time: a benchmark prints it
	if err != nil {
		return benchCost{}, err
	}
	after, err := p.report()
	if err != nil {
		return benchCost{}, err
	}
	if upstream, err = bed.standIns.report(); err != nil {
		return benchCost{}, err
	}
	n := float64(requests)
	return benchCost{
		perSecond: n / took.Seconds(), cpu: float64(after.CPU-before.CPU) / float64(time.Millisecond) / n,
		allocs: float64(after.Mallocs-before.Mallocs) / n, kB: float64(after.Bytes-before.Bytes) / 1000 / n,
		calls: float64(upstream.Calls) / n, size: float64(size) / 1000 / n,
		memory: float64(after.Memory) / 1e6,
	}, nil
}

// askSideBySide gives how often was asked until the end, and how many bytes came back.
func askSideBySide(clients int, end time.Time, ask func() (int, error)) (requests, size int, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for first := true; first || time.Now().Before(end); first = false {
				n, failed := ask()
				mu.Lock()
				requests, size = requests+1, size+n
				err = errors.Join(err, failed)
				stop := err != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	return requests, size, err
}

// TestBenchSteps keeps the bench honest: what Vitrine sends side by side is put to the proxy side
// by side too.
func TestBenchSteps(t *testing.T) {
	t.Parallel()
	got := benchSteps([]string{"/projects?pageNumber=1", "/workbooks?pageNumber=1", "/workbooks?pageNumber=3", "/workbooks?pageNumber=2", "/users/1"})
	var lines []string
	for _, step := range got {
		lines = append(lines, strings.Join(step, " "))
	}
	want := "/projects?pageNumber=1\n/workbooks?pageNumber=1\n/workbooks?pageNumber=3 /workbooks?pageNumber=2\n/users/1"
	if text := strings.Join(lines, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
