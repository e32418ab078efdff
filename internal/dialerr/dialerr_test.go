package dialerr_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dialerr"
)

// raw is a server that answers each connection so, and closes it; raw returns its address.
func raw(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			answer(c)
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func trusting(s *httptest.Server) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// closed is an address at which nothing listens: the port of a protocol that nobody uses. A port
// that was free a moment ago may be another test's by now.
const closed = "127.0.0.1:1"

// garbage answers what is not HTTP. It reads the request first and lets the client close: a
// connection that is closed with unread data is reset, and the answer may be lost.
func garbage(c net.Conn) {
	_, _ = c.Read(make([]byte, 1<<10))
	_, _ = c.Write([]byte("\x15\x03\x01\x00\x02\x02\x16\r\n\r\n"))
	_, _ = c.Read(make([]byte, 1))
}

// TestExplainNamesServerCauseAndRemedy fails in each way that a connection can, for real where that
// is possible on loopback.
func TestExplainNamesServerCauseAndRemedy(t *testing.T) {
	t.Parallel()
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	secure, plain := httptest.NewTLSServer(ok), httptest.NewServer(ok)
	t.Cleanup(secure.Close)
	t.Cleanup(plain.Close)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(slow.Close)
	picky := httptest.NewUnstartedServer(ok)
	picky.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	picky.StartTLS()
	t.Cleanup(picky.Close)
	get := func(address string, config *tls.Config, proxy string) func() error {
		return func() error {
			ctx := t.Context()
			if address == slow.URL {
				past, cancel := context.WithTimeout(ctx, time.Millisecond) // real time: the answer never comes, however long it waits
				defer cancel()
				ctx = past
			}
			transport := &http.Transport{TLSClientConfig: config}
			if proxy != "" {
				transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
			}
			defer transport.CloseIdleConnections()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/secret/path?name=anna", nil)
			if err != nil {
				return err
			}
			res, err := (&http.Client{Transport: transport}).Do(r)
			if err == nil {
				_ = res.Body.Close()
			}
			return err
		}
	}
	expired := x509.CertificateInvalidError{Cert: secure.Certificate(), Reason: x509.Expired}
	for name, c := range map[string]struct {
		do     func() error
		cause  string
		remedy string
	}{
		"unknown authority": {get(secure.URL, nil, ""), "an authority that this machine does not trust", "as tableau.caFile"},
		"another name":      {get(strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), trusting(secure), ""), `and not for "localhost"`, "tableau.url"},
		"expired":           {func() error { return expired }, "its certificate is valid from ", "renew it"},
		"not for servers": {
			func() error {
				return x509.CertificateInvalidError{Cert: secure.Certificate(), Reason: x509.IncompatibleUsage}
			},
			"its certificate cannot be used", "another certificate",
		},
		"TLS to a plain port":  {get("https"+strings.TrimPrefix(plain.URL, "http"), nil, ""), "does not speak TLS on this port", "tableau.url"},
		"client certificate":   {get(picky.URL, trusting(picky), ""), "refuses the TLS handshake", "client certificate"},
		"old TLS only":         {func() error { return errors.New("tls: server selected unsupported protocol version 301") }, "the TLS handshake fails", "1.2"},
		"garbage":              {get("http://"+raw(t, garbage), nil, ""), "does not answer with HTTP", "https"},
		"nothing there":        {get("http://"+closed, nil, ""), "nothing accepts connections", "host and port in tableau.url"},
		"hangs up":             {get("http://"+raw(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<10)) }), nil, ""), "closed before the answer", "restarting"},
		"too slow":             {get(slow.URL, nil, ""), "no answer came in time", "tableau.url"},
		"proxy is not there":   {get("https://tableau.example.com", nil, "http://"+closed), "the proxy of HTTPS_PROXY", "NO_PROXY"},
		"no such host":         {func() error { return &net.DNSError{Name: "tableau.invalid", IsNotFound: true} }, `there is no host "tableau.invalid"`, "tableau.url"},
		"name servers are out": {func() error { return &net.DNSError{Name: "tableau.invalid", IsTimeout: true} }, "cannot be looked up", "name servers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.do()
			if err == nil {
				t.Fatal("it did not fail")
			}
			got := dialerr.At("https://tableau.example.com/secret/path", "tableau.url", "tableau.caFile").Explain(err)
			var explained *dialerr.Error
			if !errors.As(got, &explained) || !errors.Is(got, err) {
				t.Fatalf("%v is not explained: %v", err, got)
			}
			text := got.Error()
			if !strings.HasPrefix(text, "https://tableau.example.com: ") || !strings.Contains(explained.Cause, c.cause) || !strings.Contains(explained.Remedy, c.remedy) {
				t.Errorf("%q, want cause %q and remedy %q", text, c.cause, c.remedy)
			}
			if strings.Contains(text, "secret") || strings.Contains(text, "anna") || strings.ContainsAny(text, "\r\n\x15") {
				t.Errorf("%q shows a path, or breaks the line", text)
			}
		})
	}
}

func TestExplainLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := dialerr.At("https://a", "b", "c")
	other := errors.New("something else")
	for _, err := range []error{nil, other, context.Canceled} {
		if got := s.Explain(err); got != err { //nolint:errorlint // it is the same one that is wanted
			t.Errorf("%v becomes %v", err, got)
		}
	}
	once := s.Explain(context.DeadlineExceeded)
	if twice := s.Explain(once); twice != once { //nolint:errorlint // as above
		t.Errorf("explained twice: %v", twice)
	}
	var timeout net.Error
	if !errors.As(s.Explain(context.DeadlineExceeded), &timeout) || !timeout.Timeout() {
		t.Error("an explained time-out is no longer a time-out")
	}
}
