package edge_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"vitrine/internal/edge"
)

func TestClientIsWhomTrustedProxiesName(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		remote, header string
		said           []string
		want           string
	}{
		"nobody":                 {"192.0.2.1:5", "", nil, "192.0.2.1"},
		"a stranger who claims":  {"192.0.2.1:5", edge.ForwardedFor, []string{"198.51.100.1"}, "192.0.2.1"},
		"a proxy":                {"10.0.0.1:5", edge.ForwardedFor, []string{"198.51.100.1"}, "198.51.100.1"},
		"a proxy that is quiet":  {"10.0.0.1:5", edge.ForwardedFor, nil, "10.0.0.1"},
		"two proxies":            {"10.0.0.1:5", edge.ForwardedFor, []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"two headers":            {"10.0.0.1:5", edge.ForwardedFor, []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"a client that prepends": {"10.0.0.1:5", edge.ForwardedFor, []string{"203.0.113.9, 10.0.0.3, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"all are proxies":        {"10.0.0.1:5", edge.ForwardedFor, []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"no address":             {"10.0.0.1:5", edge.ForwardedFor, []string{"198.51.100.1, evil"}, "10.0.0.1"},
		"no address behind one":  {"10.0.0.1:5", edge.ForwardedFor, []string{"evil, 10.0.0.2"}, "10.0.0.2"},
		"with a port":            {"10.0.0.1:5", edge.ForwardedFor, []string{"198.51.100.1:99"}, "198.51.100.1"},
		"IPv6":                   {"[fd00::1]:5", edge.ForwardedFor, []string{"2001:db8::7"}, "2001:db8::7"},
		"IPv6 with a port":       {"[fd00::1]:5", edge.ForwardedFor, []string{"[2001:db8::7]:99"}, "2001:db8::7"},
		"IPv4 within IPv6":       {"[::ffff:10.0.0.1]:5", edge.ForwardedFor, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"a zone":                 {"[fd00::1]:5", edge.ForwardedFor, []string{"fe80::1%eth0"}, "fe80::1"},
		"Forwarded is not read":  {"10.0.0.1:5", edge.Forwarded, []string{"for=198.51.100.1"}, "10.0.0.1"},
		"a hundred hops":         {"10.0.0.1:5", edge.ForwardedFor, []string{"198.51.100.1" + strings.Repeat(", 10.0.0.2", 100)}, "10.0.0.2"},
	} {
		if got := clientOf(edge.Config{Proxies: proxies}, c.remote, http.Header{c.header: c.said}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for said, want := range map[string]string{
		"for=198.51.100.1": "198.51.100.1", "For=198.51.100.1;proto=https;by=10.0.0.1": "198.51.100.1", `for="[2001:db8::7]:99"`: "2001:db8::7",
		"for=unknown": "10.0.0.1", "for=_hidden, for=10.0.0.2": "10.0.0.2", `for="198.51.100.1", for=10.0.0.2`: "198.51.100.1", "": "10.0.0.1", ";;=": "10.0.0.1",
	} {
		header := http.Header{edge.Forwarded: {said}, edge.ForwardedFor: {"203.0.113.9"}}
		if got := clientOf(edge.Config{Proxies: proxies, ForwardedHeader: edge.Forwarded}, "10.0.0.1:5", header); got != want {
			t.Errorf("Forwarded: %s: %s, want %s", said, got, want)
		}
	}
}

// clientOf is whom a handler behind the edge sees.
func clientOf(c edge.Config, remote string, header http.Header) (seen string) {
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	r.RemoteAddr, r.Header = remote, header
	edge.New(c).Guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = edge.ClientAddress(r.Context()).String()
	})).ServeHTTP(httptest.NewRecorder(), r)
	return seen
}

func TestClientsOfOneNetworkCountAsOne(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:5": "192.0.2.1/32", "[2001:db8:1:2:3:4:5:6]:5": "2001:db8:1:2::/64", "nothing": "invalid Prefix",
	} {
		if got := networkOf(remote); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
	if got := edge.ClientNetwork(context.Background()); got.IsValid() {
		t.Errorf("nobody is %s", got)
	}
}

// networkOf is what limits count a request of this remote address by.
func networkOf(remote string) (counted string) {
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	r.RemoteAddr = remote
	edge.New(edge.Config{}).Guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		counted = edge.ClientNetwork(r.Context()).String()
	})).ServeHTTP(httptest.NewRecorder(), r)
	return counted
}

func TestPlainHTTPAtTheProxyIsTold(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]bool{"http": true, "https": false, "https, http": true, "HTTP": true, "": false} {
		observed := false
		c := edge.Config{
			PublicURL: "https://bi.example.com", Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")},
			Observe: func(_ context.Context, attrs ...slog.Attr) { observed = observed || attrs[0].Key == "clientPlain" },
		}
		clientOf(c, "10.0.0.1:5", http.Header{edge.ForwardedFor: {"198.51.100.1"}, "X-Forwarded-Proto": {scheme}})
		if observed != want {
			t.Errorf("%q: observed %t", scheme, observed)
		}
	}
}

func TestRequestsForOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	e := edge.New(edge.Config{PublicURL: "https://bi.example.com:8443", Hosts: []string{"Vitrine.internal"}})
	handler := e.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{
		"bi.example.com:8443": 200, "bi.example.com": 200, "BI.Example.COM": 200, "bi.example.com.": 200, "vitrine.internal:8080": 200,
		"127.0.0.1:8080": 200, "[::1]:8080": 200, "[::1]": 200, "192.0.2.1": 200, "localhost": 200, "localhost:8080": 200,
		"evil.example": 421, "bi.example.com.evil.example": 421, "evilbi.example.com": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421,
		"": 421, ":8080": 421, "bi.example.com@evil.example": 421, "127.0.0.1.": 421, "[::1].evil.example": 421, "2130706433": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/graphql", nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want || strings.Contains(w.Body.String(), "evil") {
			t.Errorf("%q: %d %s, want %d", host, w.Code, w.Body, want)
		}
		r.URL.Path = "/readyz" // probes ask under any name
		w = httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("%q: a probe gets %d", host, w.Code)
		}
	}
}

func TestHeaderFloodsAreRefused(t *testing.T) {
	t.Parallel()
	handler := edge.New(edge.Config{}).Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for n, want := range map[int]int{40: 200, 100: 200, 101: 431, 5000: 431} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		for range n {
			r.Header.Add("X", "y")
		}
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%d headers: %d, want %d", n, w.Code, want)
		}
	}
}

func TestHandlersMayChangeTheHeadersOfTheirAnswers(t *testing.T) {
	t.Parallel()
	for public, hsts := range map[string]string{"https://bi.example.com": "max-age=31536000", "http://127.0.0.1:8080": ""} {
		w := httptest.NewRecorder()
		edge.New(edge.Config{PublicURL: public}).Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			_, _ = io.WriteString(w, "x")
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/", nil))
		h := w.Header()
		if h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Content-Security-Policy") != edge.APIPolicy || h.Get("Strict-Transport-Security") != hsts {
			t.Errorf("%s: %v", public, h)
		}
	}
}
