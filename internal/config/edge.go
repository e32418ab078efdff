package config

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// TLS is the certificate that the server shows, and its key. Keys: certFile,
// keyFile, keyEnv.
type TLS struct {
	Cert []byte // the chain in PEM form, the server's own first; nil where there is no TLS
	Key  Secret
	// CertFile and KeyFile are for [TLS.Reread]; KeyFile is empty where the key
	// came from the environment.
	CertFile, KeyFile string
}

// Enabled reports whether the server speaks TLS itself.
func (t TLS) Enabled() bool { return t.Cert != nil }

// Connections bound the connections to this server.
type Connections struct {
	// Total is how many there may be, 100 to 1,000,000. Key: total.
	// Default: 20000.
	Total int
	// PerAddress is how many one address may have, or the 2^64 that one owner has
	// with IPv6; trusted proxies may have any number. 10 to Total.
	// Key: perAddress. Default: 2000, or Total if that is less.
	PerAddress int
}

// edge reads what is between the server and the network.
func (r *reader) edge(o *object, c *Config) {
	if t := o.object("tls"); t != nil {
		r.tls(t, &c.TLS)
	}
	o.texts("hosts", &c.Hosts)
	r.trustedProxies(o, &c.TrustedProxies)
	o.text("forwardedHeader", &c.ForwardedHeader)
	if o.has("forwardedHeader") && !o.has("trustedProxies") {
		r.problem(o.at("forwardedHeader"), c.ForwardedHeader, "is read of nobody", "name the proxies whose word is taken in trustedProxies")
	}
	o.text("adminListen", &c.AdminListen)
	o.flag("dangerouslyServeProfiles", &c.DangerouslyServeProfiles)
	if m := o.object("metrics"); m != nil {
		m.texts("operations", &c.Metrics.Operations)
		m.done()
	}
	if l := o.object("connections"); l != nil {
		l.number("total", &c.Connections.Total)
		c.Connections.PerAddress = min(c.Connections.PerAddress, c.Connections.Total)
		l.number("perAddress", &c.Connections.PerAddress)
		l.done()
	}
}

func (r *reader) tls(o *object, t *TLS) {
	o.asked = append(o.asked, "certFile")
	before := len(r.problems)
	data, name, ok := []byte(nil), "", false
	if o.has("certFile") {
		data, name, ok = r.content(o, "certFile", maxCertificates)
	} else {
		r.problem(o.at("certFile"), "", "is missing", "name a PEM file with the server's certificate and those between it and the root")
	}
	t.KeyFile = r.key(o, "key", &t.Key)
	if len(r.problems) == before && t.Key == "" {
		r.problem(o.at("keyFile"), "", "is missing", "name a PEM file with the private key of the certificate")
	}
	o.done()
	if !ok || len(r.problems) > before {
		return
	}
	t.Cert, t.CertFile = data, r.source.resolve(name)
	pair, err := tls.X509KeyPair(data, []byte(t.Key.Reveal()))
	switch {
	case err != nil:
		r.problem(o.at("certFile"), name, "and its key do not work: "+strings.TrimPrefix(err.Error(), "tls: "), "give the chain in PEM form, the server's own certificate first, and the key that belongs to it")
	case time.Now().After(pair.Leaf.NotAfter):
		r.problem(o.at("certFile"), name, "holds a certificate that ended on "+pair.Leaf.NotAfter.Format(time.DateOnly), "renew it")
	case time.Now().Before(pair.Leaf.NotBefore):
		r.problem(o.at("certFile"), name, "holds a certificate that is not valid before "+pair.Leaf.NotBefore.UTC().Format(time.RFC3339), "use the one before it until then, and compare the clock of this machine")
	}
}

// Reread reads certificate and key again, while the program runs. A key of the
// environment stays. Nothing of the key is in the error.
func (t TLS) Reread() (cert, key []byte, err error) {
	if cert, err = readLimited(t.CertFile, maxCertificates); err != nil {
		return nil, nil, err
	}
	key = []byte(t.Key.Reveal())
	if t.KeyFile != "" {
		key, err = readLimited(t.KeyFile, maxSecret)
	}
	return cert, key, err
}

func readLimited(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%q cannot be read: %w", file, reason(err))
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q cannot be read: %w", file, reason(err))
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%q has more than %d bytes: is this the right file?", file, most)
	}
	if data, err = plainText(data); err != nil {
		return nil, fmt.Errorf("%q %w", file, err)
	}
	return data, nil
}

// trustedProxies reads addresses and networks.
func (r *reader) trustedProxies(o *object, into *[]netip.Prefix) {
	var list []string
	if o.texts("trustedProxies", &list); list == nil {
		return
	}
	*into = make([]netip.Prefix, len(list)) // what cannot be read stays invalid, so that the others keep their numbers
	for i, text := range list {
		if text == "" && r.bad[o.item("trustedProxies", i)] {
			continue // it was no text
		}
		p, err := netip.ParsePrefix(text)
		if a, e := netip.ParseAddr(text); e == nil {
			p, err = netip.PrefixFrom(a.Unmap().WithZone(""), a.Unmap().BitLen()), nil
		}
		if a := p.Addr(); err == nil && a.Is4In6() && p.Bits() >= 96 { // clients' addresses are compared as IPv4
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		switch path := o.item("trustedProxies", i); {
		case err != nil:
			r.problem(path, text, "is neither an IP address nor a network", "write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8")
		case p != p.Masked():
			r.problem(path, text, "has bits behind its network", "write "+p.Masked().String())
		default:
			(*into)[i] = p
		}
	}
}

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$`)

// edge checks what is between the server and the network.
func (v *checker) edge(c *Config) {
	for i, host := range c.Hosts {
		if !hostName.MatchString(strings.ToLower(host)) || len(host) > 253 {
			v.problem(fmt.Sprintf("hosts[%d]", i), host, "is not the name of a host", "write it like vitrine.internal, without scheme and port")
		}
	}
	v.unique("hosts", c.Hosts)
	for i, p := range c.TrustedProxies {
		if p.IsValid() && p.Bits() == 0 {
			v.problem(fmt.Sprintf("trustedProxies[%d]", i), p.String(), "is everybody, so that anybody could say to be anybody", "name the addresses of your proxies")
		}
	}
	if !slices.Contains([]string{"X-Forwarded-For", "Forwarded"}, c.ForwardedHeader) {
		v.problem("forwardedHeader", c.ForwardedHeader, "is not a header that proxies give clients in",
			suggest.Or(c.ForwardedHeader, []string{"X-Forwarded-For", "Forwarded"}, "use X-Forwarded-For or Forwarded"))
	}
	v.admin(c)
	within(v, "connections.total", c.Connections.Total, 100, 1_000_000)
	within(v, "connections.perAddress", c.Connections.PerAddress, 10, max(c.Connections.Total, 10))
	if u, err := url.Parse(c.PublicURL); c.TLS.Enabled() && err == nil && u.Scheme == "http" {
		v.problem("publicURL", c.PublicURL, "is plain http, though there is tls", "begin it with https")
	}
}

// maxOperations bounds the operations with metrics of their own: each is a histogram.
const maxOperations = 200

// operationName is a name in GraphQL (GraphQL 2.1.9).
var operationName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// admin checks the address of metrics, and what is served there.
func (v *checker) admin(c *Config) {
	if c.AdminListen != "" {
		v.listenAt("adminListen", c.AdminListen)
		if _, port, _ := net.SplitHostPort(c.AdminListen); c.AdminListen == c.Listen && port != "0" {
			v.problem("adminListen", c.AdminListen, "is the address of listen", "give another port")
		}
	} else {
		if c.DangerouslyServeProfiles {
			v.problem("dangerouslyServeProfiles", "true", "has no address to serve on", "set adminListen, or remove this key")
		}
		if len(c.Metrics.Operations) > 0 {
			v.problem("metrics.operations", "", "is of no use: metrics are not served", "set adminListen, or remove this key")
		}
	}
	if n := len(c.Metrics.Operations); n > maxOperations {
		v.problem("metrics.operations", fmt.Sprint(n), "is too many", fmt.Sprintf("list up to %d names", maxOperations))
	}
	for i, name := range c.Metrics.Operations {
		if !operationName.MatchString(name) {
			v.problem(fmt.Sprintf("metrics.operations[%d]", i), name, "is not the name of a GraphQL operation", "write it like WorkbookList: letters, digits and _")
		}
	}
	v.unique("metrics.operations", c.Metrics.Operations)
}
