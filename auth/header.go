package auth

import (
	"net/http"
	"strings"
)

// bearer finds the token in the header Authorization, the only place where one
// is looked for: never in the query, a form or a cookie (RFC 6750, section 2.1).
func bearer(h http.Header) (string, *Error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return "", missing()
	case 1:
	default:
		return "", malformed("The request has several Authorization headers; send exactly one.")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		// Another scheme is no bearer credential at all, so no error code either.
		return "", missing()
	}
	if !token68(token) {
		return "", refuse("The Authorization header does not hold one bearer token; send Authorization: Bearer <token>.")
	}
	return token, nil
}

// token68 reports whether text may follow the scheme (RFC 9110, section 11.2). It holds no
// white space, quotes or commas, so two joined headers do not pass.
func token68(s string) bool {
	body := strings.TrimRight(s, "=")
	if body == "" {
		return false
	}
	for i := range len(body) {
		if !inToken68[body[i]] {
			return false
		}
	}
	return true
}

// inToken68 are the characters of a token68 before its padding.
var inToken68 = func() (in [256]bool) {
	for c := range 256 {
		in[c] = alphanumeric(byte(c)) || strings.IndexByte("-._~+/", byte(c)) >= 0
	}
	return in
}()

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
