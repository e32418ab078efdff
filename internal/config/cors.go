package config

import (
	"fmt"
	"slices"
	"strings"
)

// cors checks the front ends on other origins.
func (v *checker) cors(c *CORS) {
	for i, origin := range c.Origins {
		v.origin(fmt.Sprintf("cors.origins[%d]", i), origin)
	}
	v.unique("cors.origins", c.Origins)
	for i, name := range c.Headers {
		v.requestHeader(fmt.Sprintf("cors.headers[%d]", i), name)
	}
	lower := make([]string, len(c.Headers))
	for i, name := range c.Headers {
		lower[i] = strings.ToLower(name)
	}
	v.unique("cors.headers", lower)
	if len(c.Headers) > 0 && len(c.Origins) == 0 {
		v.problem("cors.headers", strings.Join(c.Headers, ", "), "has no effect without cors.origins", "list the origins of the front ends that send these headers")
	}
}

// CheckOrigin returns what is wrong with an exact web origin, by the rules of cors.origins.
func CheckOrigin(raw string) error {
	v := &checker{}
	v.origin("", raw)
	for _, p := range v.problems {
		return fmt.Errorf("it %s; %s", p.Reason, p.Fix)
	}
	return nil
}

// browsersOwn are the headers that only browsers set, so that no page can send them (Fetch standard,
// forbidden request-header); browsersOwnPrefixes are the beginnings of more.
var (
	browsersOwn = []string{
		"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt",
		"expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding",
		"upgrade", "via",
	}
	browsersOwnPrefixes = []string{"proxy-", "sec-", "access-control-"}
)

// requestHeader checks the name of a request header that a page may send.
func (v *checker) requestHeader(path, name string) {
	lower := strings.ToLower(name)
	owned := slices.Contains(browsersOwn, lower) ||
		slices.ContainsFunc(browsersOwnPrefixes, func(prefix string) bool { return strings.HasPrefix(lower, prefix) })
	switch {
	case name == "*":
		v.problem(path, name, "is not one header", "list each header that the front end sends, like x-app-version")
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !tokenRune(r) }):
		v.problem(path, name, "is not the name of a header", "use letters, digits and hyphens, like x-app-version")
	case owned:
		v.problem(path, name, "is a header that only browsers and servers set", "take it out: no page can send it")
	}
}

// tokenRune reports whether a name of a header may have the character (RFC 9110, section 5.6.2).
func tokenRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
