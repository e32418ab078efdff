//go:build unix

package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"vitrine/test/bench/report"
)

// The sides of a row. sideBase and sideHead are the program at two revisions.
const (
	sideProxy   = "plain proxy"
	sideVitrine = "Vitrine"
	sideBase    = "Vitrine, base"
	sideHead    = "Vitrine, head"
	sideMemory  = "gqlgen, memory"
	sideNode    = "Node facade"
)

// Builds of the program to compare, and where profiles of Vitrine go.
const (
	envBase     = "VITRINE_BENCH_BASE"
	envHead     = "VITRINE_BENCH_HEAD"
	envProfiles = "VITRINE_BENCH_PROFILES"
)

// side is one of those that a row compares.
type side struct {
	name    string
	process *benchProcess
	rounds  []cost
}

// bed is a row with its processes.
type bed struct {
	row
	*asker
	dir   string
	stub  *benchProcess
	sides []*side
	token string // of the session that the proxy is asked with
	round int
	sizes map[string]int // of the answers of each side: none may differ
	mu    sync.Mutex
}

// errNoCache is why there is no row of the answer cache.
var errNoCache = errors.New("this revision has no answer cache")

func newBed(tb testing.TB, r row) (b *bed, err error) {
	r.clients, r.rounds = max(r.clients, 1), max(r.rounds, 0)
	if r.rounds == 0 {
		r.rounds = benchRounds
	}
	b = &bed{row: r, asker: newAsker(r.gzip), dir: tb.TempDir(), sizes: map[string]int{}}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	people := 1
	if r.clients == benchPeople {
		people = 1 + benchRounds*benchPeople
	}
	if b.stub, err = startBenchProcess(benchTask{Role: roleStub, Workbooks: r.workbooks, Latency: r.latency, People: people}); err != nil {
		return b, err
	}
	if err := b.start(sideProxy, func() (*benchProcess, error) {
		return startBenchProcess(benchTask{Role: roleProxy, Servers: b.stub.at})
	}); err != nil {
		return b, err
	}
	for _, v := range versions() {
		if err := b.start(v.side, func() (*benchProcess, error) { return b.startVitrine(v.side, v.path) }); err != nil {
			return b, err
		}
	}
	if err := b.start(sideMemory, func() (*benchProcess, error) {
		return startBenchProcess(benchTask{Role: roleMemory, Workbooks: r.workbooks})
	}); err != nil {
		return b, err
	}
	if why := noNode(); why == "" {
		err = b.start(sideNode, func() (*benchProcess, error) { return startNode(b.stub.at) })
	}
	return b, err
}

// start starts a side, unless the row does not have it.
func (b *bed) start(name string, process func() (*benchProcess, error)) error {
	if slices.Contains(b.without, name) {
		return nil
	}
	p, err := process()
	if err != nil {
		return err
	}
	b.sides = append(b.sides, &side{name: name, process: p})
	return nil
}

// startVitrine starts the program with its answer cache on or off, where it has one.
func (b *bed) startVitrine(name, path string) (*benchProcess, error) {
	ttl := "0s"
	if b.cached {
		ttl = "10s"
	}
	p, err := b.startWith(name, path, "cache: {ttl: "+ttl+"}\n")
	if err == nil {
		return p, nil
	}
	if b.cached {
		return nil, errNoCache
	}
	return b.startWith(name, path, "")
}

func (b *bed) startWith(name, path, further string) (*benchProcess, error) {
	settings, err := benchSettings(b.dir, b.stub.at, further)
	if err != nil {
		return nil, err
	}
	var env []string
	if dir := os.Getenv(envProfiles); dir != "" {
		env = append(env, report.Profile+"="+filepath.Join(dir, b.name+"-"+filepath.Base(name)))
	}
	task := benchTask{Role: roleVitrine, Servers: b.stub.at, Settings: settings}
	if path == "" {
		return startBenchProcess(task, env...)
	}
	return startProgram(path, task, env...)
}

func (b *bed) close() {
	b.client.CloseIdleConnections()
	for _, s := range b.sides {
		s.process.stop()
	}
	if b.stub != nil {
		b.stub.stop()
	}
}

// warmUp asks until everybody is signed in and buffers have grown, and checks that all give the
// same answer.
func (b *bed) warmUp() (err error) {
	if b.token, err = b.signIn(b.stub.at.Tableau, userName(0)); err != nil {
		return err
	}
	if b.query == "" {
		return nil
	}
	var first []byte
	for _, s := range b.sides {
		for range 3 {
			if s.name == sideProxy {
				if _, err := b.ask(s, 0); err != nil {
					return err
				}
				continue
			}
			answer, err := b.post(s.process.at.Vitrine+"/graphql", map[string]string{"query": b.query}, b.stub.at.Tokens[0])
			if err != nil {
				return fmt.Errorf("%s: %w: %s", s.name, err, s.process.logged())
			}
			if first == nil {
				first = answer
			}
			if err := sameData(first, answer); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return nil
}

// ask sends one request to a side as one person, and returns the size of the answer.
func (b *bed) ask(s *side, person int) (n int, err error) {
	if s.name == sideProxy {
		n, err = b.askREST(s.process.at.Proxy, b.token, b.rest)
	} else {
		var answer []byte
		answer, err = b.post(s.process.at.Vitrine+"/graphql", map[string]string{"query": b.query}, b.stub.at.Tokens[person])
		n = len(answer)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if was, ok := b.sizes[s.name]; err == nil && ok && was != n {
		err = fmt.Errorf("an answer of %d bytes, the first had %d", n, was)
	}
	b.sizes[s.name] = n
	return n, err
}

// measure lets a side answer for a window, and adds what that cost it.
func (b *bed) measure(s *side, ask func(client int) (int, error), window time.Duration) error {
	if _, err := b.stub.report(); err != nil { // begins a new list of calls
		return err
	}
	before, err := s.process.report()
	if err != nil {
		return err
	}
	t, err := sideBySide(b.clients, window, ask)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", s.name, err, s.process.logged())
	}
	after, err := s.process.report()
	if err != nil {
		return err
	}
	upstream, err := b.stub.report()
	if err != nil {
		return err
	}
	s.rounds = append(s.rounds, costOf(t, before, after, len(upstream.Calls)))
	return nil
}

// warmRequests is what most rows measure: the same request over and over, by one person.
func (b *bed) warmRequests(s *side) error {
	window := benchWindow
	if b.rounds == 1 {
		window = 0 // one request of each client
	}
	return b.measure(s, func(int) (int, error) { return b.ask(s, 0) }, window)
}

// firstRequests lets people ask who have no session yet, all at once.
func (b *bed) firstRequests(s *side) error {
	return b.measure(s, func(client int) (int, error) {
		person := 1 + b.round*benchPeople + client
		if s.name != sideProxy {
			return b.ask(s, person)
		}
		token, err := b.signIn(s.process.at.Proxy, userName(person))
		if err != nil {
			return 0, err
		}
		return b.askREST(s.process.at.Proxy, token, b.rest)
	}, 0)
}

// images reads an image through a link that a query gave before.
func (b *bed) images(s *side) error {
	if s.name == sideProxy {
		return b.measure(s, func(int) (int, error) { return b.ask(s, 0) }, benchWindow)
	}
	by := "by: {luid: %q}"
	if s.name == sideNode {
		by = "luid: %q"
	}
	query := fmt.Sprintf(`{ site(contentUrl: "") { view(`+by+`) { image { url } } } }`, luid("view", 0))
	raw, err := b.post(s.process.at.Vitrine+"/graphql", map[string]string{"query": query}, b.stub.at.Tokens[0])
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	var answer struct {
		Data struct {
			Site struct {
				View struct{ Image struct{ URL string } }
			}
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	return b.measure(s, func(int) (int, error) {
		image, err := b.get(answer.Data.Site.View.Image.URL, "")
		if err == nil && len(image) != imageBytes {
			err = fmt.Errorf("an image of %d bytes", len(image))
		}
		return len(image), err
	}, benchWindow)
}
