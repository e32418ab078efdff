package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"vitrine/internal/suggest"
)

// address checks the address of a server: scheme and host, nothing behind it.
func (v *checker) address(path, raw string) { v.plainAddress(path, raw, "") }

// plainAddress checks an address that may be plain http; see [checker.parsed].
func (v *checker) plainAddress(path, raw, plain string) {
	u := v.parsed(path, raw, plain)
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
	u := v.parsed(path, raw, "")
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
func (v *checker) issuerURL(path, raw, plain string) {
	v.parsed(path, raw, plain)
}

// allowed, for the parameter plain of [checker.parsed], accepts plain http.
const allowed = "*"

// plainHTTP is the parameter plain of [checker.parsed] for an object that has
// dangerouslyWithoutTLS.
func plainHTTP(object string, set bool) string {
	if set {
		return allowed
	}
	return object
}

// dangerously is the end of a remedy that also names the setting of an object which accepts a way
// without TLS.
func dangerously(object string) string {
	return "; " + object + ".dangerouslyWithoutTLS: true accepts it, for where something else encrypts the way"
}

// parsed checks what all addresses have in common; nil if it is not fit for more. Plain http is
// accepted on loopback, and elsewhere where plain is allowed; otherwise plain is the object whose
// dangerouslyWithoutTLS would accept it, "" for none.
func (v *checker) parsed(path, raw, plain string) *url.URL {
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
	case u.Scheme == "https", u.Scheme == "http" && (plain == allowed || isLoopback(u.Hostname())):
		return u
	case u.Scheme == "http":
		fix := "use https"
		if plain != "" {
			fix += dangerously(plain)
		}
		v.problem(path, shown, "is plain http, which is accepted for loopback addresses only", fix)
	default:
		v.problem(path, shown, "has a scheme that is not https", suggest.Or(u.Scheme, []string{"https"}, "use https"))
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
