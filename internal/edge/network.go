package edge

import "net/netip"

// network is what a limit per address counts by: whom one owner of addresses is, so that nobody has
// two shares and strangers do not have one together. An IPv6 address that carries an IPv4 address
// counts as that one, whatever translated it; every other IPv6 address counts by its first 64 bits,
// since its owner chooses the rest. The zero Prefix for an address that is not known.
func network(a netip.Addr) netip.Prefix {
	bits := 64
	if v4, ok := carried(a); ok {
		a, bits = v4, 32
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// carriers are the networks whose addresses carry an IPv4 address, and in which byte it begins.
// Without them all of IPv4 behind a translator, or all clients of one Teredo server, would be one
// network of 64 bits, and one IPv4 address with 6to4 would be 65,536.
var carriers = []struct {
	network  netip.Prefix
	at       int
	inverted bool
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12, false},    // NAT64, RFC 6052
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12, false},  // NAT64 for local use, RFC 8215: with a translator's prefix of 96 bits
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12, false}, // SIIT, RFC 2765
	{netip.MustParsePrefix("2002::/16"), 2, false},        // 6to4, RFC 3056
	{netip.MustParsePrefix("2001::/32"), 12, true},        // Teredo, RFC 4380: the client's address, inverted
}

// carried returns the IPv4 address that an address is or carries.
func carried(a netip.Addr) (netip.Addr, bool) {
	a = a.Unmap()
	if a.Is4() {
		return a, true
	}
	for _, c := range carriers {
		if !c.network.Contains(a.WithZone("")) {
			continue
		}
		whole := a.As16()
		v4 := [4]byte(whole[c.at:])
		for i := range v4 {
			if c.inverted {
				v4[i] ^= 0xff
			}
		}
		return netip.AddrFrom4(v4), true
	}
	return a, false
}
