package distribution

import (
	"net/netip"
	"strconv"
	"strings"
)

// reserved are the special-purpose ranges (RFC 6890 and later) that lead into
// somebody's own network or nowhere, besides those that netip knows.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),     // this host
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT, and some clouds' own services
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("fec0::/10"), // site-local
}

// embedding are IPv6 ranges that carry an IPv4 address, and at which byte.
var embedding = map[netip.Prefix]int{
	netip.MustParsePrefix("::/96"):          12,
	netip.MustParsePrefix("64:ff9b::/96"):   12,
	netip.MustParsePrefix("2002::/16"):      2,
	netip.MustParsePrefix("64:ff9b:1::/48"): 12,
}

// services are where clouds answer beside the link-local addresses.
var services = []netip.Prefix{
	netip.MustParsePrefix("fd00:ec2::/32"),      // Amazon's
	netip.MustParsePrefix("100.100.100.200/32"), // Alibaba's
	netip.MustParsePrefix("168.63.129.16/32"),   // Azure's
}

// linkLocal tells whether an address is on the machine's own link, where clouds
// answer, or one of those services.
func linkLocal(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	for _, prefix := range services {
		if prefix.Contains(at) {
			return true
		}
	}
	if inner, ok := embedded(at); ok {
		return linkLocal(inner)
	}
	return at.IsLinkLocalUnicast()
}

// embedded is the IPv4 address that an IPv6 address carries.
func embedded(at netip.Addr) (netip.Addr, bool) {
	for prefix, offset := range embedding {
		if prefix.Contains(at) {
			b := at.As16()
			return netip.AddrFrom4([4]byte(b[offset : offset+4])), true
		}
	}
	return netip.Addr{}, false
}

// public tells whether an address is on the Internet.
func public(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	if !at.IsGlobalUnicast() || at.IsPrivate() {
		return false
	}
	for _, prefix := range reserved {
		if prefix.Contains(at) {
			return false
		}
	}
	if inner, ok := embedded(at); ok {
		return public(inner)
	}
	return true
}

// literal reads a host that is itself an address, in each spelling that a
// resolver accepts: 2130706433, 0x7f000001, 0177.0.0.1 and 127.1 are 127.0.0.1.
func literal(host string) (netip.Addr, bool) {
	host, _, _ = strings.Cut(host, "%")
	if at, err := netip.ParseAddr(host); err == nil {
		return at, true
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var whole uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts)) // the last fills what is left
		}
		value, err := strconv.ParseUint(part, 0, bits)
		if err != nil {
			return netip.Addr{}, false
		}
		whole = whole<<bits | value
	}
	return netip.AddrFrom4([4]byte{byte(whole >> 24), byte(whole >> 16), byte(whole >> 8), byte(whole)}), true
}
