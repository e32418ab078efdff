package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
)

// Program is the server on port 0 against the stand-ins, wired as demo wires it.
type Program struct {
	*standin.Servers
	App     *server.App
	Address string
	Log     *SyncBuffer
	Halt    func() // stops it, once, and waits until it has stopped
}

// SyncBuffer is a buffer that goroutines share.
type SyncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *SyncBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *SyncBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Reset drops what was written.
func (l *SyncBuffer) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = bytes.Buffer{}
}

// Start runs the program until the test ends, and then expects it to stop without an error.
func Start(t testing.TB, world tableausim.Config, change func(*config.Config)) *Program {
	t.Helper()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	return Serve(t, stand, change)
}

// Serve runs one more program beside those that the stand-ins have already.
func Serve(t testing.TB, stand *standin.Servers, change func(*config.Config)) *Program {
	t.Helper()
	return ServeLogging(t, stand, change, func(w io.Writer) *slog.Logger {
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
}

// ServeLogging is Serve with a logger of its own.
func ServeLogging(t testing.TB, stand *standin.Servers, change func(*config.Config), newLogger func(io.Writer) *slog.Logger) *Program {
	t.Helper()
	settings := standin.Settings(stand, "127.0.0.1:0")
	settings.Cache.TTL = 0 // tests count calls
	if change != nil {
		change(settings)
	}
	if err := config.Validate(settings); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		t.Fatal(err)
	}
	p := &Program{Servers: stand, Address: server.Scheme(settings) + listener.Addr().String(), Log: &SyncBuffer{}}
	if p.App, err = server.New(settings, p.Address, newLogger(p.Log)); err != nil {
		t.Fatal(err)
	}
	KeepPrinted(t, stand, p.Log)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- p.App.Serve(ctx, listener) }()
	p.Halt = sync.OnceFunc(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	t.Cleanup(p.Halt)
	return p
}

// Token returns an access token of a demo user that is valid for hours.
func (p *Program) Token(t testing.TB, user string) string {
	t.Helper()
	return LastingToken(t, p.Provider, user)
}

// LastingToken returns an access token that is valid for 20 hours. Parallel subtests may wait for a
// processor for longer than the five minutes that the stand-in's tokens are valid.
func LastingToken(t testing.TB, provider *devidp.Provider, user string) string {
	t.Helper()
	token, err := provider.TokenWith(user, Lasting)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Lasting changes the claims of a token so that it is valid for 20 hours.
func Lasting(claims, _ map[string]any) {
	claims["exp"] = time.Now().Add(20 * time.Hour).Unix()
}

// Answer is an answer as tests look into it.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions struct {
		Vitrine struct {
			Calls   map[string]int `json:"calls"`
			Retried int            `json:"retried"`
		} `json:"vitrine"`
	} `json:"extensions"`
}

// Codes lists the codes of the errors, separated by blanks.
func (a *Answer) Codes() string {
	var codes []string
	for _, e := range a.Errors {
		codes = append(codes, fmt.Sprint(e.Extensions["code"]))
	}
	return strings.Join(codes, " ")
}

// Post asks with a token, or with none where it is empty.
func (p *Program) Post(t testing.TB, token, query string) *Answer {
	t.Helper()
	r, err := p.Query(t.Context(), token, query)
	if err != nil {
		t.Fatal(err)
	}
	return Send(t, r)
}

// Query returns the request that asks a query and how many calls it cost.
func (p *Program) Query(ctx context.Context, token, query string) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{
		"query": query, "extensions": map[string]any{"vitrine": map[string]any{"calls": true}},
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, nil
}

// Send sends a request and decodes the answer; the test ends where that fails.
func Send(t testing.TB, r *http.Request) *Answer {
	t.Helper()
	a, err := Exchange(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Exchange sends a request and decodes the answer. Unlike send it may be called from any goroutine.
func Exchange(r *http.Request) (*Answer, error) {
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	a := &Answer{Status: res.StatusCode, Header: res.Header, Body: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") && res.Header.Get("Content-Encoding") == "" && r.Method != http.MethodHead {
		if err := json.Unmarshal(raw, a); err != nil {
			return nil, fmt.Errorf("not JSON: %w\n%s", err, raw)
		}
	}
	return a, nil
}

// WorkbookNames asks for the names of all workbooks of the default site.
const WorkbookNames = `{ site(contentUrl: "") { workbooks(first: 1000) { totalCount nodes { name } } } }`
