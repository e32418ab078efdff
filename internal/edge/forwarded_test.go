package edge_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vitrine/internal/edge"
)

// behindProxies is an edge that a proxy at 10.0.0.1 is in front of.
func behindProxies(header string) edge.Config {
	return edge.Config{ForwardedHeader: header, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
}

func TestForwardedIsReadByItsGrammar(t *testing.T) {
	t.Parallel()
	const peer = "10.0.0.1"
	for said, want := range map[string]string{
		// what the RFC allows
		`for=198.51.100.1`: "198.51.100.1",
		`FOR=198.51.100.1;Proto=https;By=10.0.0.1;host=a.b`: "198.51.100.1",
		`for="198.51.100.1"`:                                  "198.51.100.1",
		`for="198.51.100.1:80"`:                               "198.51.100.1",
		`for="198.51.100.1:_port"`:                            "198.51.100.1",
		`for="[2001:db8::7]"`:                                 "2001:db8::7",
		`for="[2001:db8::7]:65535"`:                           "2001:db8::7",
		`for="[2001:db8::7]:_a.b-c"`:                          "2001:db8::7",
		`for="[::ffff:198.51.100.1]"`:                         "198.51.100.1",
		`for="\1\9\8.51.100.\1"`:                              "198.51.100.1",
		`host="a;for=203.0.113.9";for=198.51.100.1`:           "198.51.100.1",
		`for=198.51.100.1;host="a, for=203.0.113.9"`:          "198.51.100.1",
		`for=198.51.100.1;host="\", for=203.0.113.9, x=\""`:   "198.51.100.1",
		`for=198.51.100.1;host="\\"`:                          "198.51.100.1",
		`for=198.51.100.1;ext=" \" ; = , "`:                   "198.51.100.1",
		`for=198.51.100.1;`:                                   "198.51.100.1",
		`;for=198.51.100.1`:                                   "198.51.100.1",
		`for=198.51.100.1,`:                                   "198.51.100.1",
		"for=198.51.100.1 ,\t, ":                              "198.51.100.1",
		`, ,for=198.51.100.1, , for=10.0.0.2`:                 "198.51.100.1",
		`for=203.0.113.9, for=198.51.100.1`:                   "198.51.100.1",
		`for="[fd00::2]", for="[fd00::3]:1"`:                  "fd00::2",
		`for=203.0.113.9, for=198.51.100.1, for="10.0.0.2:4"`: "198.51.100.1",
		// nobody's address: the one behind it stays
		`for=unknown`:                           peer,
		`for=_hidden`:                           peer,
		`for="_SEVKISEK:_7"`:                    peer,
		`for=_hidden, for=10.0.0.2`:             "10.0.0.2",
		`for=203.0.113.9, for=unknown`:          peer,
		`for=203.0.113.9, proto=https`:          peer,
		`for=203.0.113.9, for=_x, for=10.0.0.2`: "10.0.0.2",
		// what breaks the grammar
		`for=198.51.100.1;for=203.0.113.9`:                    peer,
		`for=198.51.100.1;For="203.0.113.9"`:                  peer,
		`for=198.51.100.1;host=a;host=b`:                      peer,
		`for=198.51.100.1;proto=https;PROTO=http`:             peer,
		`for=198.51.100.1;x`:                                  peer,
		`for=198.51.100.1;=x`:                                 peer,
		`for=198.51.100.1;x=`:                                 peer,
		`for =198.51.100.1`:                                   peer,
		`for= 198.51.100.1`:                                   peer,
		`for=198.51.100.1 for=203.0.113.9`:                    peer,
		`for=198.51.100.1:80`:                                 peer,
		`for=[2001:db8::7]`:                                   peer,
		`for="2001:db8::7"`:                                   peer,
		`for="[198.51.100.1]"`:                                peer,
		`for="[2001:db8::7"`:                                  peer,
		`for="2001:db8::7]"`:                                  peer,
		`for="[2001:db8::7%eth0]"`:                            peer,
		`for="[2001:db8::7]x"`:                                peer,
		`for="[2001:db8::7]:"`:                                peer,
		`for="198.51.100.1:123456"`:                           peer,
		`for="198.51.100.1:_"`:                                peer,
		`for="198.51.100.1"x`:                                 peer,
		`for="198.51.100.1`:                                   peer,
		`for="198.51.100.1\`:                                  peer,
		`for="198.51.100.1\"`:                                 peer,
		`host="a, for=203.0.113.9`:                            peer,
		`host="x, for=203.0.113.9;y="z, for=198.51.100.1`:     "198.51.100.1", // closed behind y=: an unreadable element, and the proxy's
		`for=198.51.100.1, for="203.0.113.9`:                  peer,
		`for=203.0.113.9;host="a", for=198.51.100.1;host="b,`: peer,
		`for='198.51.100.1'`:                                  peer,
		`"for"=198.51.100.1`:                                  peer,
		`for=""`:                                              peer,
		`for=`:                                                peer,
		`198.51.100.1`:                                        peer,
	} {
		if got := clientOf(behindProxies(edge.Forwarded), "10.0.0.1:5", http.Header{edge.Forwarded: {said}}); got != want {
			t.Errorf("Forwarded: %s: %s, want %s", said, got, want)
		}
	}
	// A string that a client does not close on its own line swallows nothing of the proxy's line.
	lines := http.Header{edge.Forwarded: {`for=203.0.113.9;host="`, `for=198.51.100.1`}}
	if got := clientOf(behindProxies(edge.Forwarded), "10.0.0.1:5", lines); got != "198.51.100.1" {
		t.Errorf("two lines: %s", got)
	}
}

func TestForwardedForTakesAddressesAlone(t *testing.T) {
	t.Parallel()
	const peer = "10.0.0.1"
	for said, want := range map[string]string{
		"198.51.100.1,": "198.51.100.1", " , 198.51.100.1 ,\t": "198.51.100.1", "[2001:db8::7]": "2001:db8::7", "[2001:db8::7]:1": "2001:db8::7",
		"203.0.113.9 198.51.100.1": peer, "[198.51.100.1]": peer, "[198.51.100.1": peer, "2001:db8::7]": peer, "198.51.100.1]": peer, `"198.51.100.1"`: peer,
		"for=198.51.100.1": peer, "unknown": peer, "_hidden": peer, "198.51.100.1:": peer, "198.51.100.1:x": peer, "198.51.100.1:99999": peer, "198.51.100.01": peer,
		"198.51.100.1;for=203.0.113.9": peer, "0x7f.1": peer, "198.51.100": peer,
	} {
		if got := clientOf(behindProxies(edge.ForwardedFor), "10.0.0.1:5", http.Header{edge.ForwardedFor: {said}}); got != want {
			t.Errorf("X-Forwarded-For: %s: %s, want %s", said, got, want)
		}
	}
}

// Whatever a client writes, an element that a proxy appends decides: the client is whom the proxy
// names or, where the client's text makes the line unreadable, the proxy itself. Never an address
// that the client chose.
func TestPropertyClientsChooseNoAddress(t *testing.T) {
	t.Parallel()
	hosts := []string{`a.example`, `"a.example"`, `"a;for=203.0.113.1"`, `"a, for=203.0.113.2"`, `"\", for=203.0.113.3;x=\""`, `"\\"`}
	pieces := []string{
		"for=", "For=", `"`, `\`, `\"`, ";", ",", "=", " ", "\t", "host=", "proto=https", "203.0.113.4", "[2001:db8::bad]", "10.0.0.9", "unknown", "_x", ":80", "[", "]", "x",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "client"), "")
		host := rapid.SampledFrom(hosts).Draw(t, "host")
		first := rapid.Bool().Draw(t, "host first")
		own := "for=198.51.100.1;host=" + host
		if first {
			own = "host=" + host + ";for=198.51.100.1"
		}
		for _, lines := range [][]string{{text + ", " + own}, {text, own}} {
			got := clientOf(behindProxies(edge.Forwarded), "10.0.0.1:5", http.Header{edge.Forwarded: lines})
			if got != "198.51.100.1" && (got != "10.0.0.1" || len(lines) == 2) {
				t.Fatalf("%q: %s", lines, got)
			}
		}
		if got := clientOf(behindProxies(edge.ForwardedFor), "10.0.0.1:5", http.Header{edge.ForwardedFor: {text + ", 198.51.100.1"}}); got != "198.51.100.1" {
			t.Fatalf("X-Forwarded-For %q: %s", text, got)
		}
	})
}

func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{`for=198.51.100.1;proto=https, for="[2001:db8::1]:80"`, `for="\"`, `host="a;for=203.0.113.9", for=_x`, ",;=\"\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := clientOf(behindProxies(edge.Forwarded), "10.0.0.1:5", http.Header{edge.Forwarded: {text, "for=198.51.100.1"}})
		if got != "198.51.100.1" {
			t.Errorf("%q: %s", text, got)
		}
		alone := clientOf(behindProxies(edge.Forwarded), "10.0.0.1:5", http.Header{edge.Forwarded: {text}})
		if _, err := netip.ParseAddr(alone); err != nil {
			t.Errorf("%q: %s is no address", text, alone)
		}
	})
}

// One owner of addresses has one share, however they arrive; strangers do not share one.
func TestNetworksAreThoseOfOneOwner(t *testing.T) {
	t.Parallel()
	own := "192.0.2.33/32"
	for address, want := range map[string]string{
		"192.0.2.33": own, "::ffff:192.0.2.33": own, "64:ff9b::192.0.2.33": own, "64:ff9b:1::192.0.2.33": own, "64:ff9b:1:7:8::192.0.2.33": own,
		"::ffff:0:192.0.2.33": own, "2002:c000:221::1": own, "2002:c000:221:ffff::1": own, "2001:0:4136:e378:8000:63bf:3fff:fdde": own,
		"64:ff9b::192.0.2.34": "192.0.2.34/32", "2002:c000:222::1": "192.0.2.34/32", "2001:0:4136:e378:8000:63bf:3fff:fddd": "192.0.2.34/32",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:3::1": "2001:db8:1:3::/64", "64:ff9b:2::192.0.2.33": "64:ff9b:2::/64",
		"2003::1": "2003::/64", "2001:1::1": "2001:1::/64", "::1": "::/64", "fe80::1%eth0": "fe80::/64", "64:ff9b::192.0.2.33%eth0": own,
	} {
		host := fmt.Sprintf("[%s]:5", address)
		if !strings.Contains(address, ":") {
			host = address + ":5"
		}
		if got := networkOf(host); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v4 := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "IPv4"))
		rest := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "the rest")
		sixToFour, teredo := [16]byte(rest), [16]byte(rest)
		copy(sixToFour[:], []byte{0x20, 0x02, v4[0], v4[1], v4[2], v4[3]})
		copy(teredo[:], []byte{0x20, 0x01, 0, 0})
		copy(teredo[12:], []byte{^v4[0], ^v4[1], ^v4[2], ^v4[3]})
		want := netip.PrefixFrom(netip.AddrFrom4(v4), 32).String()
		for _, a := range []netip.Addr{netip.AddrFrom4(v4), netip.AddrFrom16(sixToFour), netip.AddrFrom16(teredo)} {
			if got := networkOf(netip.AddrPortFrom(a, 5).String()); got != want {
				t.Fatalf("%s counts as %s, want %s", a, got, want)
			}
		}
	})
}
