//go:build unix

package program

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/devidp"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// replicas is three processes of the program that share a real Redis.
type replicas struct {
	*standin.Servers
	redis    *redisServer
	settings string
	replicas []*replica
}

// replica is one process.
type replica struct {
	program
	process *exec.Cmd
}

// redisServer is a real redis-server that can be stopped and started.
type redisServer struct {
	port     string // chosen by the first start
	password string // redis-secret when empty
	dir      string // where it writes its file, when asked to
	process  *exec.Cmd
}

func (r *redisServer) start(t testing.TB) {
	t.Helper()
	if r.dir == "" {
		r.dir = t.TempDir()
	}
	if r.port != "" {
		if !r.run(t) {
			t.Fatalf("redis-server did not start again on port %s", r.port)
		}
		return
	}
	for range 100 { // a port that was free a moment ago may be another's by now
		if r.port = freePort(t); r.run(t) {
			return
		}
	}
	t.Fatal("redis-server did not start on any port")
}

// run starts the process, and reports whether it is ready.
func (r *redisServer) run(t testing.TB) bool {
	t.Helper()
	r.process = exec.Command("redis-server", "--port", r.port, "--bind", "127.0.0.1", "--save", "", "--dir", r.dir, "--rdbcompression", "no",
		"--requirepass", cmp.Or(r.password, "redis-secret"))
	out, err := r.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	if _, ok := lineWith(out, "Ready to accept connections"); ok {
		return true
	}
	r.stop()
	return false
}

// dump is the file of all that Redis has.
func (r *redisServer) dump(t testing.TB) []byte {
	t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+r.port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, _ = fmt.Fprintf(c, "AUTH %s\r\nSAVE\r\n", cmp.Or(r.password, "redis-secret"))
	answers := bufio.NewReader(c)
	for range 2 {
		if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "+OK") {
			t.Fatalf("redis answers %q, %v", line, err)
		}
	}
	file, err := os.ReadFile(filepath.Join(r.dir, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (r *redisServer) stop() {
	if r.process != nil {
		_ = r.process.Process.Kill()
		_ = r.process.Wait()
		r.process = nil
	}
}

// waitFor reads until a line says so, and lets the rest go by.
func waitFor(t testing.TB, out io.Reader, text string) string {
	t.Helper()
	line, ok := lineWith(out, text)
	if !ok {
		t.Fatalf("it stopped before it said %q", text)
	}
	return line
}

// lineWith returns the first line that has the text, as soon as it is there, and lets the rest go
// by; false where none has it.
func lineWith(out io.Reader, text string) (line string, ok bool) {
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), text) && cap(found) > len(found) {
				found <- lines.Text()
			}
		}
	}()
	line, ok = <-found
	return line, ok
}

// startReplicas starts the stand-ins, with so many people more in both, a Redis and three replicas,
// as an operator does.
func startReplicas(t *testing.T, people int) *replicas {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server here (Debian package redis-server): several replicas are not tried")
	}
	users := devidp.DemoUsers()
	for i := range people {
		users = append(users, devidp.User{Name: person(i), Password: person(i), Email: person(i) + "@example.com"})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{Latency: 2 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	if err := stand.StartProvider(listener, users); err != nil {
		t.Fatal(err)
	}
	for i := range people {
		if _, err := stand.Tableau.AddUser("", tableausim.User{Name: person(i)}); err != nil {
			t.Fatal(err)
		}
	}
	f := &replicas{Servers: stand, redis: &redisServer{}}
	f.redis.start(t)
	t.Cleanup(f.redis.stop)
	f.settings = f.write(t)
	for range 3 {
		f.replicas = append(f.replicas, f.another(t))
	}
	return f
}

func person(i int) string { return fmt.Sprintf("person%03d", i) }

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func (f *replicas) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"password": "admin", "redis": "redis-secret", "key": "a root key of these tests, long enough to be one",
		"vitrine.yaml": fmt.Sprintf(`
listen: "127.0.0.1:0"
tableau: {url: %q, signIn: {method: password, name: admin, passwordFile: password}, sites: [""]}
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}, backchannelLogout: {clients: [portal]}}]
roles: [{name: everyone, allow: [CATALOG, CONTENT]}]
keyFiles: [key]
shutdown: {delay: 0s}
sharedStore: {redis: "redis://127.0.0.1:%s", passwordFile: redis, timeout: 10s}
`, f.TableauURL, f.Issuer, f.redis.port),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "vitrine.yaml")
}

// another starts one more process of the program.
func (f *replicas) another(t *testing.T) *replica {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{program: program{Program: &harness.Program{}}, process: exec.Command(binary, "serve", "--config", f.settings)}
	r.process.Env = append(os.Environ(), harness.ProgramEnv+"=1")
	r.Log = &harness.SyncBuffer{}
	harness.KeepPrinted(t, f.Servers, r.Log)
	r.process.Stderr = r.Log
	out, err := r.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stop(t) })
	fields := strings.Fields(waitFor(t, out, "http://"))
	r.Servers, r.Address = f.Servers, strings.TrimSuffix(fields[len(fields)-1], "/graphql")
	return r
}

// stop has the process stop by itself.
func (r *replica) stop(t testing.TB) {
	if r.process == nil {
		return
	}
	_ = r.process.Process.Signal(syscall.SIGTERM)
	if err := r.process.Wait(); err != nil {
		t.Errorf("stopping a replica: %v\n%s", err, r.Log)
	}
	r.process = nil
}

// ask has people ask replicas, all at once, for what only a session of theirs gives.
func (f *replicas) ask(t *testing.T, names []string, times int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	var wait sync.WaitGroup
	at := make(chan struct{}, 200) // more do not fit into the machine
	for i := range times {
		name := names[i%len(names)]
		token := f.replicas[0].Token(t, name)
		r := f.replicas[(i/len(names))%len(f.replicas)]
		wait.Go(func() {
			at <- struct{}{}
			defer func() { <-at }()
			got := r.Post(t, token, `{ site(contentUrl: "") { me { name } } }`)
			if got.Codes() != "" || !strings.Contains(got.Body, fmt.Sprintf(`"name":%q`, name)) {
				t.Errorf("%s got %d %s", name, got.Status, got.Body)
			}
		})
	}
	wait.Wait()
}

// TestThreeProcessesShareSessions counts at the stand-in what three processes that share a Redis
// cost.
func TestThreeProcessesShareSessions(t *testing.T) {
	const people = 200
	f := startReplicas(t, people)
	names := make([]string, people)
	for i := range names {
		names[i] = person(i)
	}
	signIns := func(what string, want int) {
		t.Helper()
		if got := f.Tableau.Count("POST auth/signin (impersonate)"); got != want {
			t.Errorf("%s: %d impersonated sign-ins, want %d", what, got, want)
		}
	}
	f.ask(t, []string{"alice"}, 1000)
	signIns("1,000 first requests of one person", 1)
	f.ask(t, names, 3*people)
	signIns("first requests of 200 people at three replicas", 1+people)
	if got := f.Tableau.Count("POST auth/signin"); got > len(f.replicas) {
		t.Errorf("%d service sign-ins of %d replicas on one site", got, len(f.replicas))
	}
	f.ask(t, names, 3*people)
	signIns("warm requests", 1+people)

	f.replicas[0].stop(t)
	f.replicas = f.replicas[1:]
	f.ask(t, names, 2*people)
	signIns("after a replica has stopped", 1+people)
	f.replicas = append(f.replicas, f.another(t))
	f.ask(t, names, 3*people)
	signIns("after a replica has started", 1+people)

	f.redis.stop()
	f.ask(t, names, 3*people)
	signIns("while Redis is gone", 1+people)
	f.redis.start(t)
	f.ask(t, names, 3*people)
	f.ask(t, append([]string{"bob", "carol"}, names...), 3*people)
	if got := f.Tableau.Count("POST auth/signin (impersonate)"); got > 3+2*people {
		t.Errorf("after Redis has come back: %d impersonated sign-ins", got)
	}
	for _, r := range f.replicas {
		if log := r.Log.String(); strings.Contains(log, "redis-secret") || strings.Contains(log, "level=ERROR") {
			t.Errorf("the log of a replica:\n%s", log)
		}
	}
}

func TestCheckTriesTheSharedStore(t *testing.T) {
	f := startReplicas(t, 0)
	out, _, err := call(t, nil, "check", "--config", f.settings, "--user", "alice")
	if err != nil || !strings.Contains(out, "shared store") || !strings.Contains(out, "Redis 7") {
		t.Errorf("a store that works: %v\n%s", err, out)
	}
	password := filepath.Join(filepath.Dir(f.settings), "redis")
	if err := os.WriteFile(password, []byte("another-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, log, err := call(t, nil, "check", "--config", f.settings)
	if err == nil || !strings.Contains(out, "WRONGPASS") || !strings.Contains(out, "passwordFile") || strings.Contains(out+log, "another-secret") {
		t.Errorf("a wrong password: %v\n%s", err, out)
	}
	f.redis.stop()
	out, _, err = call(t, nil, "check", "--config", f.settings)
	if err == nil || !strings.Contains(out, "nothing accepts connections") {
		t.Errorf("no Redis: %v\n%s", err, out)
	}
}
