package edge

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// names are the hosts that a request may be meant for, in lower case and without ports.
type names map[string]bool

func namesOf(publicURL string, more []string) names {
	n := names{"localhost": true}
	if u, err := url.Parse(publicURL); err == nil {
		n[canonical(u.Hostname())] = true
	}
	for _, host := range more {
		n[canonical(host)] = true
	}
	return n
}

func canonical(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// known says whether a request is meant for this server. A page of another site can have its own
// name lead to this server's address (DNS rebinding), and then talks to it as to its own origin,
// but it cannot have the browser send another name than its own. An IP address is nobody's name,
// and localhost is everybody's own machine; neither can be rebound. Probes ask under any name and
// learn nothing.
func (e *Edge) known(r *http.Request) bool {
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return true
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return e.names[canonical(host)]
}
