//go:build unix

package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// balancer is a load balancer in front of replicas: it sends requests in turn to those whose
// /readyz says 200, which it asks again and again, keeps connections open, and sends nothing twice.
type balancer struct {
	address string
	every   time.Duration
	client  *http.Client
	// transport is that to the replicas.
	transport *http.Transport

	mu       sync.Mutex
	backends map[string]bool      // by address: ready
	noticed  map[string]time.Time // by address: when it was seen that it is no longer ready
	next     atomic.Uint64
}

// startBalancer serves until the test ends.
func startBalancer(t testing.TB, every time.Duration) *balancer {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	b := &balancer{every: every, transport: transport, client: &http.Client{Transport: &http.Transport{}}, noticed: map[string]time.Time{}, backends: map[string]bool{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.address = "http://" + listener.Addr().String()
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			to, _ := url.Parse(b.choose())
			r.SetURL(to)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "balancer: "+err.Error(), http.StatusBadGateway)
		},
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	done := make(chan struct{})
	var polls sync.WaitGroup
	polls.Go(func() { b.poll(done) })
	t.Cleanup(func() {
		close(done)
		polls.Wait()
		_ = server.Close()
		transport.CloseIdleConnections()
		b.client.CloseIdleConnections()
	})
	return b
}

func (b *balancer) poll(done <-chan struct{}) {
	for tick := time.NewTicker(b.every); ; { // real time: it polls; noticedAt is when it saw a change
		select {
		case <-done:
			tick.Stop()
			return
		case <-tick.C:
		}
		b.mu.Lock()
		var all []string
		for address := range b.backends {
			all = append(all, address)
		}
		b.mu.Unlock()
		for _, address := range all {
			ready := b.ready(address)
			b.mu.Lock()
			if was, known := b.backends[address]; known {
				if was && !ready {
					b.noticed[address] = time.Now()
				}
				b.backends[address] = ready
			}
			b.mu.Unlock()
		}
	}
}

func (b *balancer) ready(address string) bool {
	res, err := b.client.Get(address + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// add takes a replica up, and waits until it gets requests.
func (b *balancer) add(address string) {
	b.mu.Lock()
	b.backends[address] = false
	b.mu.Unlock()
	for ready := false; !ready; {
		time.Sleep(b.every) // real time: between two looks, of which there may be any number
		b.mu.Lock()
		ready = b.backends[address]
		b.mu.Unlock()
	}
}

// noticedAt returns when the balancer saw that a replica was no longer ready.
func (b *balancer) noticedAt(address string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.noticed[address]
}

// remove forgets a replica that is gone.
func (b *balancer) remove(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.backends, address)
}

// choose gives the ready replicas their turns; an address that refuses connections if none is
// ready.
func (b *balancer) choose() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ready []string
	for address, is := range b.backends {
		if is {
			ready = append(ready, address)
		}
	}
	if len(ready) == 0 {
		return "http://127.0.0.1:1"
	}
	slices.Sort(ready)
	return ready[b.next.Add(1)%uint64(len(ready))]
}

// startAlone starts stand-ins for processes of the program that share nothing, with these settings
// beside what they need.
func startAlone(t *testing.T, more string) *replicas {
	t.Helper()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{Latency: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	dir := t.TempDir()
	f := &replicas{Servers: stand, settings: filepath.Join(dir, "vitrine.yaml")}
	for name, text := range map[string]string{
		"password": "admin",
		"vitrine.yaml": fmt.Sprintf(`
listen: "127.0.0.1:0"
tableau: {url: %q, signIn: {method: password, name: admin, passwordFile: password}, sites: [""]}
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}}]
roles: [{name: everyone, allow: [CATALOG]}]
limits: {perPerson: 0, perAddress: 0}
%s
`, stand.TableauURL, stand.Issuer, more),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// Three processes behind a load balancer are restarted one after another by SIGTERM while people
// ask: nobody notices, as long as the balancer notices within the delay. A restart for which the
// machine was too slow to let it do so shows nothing, and is not counted.
func TestRestartsLoseNoRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes several seconds")
	}
	const delay = 2 * time.Second
	f := startAlone(t, "shutdown: {delay: "+delay.String()+"}")
	b := startBalancer(t, 50*time.Millisecond)
	for range 3 {
		r := f.another(t)
		f.replicas = append(f.replicas, r)
		b.add(r.Address)
	}
	var asked atomic.Int64
	var mu sync.Mutex
	var problems []string
	done := make(chan struct{})
	var clients sync.WaitGroup
	for _, user := range []string{"alice", "bob", "carol", "alice", "bob", "carol"} {
		token := harness.LastingToken(t, f.Provider, user)
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				asked.Add(1)
				if problem := askThrough(b.address, token); problem != "" {
					mu.Lock()
					problems = append(problems, problem)
					mu.Unlock()
				}
			}
		})
	}
	settle := func() { // each client has had an answer to what it asked before
		for until := asked.Load() + 50; asked.Load() < until; {
			time.Sleep(time.Millisecond) // real time: between two looks, of which there may be any number
		}
	}
	restarts := 0
	for i, old := range f.replicas {
		fresh := f.another(t)
		b.add(fresh.Address)
		settle()
		signalled := time.Now()
		old.stop(t) // waits for its end, and expects that it ends well
		b.remove(old.Address)
		f.replicas[i] = fresh
		settle()
		mu.Lock()
		lost := problems
		problems = nil
		mu.Unlock()
		noticed := b.noticedAt(old.Address)
		if noticed.IsZero() || noticed.Sub(signalled) > delay-delay/4 {
			t.Logf("the balancer did not notice within the delay: %d failures are not counted", len(lost))
			continue
		}
		restarts++
		if len(lost) > 0 {
			t.Errorf("restart %d, noticed after %s: %d requests failed: %s", i, noticed.Sub(signalled), len(lost), lost[0])
		}
	}
	close(done)
	clients.Wait()
	t.Logf("%d requests, %d of %d restarts counted", asked.Load(), restarts, len(f.replicas))
	if restarts == 0 {
		t.Skip("the machine is too slow for a balancer that polls every 50 ms and a delay of " + delay.String())
	}
	if asked.Load() < 200 {
		t.Errorf("only %d requests were sent: the test sees too little", asked.Load())
	}
}

// askThrough posts a query, which no proxy sends twice by itself, and says what went wrong.
func askThrough(address, token string) (problem string) {
	r, err := http.NewRequest(http.MethodPost, address+"/graphql", strings.NewReader(`{"query":"{ viewer { username } site(contentUrl: \"\") { me { name } } }"}`)) //nolint:noctx // clients end with the test
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK || !json.Valid(body) || bytes.Contains(body, []byte(`"errors"`)) {
		return fmt.Sprintf("%d %v %s", res.StatusCode, err, body)
	}
	return ""
}

// The second signal ends the process at once, with the status that belongs to it; SIGHUP reads
// the settings again.
func TestSecondSignalEndsAtOnceAndHangUpsDoNot(t *testing.T) {
	t.Parallel()
	f := startAlone(t, "shutdown: {delay: 5m}")
	for signal, status := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130} {
		r := f.another(t)
		for n := range 3 {
			if err := r.process.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			for strings.Count(r.Log.String(), "settings replaced") <= n {
				time.Sleep(time.Millisecond) // real time: between two looks, of which there may be any number
			}
		}
		s := &stoppable{program: &r.program}
		if err := r.process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		s.notReady(t, http.DefaultClient)
		if err := r.process.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = r.process.Wait()
		if got := r.process.ProcessState.ExitCode(); got != status {
			t.Errorf("after %s it ended with %d, want %d", signal, got, status)
		}
		r.process = nil
		log := r.Log.String()
		if strings.Count(log, "settings replaced") != 3 || !strings.Contains(log, "a second signal") {
			t.Errorf("the log: %s", log)
		}
		for line := range strings.Lines(log) {
			if !json.Valid([]byte(line)) {
				t.Errorf("a line of the log is not JSON: %s", line)
			}
		}
	}
}
