// Package dialerr words what can go wrong between this program and a server that its settings name:
// Tableau, an OpenID provider, Redis. The texts of the libraries below say neither which setting is
// meant nor what to do.
package dialerr

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Server is a server that the settings name.
type Server struct {
	Address string // scheme and host, without a path: https://tableau.example.com
	Setting string // that holds the address: tableau.url
	CA      string // setting for a file of certificates: tableau.caFile
}

// At is the server at an address of which only scheme and host are shown: what is behind may hold
// names.
func At(address, setting, ca string) Server {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Scheme + "://" + u.Host
	}
	return Server{Address: address, Setting: setting, CA: ca}
}

// Error is what went wrong on the way to a server: which one, why, and what to do.
type Error struct {
	Server Server
	Cause  string
	Remedy string
	err    error
}

// Error returns `https://host: cause; remedy`.
func (e *Error) Error() string { return e.Server.Address + ": " + e.Cause + "; " + e.Remedy }

// Unwrap returns the error of the library.
func (e *Error) Unwrap() error { return e.err }

// Timeout reports whether the server took too long, as [net.Error] does.
func (e *Error) Timeout() bool {
	var timeout net.Error
	return errors.As(e.err, &timeout) && timeout.Timeout()
}

// Explain returns err with the server, the cause and the remedy, as an [Error] that wraps it. What
// it does not know comes back as it is, and so does nil and the end of a context that the caller
// cancelled.
func (s Server) Explain(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	for _, kind := range []func(error) (cause, remedy string){s.certificate, s.handshake, s.proxy, s.name, s.connection} {
		if cause, remedy := kind(err); cause != "" {
			return &Error{s, cause, remedy, err}
		}
	}
	return err
}

// certificate words what crypto/x509 has against the server's certificate.
func (s Server) certificate(err error) (cause, remedy string) {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &authority):
		return "its certificate is signed by an authority that this machine does not trust" + issuerOf(authority.Cert),
			fmt.Sprintf("name a PEM file with the authority's certificate as %s", s.CA)
	case errors.As(err, &host):
		return fmt.Sprintf("its certificate is for %s and not for %q", namesOf(host.Certificate), host.Host),
			fmt.Sprintf("set %s to a name in the certificate, or have the server use another certificate", s.Setting)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		cause = "its certificate is not valid now"
		if c := invalid.Cert; c != nil {
			cause = fmt.Sprintf("its certificate is valid from %s to %s only", c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly))
		}
		return cause, "renew it on the server, and check this machine's clock"
	case errors.As(err, &invalid):
		return "its certificate cannot be used: " + strings.TrimPrefix(invalid.Error(), "x509: "), "have the server use another certificate"
	}
	return "", ""
}

func issuerOf(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf(" (%q)", clip(c.Issuer.String()))
}

func namesOf(c *x509.Certificate) string {
	if c == nil {
		return "another host"
	}
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host name"
	}
	if len(names) > 4 {
		names = append(names[:4], "others")
	}
	return clip(strings.Join(names, ", "))
}

// handshake words a server that does not speak what the scheme of its address says.
func (s Server) handshake(err error) (cause, remedy string) {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := err.Error()
	switch {
	case errors.As(err, &record), strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "the server does not speak TLS on this port", fmt.Sprintf("set %s to the port that does", s.Setting)
	case strings.Contains(text, "malformed HTTP response"), strings.Contains(text, "malformed HTTP status code"),
		strings.Contains(text, "malformed HTTP version"):
		return "the server does not answer with HTTP on this port; it may want TLS", fmt.Sprintf("begin %s with https, or correct its port", s.Setting)
	case errors.As(err, &alert), strings.Contains(text, "remote error: tls:"):
		return "the server refuses the TLS handshake (" + clip(tail(text, "tls: ")) + ")",
			"check whether it wants a client certificate, another name in the address, or a version of TLS older than 1.2"
	case strings.Contains(text, "tls: "):
		return "the TLS handshake fails (" + clip(tail(text, "tls: ")) + ")", "check which versions of TLS the server accepts; 1.2 is the oldest here"
	}
	return "", ""
}

func tail(text, after string) string { return text[strings.LastIndex(text, after)+len(after):] }

func (s Server) proxy(err error) (cause, remedy string) {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" || strings.Contains(err.Error(), "proxyconnect ") {
		return "the proxy of HTTPS_PROXY or HTTP_PROXY does not let the connection through", "check these variables, or name the host in NO_PROXY"
	}
	return "", ""
}

func (s Server) name(err error) (cause, remedy string) {
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		return "", ""
	}
	if dns.IsNotFound {
		return fmt.Sprintf("there is no host %q", clip(dns.Name)), fmt.Sprintf("correct %s, or the name servers of this machine", s.Setting)
	}
	return fmt.Sprintf("the host %q cannot be looked up", clip(dns.Name)), "check the name servers of this machine"
}

// connection words what happens below HTTP and TLS.
func (s Server) connection(err error) (cause, remedy string) {
	var timeout net.Error
	check := fmt.Sprintf("check %s, firewalls on the way, and whether the server is running", s.Setting)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing accepts connections there", fmt.Sprintf("check host and port in %s, and whether the server is running", s.Setting)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(err.Error(), "server closed idle connection"):
		return "the connection was closed before the answer was complete", "the server may be restarting, or want TLS where " + s.Setting + " has none; try again, then " + check
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to it", check
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer came in time", check
	}
	return "", ""
}

// clip bounds a text that a server chose, and keeps it in one line.
func clip(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
