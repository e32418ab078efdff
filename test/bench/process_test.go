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
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/cli"
	"vitrine/internal/devidp"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/bench/memory"
	"vitrine/test/bench/report"
	"vitrine/test/harness"
)

// benchRole makes a process of this test binary one of the bench's; its value is a benchTask.
const benchRole = "VITRINE_BENCH_ROLE"

// The roles of a process of the bench.
const (
	roleStub     = "stub"
	roleStandIns = "stand-ins"
	roleVitrine  = "vitrine"
	roleProxy    = "proxy"
	roleMemory   = "memory"
	roleCrowd    = "crowd"
)

// benchUser sees all of the stand-in's default site.
const benchUser = "carol"

// benchTask says what a process of the bench does.
type benchTask struct {
	Role      string
	Workbooks int
	Latency   time.Duration
	People    int   // for how many people of the stub there are tokens
	FileSize  int64 // of the file of the workbook Superstore, in bytes; as it is when zero
	Servers   benchAddresses
	Settings  string // file with the settings of Vitrine
	Idle      int    // connections of a crowd that say nothing
	Slow      int    // senders of a crowd that take their time
}

// benchAddresses are what a process says on standard output when it is ready, as JSON in one line.
type benchAddresses struct {
	Tableau, Issuer string
	Tokens          []string // of the people of the stub, or of benchUser
	PATs            map[string]string
	Vitrine, Proxy  string
}

// benchReport is what a process says of itself for each line on its standard input, as JSON in one
// line.
type benchReport struct {
	report.Report
	Calls []string // to the stub since the last report, as method and path
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
	var tableau *stub
	var err error
	switch task.Role {
	case roleStub:
		tableau, at, err = benchStub(task)
	case roleStandIns:
		at, err = benchStandIns(task)
	case roleVitrine:
		at.Vitrine, err = benchVitrine(task)
	case roleProxy:
		at.Proxy, err = benchProxy(task.Servers.Tableau)
	case roleMemory:
		at.Vitrine, err = listenAndServe(memory.Handler(newSite(task.Workbooks)))
	case roleCrowd:
		at.Vitrine, err = benchCrowd(task)
	}
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(at); err != nil {
		return err
	}
	return report.Serve(os.Stdin, os.Stdout, func(own report.Report) any {
		r := benchReport{Report: own}
		if tableau != nil {
			r.Calls = tableau.taken()
		}
		return r
	})
}

// benchStub is the neutral stub with a provider of tokens beside it.
func benchStub(task benchTask) (*stub, benchAddresses, error) {
	s := newStub(newSite(task.Workbooks), task.Latency)
	address, err := listenAndServe(s.handler())
	if err != nil {
		return nil, benchAddresses{}, err
	}
	var users []devidp.User
	for i := range task.People {
		users = append(users, devidp.User{Name: userName(i), Password: userName(i), Email: userName(i) + "@example.com", FullName: userName(i)})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, benchAddresses{}, err
	}
	var provider standin.Servers
	if err := provider.StartProvider(listener, users); err != nil {
		return nil, benchAddresses{}, err
	}
	at := benchAddresses{Tableau: address, Issuer: provider.Issuer}
	for i := range task.People {
		token, err := provider.Provider.TokenWith(userName(i), harness.Lasting)
		if err != nil {
			return nil, at, err
		}
		at.Tokens = append(at.Tokens, token)
	}
	return s, at, nil
}

func benchStandIns(task benchTask) (benchAddresses, error) {
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{Workbooks: task.Workbooks, Latency: task.Latency})
	if err != nil {
		return benchAddresses{}, err
	}
	if task.FileSize > 0 {
		if err := stand.Tableau.FileSize("", stand.Tableau.WorkbookID("", "Superstore"), task.FileSize); err != nil {
			return benchAddresses{}, err
		}
	}
	token, err := stand.Provider.TokenWith(benchUser, harness.Lasting)
	return benchAddresses{Tableau: stand.TableauURL, Issuer: stand.Issuer, Tokens: []string{token}, PATs: stand.Tableau.PATs()}, err
}

// benchSecrets are the values of the environment variables that settings of the bench name.
func benchSecrets(at benchAddresses) map[string]string {
	secrets := map[string]string{"VITRINE_BENCH_SECRET": "bench-secret-0123456789-abcdefghij"}
	for name, secret := range at.PATs {
		secrets["VITRINE_BENCH_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))] = secret
	}
	return secrets
}

// benchSettings writes a settings file as an operator has it, in front of the stub or the
// stand-ins.
func benchSettings(dir string, at benchAddresses, further string) (string, error) {
	signIn := "{method: connectedApp, trust: direct, clientID: bench, secretID: bench, secretEnv: VITRINE_BENCH_SECRET}"
	if len(at.PATs) > 0 {
		var tokens []string
		for name := range at.PATs {
			tokens = append(tokens, fmt.Sprintf("{name: %s, secretEnv: VITRINE_BENCH_%s}", name, strings.ToUpper(strings.ReplaceAll(name, "-", "_"))))
		}
		signIn = fmt.Sprintf("{method: personalAccessToken, tokens: [%s]}", strings.Join(tokens, ", "))
	}
	settings := fmt.Sprintf(`listen: "127.0.0.1:0"
shutdown: {delay: 0s}
tableau: {url: %q, signIn: %s, sites: [""]}
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}}]
roles: [{name: everyone, allow: [CATALOG, CONTENT, PEOPLE, DOWNLOAD]}]
%s`, at.Tableau, signIn, at.Issuer, further)
	file := filepath.Join(dir, "vitrine.yaml")
	return file, os.WriteFile(file, []byte(settings), 0o600)
}

// benchVitrine is `vitrine serve` with a settings file, as an operator runs it.
func benchVitrine(task benchTask) (string, error) {
	secrets := benchSecrets(task.Servers)
	said, out := io.Pipe()
	go func() {
		err := cli.Run(context.Background(), []string{"serve", "--config", task.Settings}, func(name string) string { return secrets[name] }, out, os.Stderr)
		_ = out.CloseWithError(err)
	}()
	return vitrineAddress(bufio.NewReader(said))
}

// vitrineAddress reads where a server listens from the first line that it prints.
func vitrineAddress(from *bufio.Reader) (string, error) {
	line, err := from.ReadString('\n')
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
	return listenAndServe(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: newBenchTransport()})
}

// newBenchTransport keeps as many idle connections as Vitrine keeps to Tableau.
func newBenchTransport() *http.Transport {
	const idleConns = 256
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = idleConns, idleConns
	return transport
}

func listenAndServe(h http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
		log.Fatal(server.Serve(listener))
	}()
	return "http://" + listener.Addr().String(), nil
}
