package program

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// stoppable is a program whose stop a test takes step by step.
type stoppable struct {
	*program
	stop    context.CancelFunc
	delay   chan time.Time // ends shutdown.delay
	stopped chan error
}

// startStoppable runs the program until the test has stopped it.
func startStoppable(t *testing.T, change func(*config.Config)) *stoppable {
	t.Helper()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	settings := standin.Settings(stand, "127.0.0.1:0")
	change(settings)
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{&harness.Program{Servers: stand, Address: server.Scheme(settings) + listener.Addr().String(), Log: &harness.SyncBuffer{}}}
	s := &stoppable{program: p, delay: make(chan time.Time), stopped: make(chan error, 1)}
	logger := slog.New(slog.NewTextHandler(p.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if p.App, err = server.New(settings, p.Address, logger); err != nil {
		t.Fatal(err)
	}
	p.App.After = func(d time.Duration) <-chan time.Time {
		if d != settings.Shutdown.Delay {
			t.Errorf("the delay is %s", d)
		}
		return s.delay
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { s.stopped <- p.App.Serve(ctx, listener) }()
	t.Cleanup(stop)
	return s
}

// notReady waits until the program stops, and /readyz says that it is not ready.
func (s *stoppable) notReady(t *testing.T, client *http.Client) {
	t.Helper()
	for !strings.Contains(s.Log.String(), "stopping: ") { // before, the keys of the provider may be why it is not ready
		runtime.Gosched()
	}
	for {
		res, err := client.Get(s.Address + "/readyz") //nolint:noctx // the test ends soon enough
		if err != nil {
			t.Fatalf("while the server stops /readyz cannot be asked: %v", err)
		}
		if _ = res.Body.Close(); res.StatusCode == http.StatusServiceUnavailable {
			return
		}
	}
}

// held has reads of Tableau wait; started gets one for each.
func (s *stoppable) held(t *testing.T) (started chan struct{}, release func()) {
	t.Helper()
	started, hold := make(chan struct{}, 100), make(chan struct{})
	off := s.Tableau.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
		if reads(r) {
			started <- struct{}{}
			<-hold
		}
		return false
	}})
	t.Cleanup(off)
	return started, func() { close(hold) }
}

// A stopping server is not ready at once, and serves on: requests that run, and new ones, are
// answered, and end their connections. When the delay is over it accepts nothing more, and ends
// without an error.
func TestStoppingServerIsNotReadyAndServes(t *testing.T) {
	t.Parallel()
	s := startStoppable(t, func(c *config.Config) { c.Shutdown.Delay = time.Minute })
	token := s.Token(t, "alice")
	if got := s.Post(t, token, harness.WorkbookNames); got.Codes() != "" || got.Header.Get("Connection") != "" {
		t.Fatalf("%v %s", got.Header, got.Body)
	}
	started, release := s.held(t)
	running := make(chan *http.Response)
	go func() {
		res, err := http.DefaultClient.Do(s.request(t, http.MethodGet, "/graphql?query={site(contentUrl:\"\"){me{name}}}", token, ""))
		if err != nil {
			t.Error(err)
		}
		running <- res
	}()
	<-started
	s.stop()
	s.notReady(t, http.DefaultClient)
	release()
	if res := <-running; res != nil {
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if !res.Close || res.StatusCode != http.StatusOK || !strings.Contains(string(body), "alice") {
			t.Errorf("the request that ran: close %t, %d %s", res.Close, res.StatusCode, body)
		}
	}
	for _, path := range []string{"/graphql?query={viewer{username}}", "/healthz", "/readyz", "/schema.graphql", "/none", "/content/x", "/assets/x"} {
		res, err := http.DefaultClient.Do(s.request(t, http.MethodGet, path, token, ""))
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); !res.Close || (res.StatusCode == http.StatusServiceUnavailable) != (path == "/readyz") {
			t.Errorf("%s while the server stops: %d, close %t", path, res.StatusCode, res.Close)
		}
	}
	select {
	case err := <-s.stopped:
		t.Fatalf("it stopped before the delay was over: %v", err)
	default:
	}
	close(s.delay)
	if err := <-s.stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	var d net.Dialer
	if c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.Address, "http://")); err == nil {
		_ = c.Close()
		t.Error("a stopped server accepts connections")
	}
	if n := len(s.Tableau.Sessions()); n != 0 {
		t.Errorf("%d sessions are left in Tableau", n)
	}
	if log := s.Log.String(); !strings.Contains(log, "msg=stopped") || !strings.Contains(log, "stopping: not ready") {
		t.Errorf("the log lacks the stop: %s", log)
	}
}

// In HTTP/2 the connection is ended too (GOAWAY): the client opens another one.
func TestStoppingServerEndsConnectionsOfHTTP2(t *testing.T) {
	t.Parallel()
	cert, key := harness.SelfSigned(t)
	s := startStoppable(t, func(c *config.Config) {
		c.TLS = config.TLS{Cert: cert, Key: config.Secret(key)}
		c.TLS.CertFile, c.TLS.KeyFile = pairFiles(t, cert, key)
	})
	client := trusting(t, cert)
	get := func() (reused bool) {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }})
		res, err := client.Do(s.request(t, http.MethodGet, "/healthz", "", "").WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.ProtoMajor != 2 || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %d", res.Proto, res.StatusCode)
		}
		return reused
	}
	get()
	if !get() {
		t.Fatal("connections are not kept")
	}
	s.stop()
	s.notReady(t, client)
	for range 100 {
		if !get() {
			close(s.delay)
			if err := <-s.stopped; err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Error("a hundred answers came on one connection while the server stops")
}

// What still runs when the time is over is answered 503, and the log says so; the program ends
// without an error.
func TestRequestsBeyondTheGraceTimeAreGivenUp(t *testing.T) {
	t.Parallel()
	s := startStoppable(t, func(c *config.Config) { c.Shutdown.Grace = 0 })
	token := s.Token(t, "alice")
	s.Post(t, token, harness.WorkbookNames)
	started, release := s.held(t)
	defer release()
	answers := make(chan *harness.Answer)
	go func() { answers <- s.Post(t, token, harness.WorkbookNames) }()
	<-started
	s.stop()
	close(s.delay)
	got := <-answers
	if got.Status != http.StatusServiceUnavailable || got.Codes() != "DEADLINE_EXCEEDED" || got.Header.Get("Retry-After") == "" || got.Data != nil {
		t.Errorf("%d %v %s", got.Status, got.Header, got.Body)
	}
	if err := <-s.stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	log := s.Log.String()
	if id := got.Header.Get("X-Request-Id"); !strings.Contains(log, "requestId="+id+" method=POST path=/graphql status=503") || strings.Contains(log, "clientGone") {
		t.Errorf("the log does not say that %s was answered 503: %s", id, log)
	}
}
