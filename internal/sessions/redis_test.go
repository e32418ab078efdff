package sessions

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

// redisServer is a real redis-server for one test, on a port that stays the same when it is started
// again.
type redisServer struct {
	address string // host:port
	options []string
	dir     string
	mu      sync.Mutex
	process *exec.Cmd
}

// startRedis starts a redis-server, or skips the test without one.
func startRedis(t testing.TB, options ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server here (Debian package redis-server): what replicas share is not tried")
	}
	r := &redisServer{options: options, dir: t.TempDir()}
	for range 100 { // a port that was free a moment ago may be another's by now
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		r.address = l.Addr().String()
		if _ = l.Close(); r.run(t) {
			t.Cleanup(r.stop)
			return r
		}
	}
	t.Fatal("redis-server did not start on any port")
	return nil
}

func (r *redisServer) url() string { return "redis://" + r.address }

// start starts it again, on the port that it had.
func (r *redisServer) start(t testing.TB) {
	t.Helper()
	if !r.run(t) {
		t.Fatal("redis-server did not start")
	}
}

// run starts the process, and reports whether it is ready.
func (r *redisServer) run(t testing.TB) bool {
	t.Helper()
	_, port, _ := net.SplitHostPort(r.address)
	args := append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.dir}, r.options...)
	process := exec.Command("redis-server", args...)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Ready to accept connections") {
				ready <- true
			}
		}
		close(ready)
	}()
	if !<-ready {
		_ = process.Wait()
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process = process
	return true
}

// stop kills it: nothing is kept.
func (r *redisServer) stop() {
	r.mu.Lock()
	process := r.process
	r.process = nil
	r.mu.Unlock()
	if process != nil {
		_ = process.Process.Kill()
		_ = process.Wait()
	}
}

// halt has it answer nothing until it is resumed.
func (r *redisServer) halt() { r.signal(syscall.SIGSTOP) }

func (r *redisServer) resume() { r.signal(syscall.SIGCONT) }

func (r *redisServer) signal(s syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil {
		_ = r.process.Process.Signal(s)
	}
}

// do runs a command as a client of its own.
func (r *redisServer) do(t testing.TB, command ...string) rueidis.RedisResult {
	t.Helper()
	return r.doAs(t, "", command...)
}

func (r *redisServer) doAs(t testing.TB, password string, command ...string) rueidis.RedisResult {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{r.address}, ForceSingleClient: true, DisableCache: true, PipelineMultiplex: -1, Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := c.Do(context.Background(), c.B().Arbitrary(command[0]).Args(command[1:]...).Build())
	if err := got.Error(); err != nil && !rueidis.IsRedisNil(err) {
		t.Fatalf("%v: %v", command, err)
	}
	return got
}

// names are all names that begin so.
func (r *redisServer) names(t testing.TB, prefix string) []string {
	t.Helper()
	names, err := r.do(t, "KEYS", prefix+"*").AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// commands is how many commands of a kind were run.
func (r *redisServer) commands(t testing.TB) int {
	t.Helper()
	info, err := r.do(t, "INFO", "commandstats").ToString()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, line := range strings.Split(info, "\r\n") {
		name, rest, ok := strings.Cut(line, ":calls=")
		if !ok || strings.Contains(name, "ping") || strings.Contains(name, "info") || strings.Contains(name, "hello") || strings.Contains(name, "client") {
			continue
		}
		calls, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(calls)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	return total
}

// dump is everything in the store, and its file.
func (r *redisServer) dump(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for _, name := range r.names(t, "") {
		all = append(all, name...)
		for _, command := range [][]string{{"DUMP", name}, {"GET", name}} {
			if value, err := r.do(t, command...).ToString(); err == nil {
				all = append(all, value...)
			}
		}
	}
	r.do(t, "CONFIG", "SET", "rdbcompression", "no")
	r.do(t, "SAVE")
	file, err := os.ReadFile(filepath.Join(r.dir, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	return append(all, file...)
}

// eventually waits until something holds in Redis, for as long as the test may run.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for first := true; !holds(); first = false {
		if first {
			t.Logf("waiting until %s", what)
		}
		time.Sleep(10 * time.Millisecond) // real time: Redis does not announce it; the wait has no limit of its own
	}
}
