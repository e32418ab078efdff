package edge

import (
	"net/netip"
	"strings"
)

// forwarded reads the lines of the header Forwarded (RFC 7239, section 4): elements between commas,
// which proxies append, the nearest last. Empty elements count for nothing (RFC 9110, 5.6.1). An
// element that breaks the grammar, names a parameter twice, or names nobody, is a hop without an
// address: reading the chain stops there and keeps the address of the proxy behind it.
//
// Each line is read by itself, so that a quoted string that a client did not close swallows nothing
// of what proxies wrote on lines of their own; and anyone who opened it in a proxy's line makes
// that line unreadable as a whole.
func forwarded(lines []string) []hop {
	var chain []hop
	for _, line := range lines {
		elements, ok := split(line, ',')
		if !ok {
			chain = append(chain, hop{})
			continue
		}
		for _, element := range elements {
			if element != "" {
				chain = append(chain, forwardedElement(element))
			}
		}
	}
	return chain
}

// forwardedElement reads one element: for=192.0.2.60;proto=https;by=203.0.113.43.
func forwardedElement(element string) hop {
	pairs, _ := split(element, ';') // its quoted strings are closed
	seen := map[string]string{}
	for _, pair := range pairs {
		if pair == "" {
			continue
		}
		name, raw, ok := strings.Cut(pair, "=")
		value, good := valueOf(raw)
		name = strings.ToLower(name)
		if _, twice := seen[name]; !ok || !good || twice || !isToken(name) {
			return hop{}
		}
		seen[name] = value
	}
	address, ok := node(seen["for"])
	if !ok {
		return hop{}
	}
	return hop{address: address, scheme: strings.ToLower(seen["proto"])}
}

// split cuts a text at a separator that is in no quoted string, and trims the parts. It reports
// whether all quoted strings are closed.
func split(text string, separator byte) (parts []string, ok bool) {
	quoted, start := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++ // whatever comes next is a character of the string
		case c == '"':
			quoted = !quoted
		case !quoted && c == separator:
			parts = append(parts, strings.Trim(text[start:i], " \t"))
			start = i + 1
		}
	}
	return append(parts, strings.Trim(text[start:], " \t")), !quoted
}

// valueOf reads a token or a quoted string (RFC 9110, 5.6.4).
func valueOf(raw string) (value string, ok bool) {
	if !strings.HasPrefix(raw, `"`) {
		return raw, isToken(raw)
	}
	var b strings.Builder
	for i := 1; i < len(raw); i++ {
		c := raw[i]
		if c == '"' {
			return b.String(), i == len(raw)-1
		}
		if c == '\\' {
			if i++; i == len(raw) {
				return "", false
			}
			c = raw[i]
		}
		if c != '\t' && c < ' ' || c == 0x7f {
			return "", false
		}
		b.WriteByte(c)
	}
	return "", false
}

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// isToken reports whether a text is a token of RFC 9110, 5.6.2.
func isToken(text string) bool { return text != "" && strings.Trim(text, tokenCharacters) == "" }

// node reads who asked (RFC 7239, section 6): an IPv4 address, or one of IPv6 in brackets, perhaps
// with a port, which may be obfuscated. The names unknown and _hidden are nobody's address.
func node(text string) (address string, ok bool) {
	host, port := text, ""
	if end := strings.LastIndexByte(text, ']'); end >= 0 {
		host, port = text[:end+1], text[end+1:]
	} else if i := strings.IndexByte(text, ':'); i >= 0 {
		host, port = text[:i], text[i:]
	}
	if port != "" && !isPort(port) {
		return "", false
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
	return a.String(), err == nil && a.Zone() == "" && a.Is6() == bracketed
}

// isPort takes :8080, and :_hidden.
func isPort(text string) bool {
	digits, ok := strings.CutPrefix(text, ":")
	if name, hidden := strings.CutPrefix(digits, "_"); hidden {
		return ok && isToken(name) && strings.Trim(name, ".-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	return ok && digits != "" && len(digits) <= 5 && strings.Trim(digits, "0123456789") == ""
}
