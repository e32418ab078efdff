package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// address checks the address of a server: scheme and host, nothing behind it.
func (v *checker) address(path, raw string) {
	u := v.parsed(path, raw)
	if u != nil && (u.Path != "" || u.RawPath != "") {
		v.problem(path, raw, "has a path", "end it after the host: "+u.Scheme+"://"+u.Host)
	}
}

// origin checks an exact web origin (RFC 6454): what browsers send in Origin.
func (v *checker) origin(path, raw string) {
	if raw == "*" || raw == "null" || strings.Contains(raw, "*") {
		v.problem(path, raw, "is not one exact origin", "list each front end's origin, like https://portal.example.com")
		return
	}
	u := v.parsed(path, raw)
	if u == nil {
		return
	}
	switch exact := u.Scheme + "://" + u.Host; {
	case u.Path != "":
		v.problem(path, raw, "has a path or a slash at the end", "write it as browsers do: "+exact)
	case raw != strings.ToLower(exact):
		v.problem(path, raw, "has capital letters, which browsers do not send", "write "+strings.ToLower(raw))
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		v.problem(path, raw, "names the default port, which browsers leave out", "write it without the port")
	}
}

// issuerURL checks an issuer identifier (OpenID Connect Discovery, section 3): a
// path is fine, a query or fragment is not.
func (v *checker) issuerURL(path, raw string) {
	v.parsed(path, raw)
}

// parsed checks what all addresses have in common; nil if it is not fit for more.
func (v *checker) parsed(path, raw string) *url.URL {
	shown := presentable(raw)
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		v.problem(path, shown, "is not an absolute address", "write it like https://host.example.com")
	case u.User != nil:
		v.problem(path, shown, "holds a user name or a password", "an address holds neither")
	case !validPort(u):
		v.problem(path, shown, "has a port that is not a number from 1 to 65535", "leave it out for 443")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		v.problem(path, shown, "has a query or a fragment", "end it before ? and #")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u
	case u.Scheme == "http":
		v.problem(path, shown, "is plain http, which is accepted for loopback addresses only", "use https")
	default:
		v.problem(path, shown, "has a scheme that is not https", "use https")
	}
	return nil
}

// presentable is an address as a problem may show it: without its query, and not
// at all if it may hold a password.
func presentable(raw string) string {
	if strings.Contains(raw, "@") {
		return ""
	}
	raw, _, _ = strings.Cut(raw, "?")
	return raw
}

// validPort reports whether an address has no port, or a real one.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// isLoopback reports whether a host is this machine under a name that nobody
// else can answer to.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
