//go:build unix

package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// crowd is what a process of its own holds against a server: connections that say nothing, and
// senders that take their time, of which every other one sends its header slowly and the others
// their bodies. Who is cut off comes again.
type crowd struct {
	address     string // host:port
	idle, slow  int
	token       string
	open, ended atomic.Int64
}

// benchCrowd opens everything and says when it is ready.
func benchCrowd(task benchTask) (string, error) {
	c := &crowd{address: strings.TrimPrefix(task.Servers.Vitrine, "http://"), idle: task.Idle, slow: task.Slow, token: task.Servers.Tokens[0]}
	for range c.idle {
		go c.again(func(net.Conn) {})
	}
	for i := range c.slow {
		text := "GET /graphql?query={viewer{username}} HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + strings.Repeat("x", 10_000)
		if i%2 == 0 {
			text = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + c.token +
				"\r\nContent-Length: 10000\r\n\r\n" + strings.Repeat(" ", 10_000)
		}
		head := strings.Index(text, "\r\n\r\n") + 4
		if i%2 != 0 {
			head = 20
		}
		go c.again(func(conn net.Conn) {
			if _, err := io.WriteString(conn, text[:head]); err != nil {
				return
			}
			for at := head; at < len(text); at++ {
				time.Sleep(time.Second) // real time: it is slow on purpose
				if _, err := io.WriteString(conn, text[at:at+1]); err != nil {
					return
				}
			}
		})
	}
	for c.open.Load() < int64(c.idle+c.slow) {
		time.Sleep(10 * time.Millisecond) // real time: between two looks, of which there may be any number
	}
	return task.Servers.Vitrine, nil
}

// again connects, does what it is for and waits until the server has had enough, over and over.
func (c *crowd) again(do func(net.Conn)) {
	var d net.Dialer
	for first := true; ; first = false {
		conn, err := d.DialContext(context.Background(), "tcp", c.address)
		if err != nil {
			time.Sleep(100 * time.Millisecond) // real time: before it tries again, any number of times
			continue
		}
		if first {
			c.open.Add(1)
		}
		do(conn)
		_, _ = io.Copy(io.Discard, conn) // ends when the server closes
		_ = conn.Close()
		c.ended.Add(1)
	}
}

// Others are served while a crowd only takes places, and what it costs is bounded. CROWD=10000,1000
// is how many connections are held open idle and how many senders are slow (make soak); it is a
// small one without.
func TestCrowdKeepsNobodyOut(t *testing.T) {
	idle, slow := 300, 60
	if text := os.Getenv("CROWD"); text != "" {
		if _, err := fmt.Sscanf(text, "%d,%d", &idle, &slow); err != nil {
			t.Fatalf("CROWD=%q is not like 10000,1000", text)
		}
	}
	p := harness.Start(t, tableausim.Config{}, func(c *config.Config) {
		c.Connections = config.Connections{Total: max(idle+slow+100, 100), PerAddress: max(idle+slow+100, 100)}
	})
	token := p.Token(t, "alice")
	p.Post(t, token, harness.WorkbookNames)
	before := residentMB(t)
	process, err := startBenchProcess(benchTask{Role: roleCrowd, Idle: idle, Slow: slow, Servers: benchAddresses{Vitrine: p.Address, Tokens: []string{p.Token(t, "bob")}}})
	if err != nil {
		t.Fatal(err)
	}
	defer process.stop()
	least := time.Duration(0)
	if os.Getenv("CROWD") != "" {
		least = 45 * time.Second // slow senders are cut off meanwhile, and come again
	}
	var slowest, sum time.Duration
	rounds := 0
	// real time: rounds are what counts; CROWD has them go on for longer
	for start := time.Now(); rounds < 50 || time.Since(start) < least; rounds++ {
		began := time.Now()
		if got := p.Post(t, p.Token(t, "alice"), harness.WorkbookNames); got.Codes() != "" || got.Status != 200 {
			t.Fatalf("in the crowd: %d %s", got.Status, got.Body)
		}
		took := time.Since(began) // real time: the test prints it
		slowest, sum = max(slowest, took), sum+took
	}
	grown := residentMB(t) - before
	t.Logf("%d idle connections and %d slow senders: %d requests, %s each on average, %s at most; %d MB more memory than before, %.1f kB for each",
		idle, slow, rounds, (sum / time.Duration(max(rounds, 1))).Round(time.Microsecond), slowest.Round(time.Microsecond), grown, float64(grown)*1024/float64(idle+slow))
	if most := 64 + (idle+slow)*48/1024; grown > most { // 48 kB for each, and what the rest of the tests takes meanwhile
		t.Errorf("%d MB more memory, want at most %d", grown, most)
	}
}

// residentMB is what this process has of the machine's memory, in MB; 0 where the system does not
// tell.
func residentMB(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() >> 20
}
