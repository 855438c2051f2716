// SPDX-License-Identifier: Apache-2.0

package limit

import "net/netip"

// networkBits is the length of the prefix that one IPv6 customer gets at least
// (RFC 6177, RFC 7421): whoever holds one address of it holds them all.
const networkBits = 64

// unknownNetwork is the key of all clients without a usable address. They share
// one budget, so that hiding the address gains nothing.
const unknownNetwork = "unknown"

// Network returns the key under which a client address is counted: an IPv4
// address as it is, also when written as IPv6 (::ffff:192.0.2.1), and the /64
// of an IPv6 address without its zone. Every invalid address is "unknown".
func Network(a netip.Addr) string {
	if !a.IsValid() {
		return unknownNetwork
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(networkBits) // drops the zone
	if err != nil {
		return unknownNetwork
	}
	return p.String()
}
