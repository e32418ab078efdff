package program

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// every address of the server, and some that it does not have.
var everyPath = []string{
	"/graphql", "/graphql/", "/graphql?query={viewer{username}}", "/schema.graphql", "/.well-known/oauth-protected-resource", "/healthz", "/readyz",
	"/playground", "/playground/callback", "/playground/", "/assets/", "/assets/none.js", "/assets/../server.go", "/content/", "/content/x", "/gallery",
	"/oidc/backchannel-logout", "/tableau-issuer/.well-known/openid-configuration", "/tableau-issuer/jwks.json", "/metrics", "/debug/pprof/", "/",
	"/nothing", "//evil.example", "//evil.example/..", "/%2e%2e/%2e%2e/etc/passwd", "/graphql/../healthz", "/\\evil.example", "/.git/config", "/%00", "/favicon.ico",
}

// Whatever is asked, with or without a token: the answer carries the headers that keep browsers
// from guessing, framing, running and keeping it, reveals nothing of what the server is made of,
// and leads nowhere else.
func TestEveryAnswerHasTheHeadersOfSafety(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.CORS.Origins = []string{"https://portal.example.com"} })
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	statuses := map[int]int{}
	for _, path := range everyPath {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			for _, token := range []string{"", "broken", p.Token(t, "alice")} {
				r := p.request(t, method, "", token, "")
				r.URL.Opaque = path // as it is
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

// A page that has its own name lead to this address (DNS rebinding) gets no data, demo or not.
func TestRebindingIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.Hosts = []string{"vitrine.internal"} })
	for host, want := range map[string]int{"evil.example": 421, "evil.example:80": 421, "vitrine.internal:8080": 200, "localhost:1": 200, "127.0.0.1": 200} {
		for _, path := range []string{"/graphql?query={__typename}", "/playground", "/.well-known/oauth-protected-resource"} {
			r := p.request(t, http.MethodGet, path, p.Token(t, "alice"), "")
			r.Host = host
			got := harness.Send(t, r)
			if got.Status != want && (got.Status != 503 || path != "/playground") || want == 421 && (len(got.Body) > 100 || got.Header.Get("Access-Control-Allow-Origin") != "") {
				t.Errorf("%s%s: %d %.100s", host, path, got.Status, got.Body)
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
		r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", p.Token(t, "alice"), "")
		r.Header.Set("X-Forwarded-For", "203.0.113.66, 198.51.100.7")
		r.Header.Set("Forwarded", "for=203.0.113.67")
		if got := harness.Send(t, r); got.Status != 200 {
			t.Error(got.Body)
		}
		if log := p.Log.String(); strings.Contains(log, "client=198.51.100.7") != trusted || strings.Contains(log, "203.0.113") {
			t.Errorf("trusted %t: %s", trusted, log)
		}
	}
}

// withTLS starts the program with a certificate, and gives a client that trusts it.
func withTLS(t *testing.T) (p *program, client *http.Client, certFile, keyFile string) {
	t.Helper()
	cert, key := harness.SelfSigned(t)
	certFile, keyFile = pairFiles(t, cert, key)
	p = start(t, tableausim.Config{}, func(c *config.Config) {
		c.TLS = config.TLS{Cert: cert, Key: config.Secret(key), CertFile: certFile, KeyFile: keyFile}
	})
	return p, trusting(t, cert), certFile, keyFile
}

// pairFiles writes a certificate and its key.
func pairFiles(t *testing.T, cert, key []byte) (certFile, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	for name, content := range map[string][]byte{certFile: cert, keyFile: key} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// trusting is a client of HTTP/2 that trusts a certificate.
func trusting(t *testing.T, cert []byte) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestTLSServesHTTP2AndNothingOlderThan12(t *testing.T) {
	t.Parallel()
	p, client, _, _ := withTLS(t)
	if !strings.HasPrefix(p.Address, "https://") {
		t.Fatalf("the address is %s", p.Address)
	}
	res, err := client.Do(p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", p.Token(t, "alice"), ""))
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
		c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.Address, "https://"))
		if (err == nil) != want {
			t.Errorf("TLS %x: %v", version, err)
		}
		if err == nil {
			_ = c.Close()
		}
	}
	plain, err := http.Get("http://" + strings.TrimPrefix(p.Address, "https://") + "/graphql?query={viewer{username}}") //nolint:noctx // the test ends soon enough
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
	c, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(p.Address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, text) // the server may have had enough before the end
	answer, _ := io.ReadAll(io.LimitReader(c, 64<<10))
	return string(answer)
}

// What two readers of one connection could understand differently (request smuggling) is refused,
// and whatever comes behind it is not read: on every route, and also where the request itself is
// refused before its body is looked at.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	const behind = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	token := p.Token(t, "alice")
	for _, target := range []string{"POST /graphql", "GET /graphql?query={__typename}", "GET /schema.graphql", "GET /content/x", "GET /assets/x.js", "GET /playground", "GET /healthz", "POST /none"} {
		for _, authorization := range []string{"", "Authorization: Bearer " + token + "\r\n"} {
			if authorization != "" && !strings.Contains(target, "graphql") {
				continue
			}
			for name, request := range ambiguous(target, authorization) {
				answer := p.raw(t, request+behind)
				first, _, _ := strings.Cut(answer, "\r\n")
				refused := strings.HasPrefix(first, "HTTP/1.1 4") || strings.HasPrefix(first, "HTTP/1.1 5") || strings.HasPrefix(first, "HTTP/1.0 505")
				if !refused || strings.Count(answer, "HTTP/1.") != 1 || len(answer) > 2000 {
					t.Errorf("%s, token %t: %s: %.300q", target, authorization != "", name, answer)
				}
			}
		}
	}
	if !strings.Contains(p.Log.String(), "ambiguous request refused") {
		t.Error("the refusals are not in the log")
	}
}

// ambiguous are requests that are refused.
func ambiguous(target, authorization string) map[string]string {
	head := func(lines ...string) string {
		return target + " HTTP/1.1\r\nHost: localhost\r\n" + authorization + "Content-Type: application/json\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	old := func(lines ...string) string { return strings.Replace(head(lines...), "HTTP/1.1", "HTTP/1.0", 1) }
	const chunks = "2\r\n{}\r\n0\r\n\r\n"
	return map[string]string{
		"a length and chunks":            head("Content-Length: 2", "Transfer-Encoding: chunked") + chunks,
		"chunks and a length":            head("Transfer-Encoding: chunked", "Content-Length: 2") + chunks,
		"chunks and a length of all":     head("Transfer-Encoding: chunked", fmt.Sprintf("Content-Length: %d", len(chunks))) + chunks,
		"chunks and a length of nothing": head("Content-Length: 0", "Transfer-Encoding: chunked") + "0\r\n\r\n",
		"identity":                       head("Transfer-Encoding: identity"),
		"identity and a length":          head("Transfer-Encoding: identity", "Content-Length: 2") + "{}",
		"chunks twice in a line":         head("Transfer-Encoding: chunked, chunked") + chunks,
		"chunks on two lines":            head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + "0\r\n\r\n",
		"an encoding nobody knows":       head("Transfer-Encoding: chunked, gzip") + "0\r\n\r\n",
		"an encoding in another form":    head("Transfer-Encoding: xchunked", "Content-Length: 2") + "{}",
		"two lengths":                    head("Content-Length: 2", "Content-Length: 3") + "{}",
		"the same length twice":          head("Content-Length: 2", "Content-Length: 2") + "{}",
		"the same length in a list":      head("Content-Length: 2, 2") + "{}",
		"a length with a sign":           head("Content-Length: +2") + "{}",
		"a length below nothing":         head("Content-Length: -2") + "{}",
		"no length":                      head("Content-Length: ") + "{}",
		"chunks of version 1.0":          old("Connection: keep-alive", "Transfer-Encoding: chunked") + chunks,
		"both of version 1.0":            old("Connection: keep-alive", "Content-Length: 2", "Transfer-Encoding: chunked") + chunks,
		"a folded line":                  head("X: a", " Content-Length: 60"),
		"a folded encoding":              head("Transfer-Encoding:", "\tchunked") + chunks,
		"a bare line feed":               head("X: a\nContent-Length: 60"),
		"a bare line feed at the end":    strings.TrimSuffix(head("X: a"), "\r\n") + "\n",
		"a bare carriage return":         head("X: a\rContent-Length: 60"),
		"two hosts":                      head("Host: evil.example"),
		"no host":                        strings.Replace(head("X: y"), "Host: localhost\r\n", "", 1),
		"a space before the colon":       head("X : x"),
		"a header with a NUL":            head("X: a\x00b"),
		"a bare line feed in a name":     head("X\nY: z"),
		"no version":                     target + "\r\n\r\n",
		"version 0.9":                    strings.Replace(head("X: y"), "HTTP/1.1", "HTTP/0.9", 1),
		"a preface of HTTP/2":            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"rubbish":                        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
		"a header without end":           target + " HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 80<<10),
		"an address without end":         "GET /graphql?query=" + strings.Repeat("x", 80<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	}
}

// What is looked at within TLS is the same, and HTTP/2 goes on beside it.
func TestAmbiguousRequestsAreRefusedWithinTLS(t *testing.T) {
	t.Parallel()
	p, client, _, _ := withTLS(t)
	refused := 0
	for name, request := range ambiguous("POST /graphql", "") {
		d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}}
		c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.Address, "https://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, request+"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		answer, _ := io.ReadAll(io.LimitReader(c, 64<<10))
		_ = c.Close()
		if strings.HasPrefix(string(answer), "HTTP/1.1 400") {
			refused++
		}
		if strings.Count(string(answer), "HTTP/1.") > 1 || strings.Contains(string(answer), " 200 ") {
			t.Errorf("%s: %.300q", name, answer)
		}
	}
	if refused < 20 {
		t.Errorf("%d were answered 400: the test sees too little", refused)
	}
	res, err := client.Get(p.Address + "/healthz") //nolint:noctx // the test ends soon enough
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != 200 || res.ProtoMajor != 2 {
		t.Errorf("%s %d", res.Proto, res.StatusCode)
	}
}

// A chunked request, and one of HTTP/1.0, may be answered, but is the last of its connection: what
// net/http hides beside them decides nothing. A request with a length is not.
func TestConnectionsEndWhereFramingIsHidden(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	const behind = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	for _, target := range []string{"POST /graphql", "GET /schema.graphql", "GET /content/x", "GET /assets/x.js", "GET /readyz", "POST /none"} {
		for request, answers := range map[string]int{
			target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}":                             2,
			target + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n":  1,
			target + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n": 1,
			target + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n":    1,
			target + " HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}":   1,
		} {
			answer := p.raw(t, request+behind)
			if strings.Count(answer, "HTTP/1.") != answers || !strings.Contains(strings.ToLower(answer), "connection: close") {
				t.Errorf("%q: %.400q, want %d answers", request, answer, answers)
			}
		}
	}
}

// A body that is refused for its size is not read to its end, whether its length is known or not.
func TestLargeBodiesAreNotRead(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	for name, length := range map[string]int64{"known": 1 << 30, "unknown": -1} {
		counted := &endless{}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Address+"/graphql", counted)
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = length
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+p.Token(t, "alice"))
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.Address, "http://"))
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
	token := p.Token(t, "alice")
	sizes := map[string]int{}
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		r := p.request(t, http.MethodGet, "/graphql?query="+url.QueryEscape(harness.WorkbookNames), token, "")
		r.Header.Set("Accept-Encoding", coding)
		got := harness.Send(t, r)
		if used := got.Header.Get("Content-Encoding"); used != strings.TrimPrefix(coding, "identity") {
			t.Errorf("%s: Content-Encoding %q", coding, used)
		}
		if vary := fmt.Sprint(got.Header.Values("Vary")); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Accept") {
			t.Errorf("%s: Vary %s", coding, vary)
		}
		sizes[coding] = len(got.Body)
	}
	if sizes["gzip"]*2 > sizes["identity"] || sizes["zstd"]*2 > sizes["identity"] {
		t.Errorf("sizes: %v", sizes)
	}
	r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", token, "")
	r.Header.Set("Accept-Encoding", "gzip, zstd")
	if got := harness.Send(t, r); got.Header.Get("Content-Encoding") != "" {
		t.Errorf("a small answer is compressed: %v", got.Header)
	}
}
