package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
)

// selfSigned makes a certificate for 127.0.0.1, and its key, in PEM form.
func selfSigned(t testing.TB) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<60))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

// every address of the server, and some that it does not have.
var everyPath = []string{
	"/graphql", "/graphql/", "/graphql?query={viewer{username}}", "/schema.graphql", "/.well-known/oauth-protected-resource", "/healthz", "/readyz",
	"/playground", "/playground/callback", "/playground/", "/assets/", "/assets/none.js", "/assets/../server.go", "/content/", "/content/x", "/gallery",
	"/oidc/backchannel-logout", "/tableau-issuer/.well-known/openid-configuration", "/tableau-issuer/jwks.json", "/metrics", "/debug/pprof/", "/",
	"/nothing", "//evil.example", "//evil.example/..", "/%2e%2e/%2e%2e/etc/passwd", "/graphql/../healthz", "/\\evil.example", "/.git/config", "/%00", "/favicon.ico",
}

// Whatever is asked, with or without a token: the answer carries the headers that keep browsers from guessing, framing, running and
// keeping it, tells nothing of what the server is made of, and leads nowhere else.
func TestEveryAnswerHasTheHeadersOfSafety(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.CORS.Origins = []string{"https://portal.example.com"} })
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	statuses := map[int]int{}
	for _, path := range everyPath {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			for _, token := range []string{"", "broken", p.token(t, "alice")} {
				r := p.request(t, method, "", token, "")
				r.URL.Opaque = path // as it stands
				r.Header.Set("Origin", "https://evil.example")
				r.Header.Set("X-Probe", "<script>probe</script>")
				res, err := client.Do(r)
				if err != nil {
					t.Errorf("%s %s: %v", method, path, err)
					continue
				}
				body, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil {
					t.Errorf("%s %s: %v", method, path, err)
				}
				statuses[res.StatusCode]++
				checkSafe(t, method+" "+path, res, string(body))
			}
		}
	}
	for _, want := range []int{200, 204, 400, 401, 404, 405} {
		if statuses[want] == 0 {
			t.Errorf("nothing was answered with %d: the test sees too little, %v", want, statuses)
		}
	}
}

func checkSafe(t *testing.T, what string, res *http.Response, body string) {
	t.Helper()
	h := res.Header
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
	} {
		if (name == "Cross-Origin-Resource-Policy" || name == "X-Frame-Options") && strings.Contains(what, " /content/") {
			continue // what a link leads to is made to be shown by pages of other origins, a PDF in a frame
		}
		if h.Get(name) != want || len(h.Values(name)) != 1 {
			t.Errorf("%s: %s is %q", what, name, h.Values(name))
		}
	}
	policy := h.Get("Content-Security-Policy")
	if strings.Contains(what, " /content/") { // an SVG brings its styles along; it may run and load nothing
		policy = strings.ReplaceAll(policy, "style-src 'unsafe-inline'", "frame-ancestors 'none'")
	}
	if !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("%s: Content-Security-Policy is %q", what, policy)
	}
	if cache := h.Get("Cache-Control"); cache == "" || res.StatusCode >= 400 && res.StatusCode != 503 && cache != "no-store" {
		t.Errorf("%s: %d with Cache-Control %q", what, res.StatusCode, cache)
	}
	for _, name := range []string{"Server", "X-Powered-By", "Set-Cookie", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
		if h.Get(name) != "" {
			t.Errorf("%s: %s is %q", what, name, h.Get(name))
		}
	}
	if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "probe") || strings.Contains(body, "goroutine") {
		t.Errorf("%s: %d %.200s", what, res.StatusCode, body)
	}
	if to, err := res.Location(); err == nil && (to.Host != res.Request.URL.Host || strings.HasPrefix(h.Get("Location"), "//")) {
		t.Errorf("%s leads to %s", what, h.Get("Location"))
	}
	if res.StatusCode != http.StatusNoContent && len(body) > 0 && h.Get("Content-Type") == "" {
		t.Errorf("%s: %d bytes of no type", what, len(body))
	}
}

// A page that has its own name lead to this address (DNS rebinding) is told nothing, demo or not.
func TestRebindingIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.Hosts = []string{"vitrine.internal"} })
	for host, want := range map[string]int{"evil.example": 421, "evil.example:80": 421, "vitrine.internal:8080": 200, "localhost:1": 200, "127.0.0.1": 200} {
		for _, path := range []string{"/graphql?query={__typename}", "/playground", "/.well-known/oauth-protected-resource"} {
			r := p.request(t, http.MethodGet, path, p.token(t, "alice"), "")
			r.Host = host
			got := send(t, r)
			if got.status != want && (got.status != 503 || path != "/playground") || want == 421 && (len(got.body) > 100 || got.header.Get("Access-Control-Allow-Origin") != "") {
				t.Errorf("%s%s: %d %.100s", host, path, got.status, got.body)
			}
		}
	}
}

func TestLogTellsWhomTrustedProxiesName(t *testing.T) {
	t.Parallel()
	for _, trusted := range []bool{false, true} {
		p := start(t, tableausim.Config{}, func(c *config.Config) {
			if trusted {
				c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			}
		})
		r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", p.token(t, "alice"), "")
		r.Header.Set("X-Forwarded-For", "203.0.113.66, 198.51.100.7")
		r.Header.Set("Forwarded", "for=203.0.113.67")
		if got := send(t, r); got.status != 200 {
			t.Error(got.body)
		}
		if log := p.log.String(); strings.Contains(log, "client=198.51.100.7") != trusted || strings.Contains(log, "203.0.113") {
			t.Errorf("trusted %t: %s", trusted, log)
		}
	}
}

// withTLS starts the program with a certificate, and gives a client that trusts it.
func withTLS(t *testing.T) (p *program, client *http.Client, certFile, keyFile string) {
	t.Helper()
	cert, key := selfSigned(t)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	for name, content := range map[string][]byte{certFile: cert, keyFile: key} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p = start(t, tableausim.Config{}, func(c *config.Config) {
		c.TLS = config.TLS{Cert: cert, Key: config.Secret(key), CertFile: certFile, KeyFile: keyFile}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return p, &http.Client{Transport: transport}, certFile, keyFile
}

func TestTLSServesHTTP2AndNothingOlderThan12(t *testing.T) {
	t.Parallel()
	p, client, _, _ := withTLS(t)
	if !strings.HasPrefix(p.address, "https://") {
		t.Fatalf("the address is %s", p.address)
	}
	res, err := client.Do(p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", p.token(t, "alice"), ""))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.ProtoMajor != 2 || !strings.Contains(string(body), `"alice"`) || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s %v %s", res.Proto, res.Header, body)
	}
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}}
		c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.address, "https://"))
		if (err == nil) != want {
			t.Errorf("TLS %x: %v", version, err)
		}
		if err == nil {
			_ = c.Close()
		}
	}
	plain, err := http.Get("http://" + strings.TrimPrefix(p.address, "https://") + "/graphql?query={viewer{username}}") //nolint:noctx // the test ends soon enough
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = plain.Body.Close() }()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered with %d", plain.StatusCode)
	}
}

// raw sends bytes as they are and reads until the server ends the connection.
func (p *program) raw(t *testing.T, text string) string {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(p.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, text) // the server may have had enough before the end
	answer, _ := io.ReadAll(io.LimitReader(c, 64<<10))
	return string(answer)
}

// What two readers of one connection could understand differently (request smuggling) is refused, and whatever comes behind it is
// not read.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	const behind = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	head := func(lines ...string) string {
		return "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	for name, request := range map[string]string{
		"two lengths":                head("Content-Length: 2", "Content-Length: 3") + "{}",
		"a length that is no number": head("Content-Length: +2") + "{}",
		"a chunk size with a sign":   head("Transfer-Encoding: chunked") + "+2\r\n{}\r\n0\r\n\r\n",
		"an encoding nobody knows":   head("Transfer-Encoding: chunked, gzip") + "0\r\n\r\n",
		"two encodings":              head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + "0\r\n\r\n",
		"two hosts":                  "GET /graphql HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
		"no host":                    "GET /graphql HTTP/1.1\r\n\r\n",
		"a space before the colon":   head("Authorization : Bearer x"),
		"a header with a NUL":        head("X: a\x00b"),
		"a bare line feed in a name": head("X\nY: z"),
		"no version":                 "GET /graphql\r\n\r\n",
		"version 0.9":                "GET /graphql HTTP/0.9\r\nHost: localhost\r\n\r\n",
		"a preface of HTTP/2":        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"rubbish":                    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
		"a header without end":       "GET /graphql HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 80<<10),
		"an address without end":     "GET /graphql?query=" + strings.Repeat("x", 80<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		answer := p.raw(t, request+behind)
		first, _, _ := strings.Cut(answer, "\r\n")
		if !strings.HasPrefix(first, "HTTP/1.1 4") && !strings.HasPrefix(first, "HTTP/1.1 5") || strings.Contains(answer, "\nok\n") || len(answer) > 2000 {
			t.Errorf("%s: %.300q", name, answer)
		}
	}
}

// A body that is refused for its size is not read to its end, whether its length is told or not.
func TestLargeBodiesAreNotRead(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	for name, length := range map[string]int64{"told": 1 << 30, "not told": -1} {
		counted := &endless{}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.address+"/graphql", counted)
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = length
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+p.token(t, "alice"))
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = r.Write(c) }() // until the server has had enough
		res, err := http.ReadResponse(bufio.NewReader(c), r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = res.Body.Close()
		_ = c.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge || !res.Close {
			t.Errorf("%s: %d, close %t", name, res.StatusCode, res.Close)
		}
	}
}

// endless is a body without end.
type endless struct{}

func (*endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }

// Answers to people are compressed for who takes it, and small ones are not.
func TestAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.token(t, "alice")
	sizes := map[string]int{}
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		r := p.request(t, http.MethodGet, "/graphql?query="+url.QueryEscape(workbookNames), token, "")
		r.Header.Set("Accept-Encoding", coding)
		got := send(t, r)
		if used := got.header.Get("Content-Encoding"); used != strings.TrimPrefix(coding, "identity") {
			t.Errorf("%s: Content-Encoding %q", coding, used)
		}
		if vary := fmt.Sprint(got.header.Values("Vary")); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Accept") {
			t.Errorf("%s: Vary %s", coding, vary)
		}
		sizes[coding] = len(got.body)
	}
	if sizes["gzip"]*2 > sizes["identity"] || sizes["zstd"]*2 > sizes["identity"] {
		t.Errorf("sizes: %v", sizes)
	}
	r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", token, "")
	r.Header.Set("Accept-Encoding", "gzip, zstd")
	if got := send(t, r); got.header.Get("Content-Encoding") != "" {
		t.Errorf("a small answer is compressed: %v", got.header)
	}
}
