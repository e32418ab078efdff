//go:build unix

package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"vitrine/internal/cli"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// benchRole makes a process of this test binary one of the bench's; its value is a benchTask.
// benchProfiles names a directory for the profiles of Vitrine.
const (
	benchRole     = "VITRINE_BENCH_ROLE"
	benchProfiles = "VITRINE_BENCH_PROFILES"
)

// The roles of a process of the bench.
const (
	roleStandIns = "stand-ins"
	roleVitrine  = "vitrine"
	roleProxy    = "proxy"
	roleCrowd    = "crowd"
)

// benchUser sees all of the stand-in's default site.
const benchUser = "carol"

// benchTask says what a process of the bench does.
type benchTask struct {
	Role      string
	Workbooks int
	Latency   time.Duration
	FileSize  int64 // of the file of the workbook Superstore, in bytes; as it is when zero
	Servers   benchAddresses
	Dir       string // for the settings of Vitrine
	Idle      int    // connections of a crowd that say nothing
	Slow      int    // senders of a crowd that take their time
	Profile   string // beginning of the names of profiles; none when empty
}

// benchAddresses are what a process says on standard output when it is ready, as JSON in one line.
type benchAddresses struct {
	Tableau, Issuer, Token string // of the stand-ins
	PATs                   map[string]string
	Vitrine, Proxy         string
}

// benchReport is what a process says of itself for each line on its standard input, as JSON in one
// line.
type benchReport struct {
	CPU            time.Duration // user and system, since it started
	Mallocs, Bytes uint64        // allocations, since it started
	Memory         uint64        // taken from the system in bytes: what it needed at most so far
	Calls          int           // to the stand-in Tableau since the last report
	Last           []string      // the last of them, as path and query
}

// TestMain lets this binary be the program, or a process of the bench.
func TestMain(m *testing.M) {
	task := os.Getenv(benchRole)
	if task == "" {
		os.Exit(m.Run())
	}
	if err := serveBench(task); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// serveBench does a task until standard input ends.
func serveBench(text string) error {
	var task benchTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return err
	}
	var at benchAddresses
	var stand *standin.Servers
	var err error
	switch task.Role {
	case roleStandIns:
		stand, at, err = benchStandIns(task)
	case roleVitrine:
		at.Vitrine, err = benchVitrine(task)
	case roleProxy:
		at.Proxy, err = benchProxy(task.Servers.Tableau)
	case roleCrowd:
		at.Vitrine, err = benchCrowd(task)
	}
	if err != nil {
		return err
	}
	stop, err := profile(task.Profile)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(at); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := out.Encode(benchReportOf(stand)); err != nil {
			return err
		}
	}
	return stop()
}

func benchStandIns(task benchTask) (*standin.Servers, benchAddresses, error) {
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{Workbooks: task.Workbooks, Latency: task.Latency})
	if err != nil {
		return nil, benchAddresses{}, err
	}
	if task.FileSize > 0 {
		if err := stand.Tableau.FileSize("", stand.Tableau.WorkbookID("", "Superstore"), task.FileSize); err != nil {
			return nil, benchAddresses{}, err
		}
	}
	token, err := stand.Provider.TokenWith(benchUser, harness.Lasting)
	return stand, benchAddresses{Tableau: stand.TableauURL, Issuer: stand.Issuer, Token: token, PATs: stand.Tableau.PATs()}, err
}

// benchVitrine is `vitrine serve` with a settings file, as an operator runs it.
func benchVitrine(task benchTask) (string, error) {
	var tokens []string
	secrets := map[string]string{}
	for name, secret := range task.Servers.PATs {
		env := "VITRINE_BENCH_PAT_" + fmt.Sprint(len(tokens))
		secrets[env] = secret
		tokens = append(tokens, fmt.Sprintf("{name: %s, secretEnv: %s}", name, env))
	}
	settings := fmt.Sprintf(`listen: "127.0.0.1:0"
shutdown: {delay: 0s}
tableau: {url: %q, signIn: {method: personalAccessToken, tokens: [%s]}, sites: [""]}
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}}]
roles: [{name: everyone, allow: [CATALOG, CONTENT, PEOPLE, DOWNLOAD]}]
`, task.Servers.Tableau, strings.Join(tokens, ", "), task.Servers.Issuer)
	file := filepath.Join(task.Dir, "vitrine.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		return "", err
	}
	said, out := io.Pipe()
	go func() {
		err := cli.Run(context.Background(), []string{"serve", "--config", file}, func(name string) string { return secrets[name] }, out, io.Discard)
		_ = out.CloseWithError(err)
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		return "", err
	}
	address, ok := strings.CutSuffix(strings.TrimSpace(strings.TrimPrefix(line, "Vitrine")), "/graphql")
	if !ok {
		return "", fmt.Errorf("serve says %q, which is no address", line)
	}
	return address, nil
}

// benchProxy is the standard library's reverse proxy, with as many idle connections as Vitrine has.
func benchProxy(target string) (string, error) {
	to, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: newBenchTransport()}
	go func() {
		server := &http.Server{Handler: proxy, ReadHeaderTimeout: 10 * time.Second}
		log.Fatal(server.Serve(listener))
	}()
	return "http://" + listener.Addr().String(), nil
}

func benchReportOf(stand *standin.Servers) benchReport {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r := benchReport{Mallocs: m.Mallocs, Bytes: m.TotalAlloc, Memory: m.Sys, CPU: harness.CPUTime()}
	if stand != nil {
		calls := stand.Tableau.Log()
		stand.Tableau.ResetLog()
		r.Calls = len(calls)
		for _, c := range calls[max(0, len(calls)-40):] {
			r.Last = append(r.Last, (&url.URL{Path: c.Path, RawQuery: c.Query}).String())
		}
	}
	return r
}

// profile writes name.cpu and name.allocs from now on until stop.
func profile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	cpu, err := os.Create(name + ".cpu")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		allocs, err := os.Create(name + ".allocs")
		if err != nil {
			return err
		}
		defer func() { _ = allocs.Close() }()
		return pprof.Lookup("allocs").WriteTo(allocs, 0)
	}, cpu.Sync()
}

// benchProcess is a process of the bench, seen from the one that measures.
type benchProcess struct {
	at   benchAddresses
	cmd  *exec.Cmd
	in   io.WriteCloser
	said *json.Decoder
}

// startBenchProcess starts this binary with a task and waits until it is ready. It ends with its
// standard input: also when this process is killed.
func startBenchProcess(task benchTask) (*benchProcess, error) {
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &benchProcess{cmd: exec.Command(path)}
	p.cmd.Env = append(os.Environ(), benchRole+"="+string(text))
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.said = json.NewDecoder(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if err := p.said.Decode(&p.at); err != nil {
		p.stop()
		return nil, fmt.Errorf("the %s did not start: %w", task.Role, err)
	}
	return p, nil
}

// report asks a process what it has used so far.
func (p *benchProcess) report() (benchReport, error) {
	var r benchReport
	if _, err := io.WriteString(p.in, "\n"); err != nil {
		return r, err
	}
	err := p.said.Decode(&r)
	return r, err
}

func (p *benchProcess) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}
