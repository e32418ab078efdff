package edge

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// The headers in which proxies say who asks.
const (
	ForwardedFor = "X-Forwarded-For"
	Forwarded    = "Forwarded" // RFC 7239
)

type clientKey struct{}

// ClientAddress is where a request comes from: the other end of its connection or, where that is a
// proxy of the settings, whom the proxy names. The zero Addr if it is not known, as in tests
// without a network.
func ClientAddress(ctx context.Context) netip.Addr {
	a, _ := ctx.Value(clientKey{}).(netip.Addr)
	return a
}

// ClientNetwork is what a limit per address counts by, see [network].
func ClientNetwork(ctx context.Context) netip.Prefix { return network(ClientAddress(ctx)) }

// meet puts into the request's context where it comes from.
func (e *Edge) meet(r *http.Request) *http.Request {
	remote, ok := addressOf(r.RemoteAddr)
	if !ok {
		return r
	}
	client := remote
	if e.Trusted(remote) {
		said := e.said(r.Header)
		var scheme string
		client, scheme = e.origin(remote, said)
		e.Observe(r.Context(), slog.String("client", client.String()))
		if scheme == "http" && e.hsts {
			e.Observe(r.Context(), slog.Bool("clientPlain", true))
		}
	}
	return r.WithContext(context.WithValue(r.Context(), clientKey{}, client))
}

// Trusted says whether an address is that of a proxy of the settings.
func (e *Edge) Trusted(a netip.Addr) bool {
	return slices.ContainsFunc(e.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// hop is what one proxy says of who asked it.
type hop struct{ address, scheme string }

// maxHops bounds how many proxies in a row are trusted.
const maxHops = 16

// origin goes back from proxy to proxy as long as each is one of ours. Whatever is before the first
// that is not was written by nobody we know.
func (e *Edge) origin(remote netip.Addr, said []hop) (client netip.Addr, scheme string) {
	client = remote
	for i := range min(len(said), maxHops) {
		before := said[len(said)-1-i]
		a, ok := addressOf(before.address)
		if !ok {
			break
		}
		client, scheme = a, before.scheme
		if !e.Trusted(a) {
			break
		}
	}
	return client, scheme
}

// said reads the chain of proxies, the nearest last.
func (e *Edge) said(h http.Header) []hop {
	if e.ForwardedHeader == Forwarded {
		return forwarded(h.Values(Forwarded))
	}
	var said []hop
	for part := range strings.SplitSeq(strings.Join(h.Values(e.ForwardedHeader), ","), ",") {
		if part = strings.Trim(part, " \t"); part != "" {
			said = append(said, hop{address: part})
		}
	}
	if len(said) > 0 {
		schemes := strings.Split(strings.Join(h.Values("X-Forwarded-Proto"), ","), ",")
		said[len(said)-1].scheme = strings.ToLower(strings.TrimSpace(schemes[len(schemes)-1]))
	}
	return said
}

// addressOf reads an address that may have a port, or brackets where it is of IPv6. Zones are local
// to a machine and say nothing here.
func addressOf(text string) (netip.Addr, bool) {
	if p, err := netip.ParseAddrPort(text); err == nil {
		return p.Addr().Unmap().WithZone(""), true
	}
	inner, bracket := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	a, err := netip.ParseAddr(inner)
	return a.Unmap().WithZone(""), err == nil && bracket == closed && (!bracket || a.Is6())
}
