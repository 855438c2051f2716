// SPDX-License-Identifier: Apache-2.0

package limit

import "net/netip"

// Reach is one of the networks that an address is in.
type Reach struct {
	// Network is the key under which the network is counted.
	Network string
	// Times is how many times the figure of a limit the network may spend: 1 for
	// the narrowest one.
	Times int
}

// width is a length of prefix, with the share of those who have one of it.
type width struct{ bits, times int }

// The widths in which addresses are counted, narrowest first. A /64 is the least
// that one IPv6 customer gets, a /56 what most homes get and a /48 what a site
// gets (RFC 6177): whoever holds one network of it holds them all, 256 or 65,536.
// In IPv4 a /24 is the least that is routed on its own. The wider ones share more
// than one network may spend, and far less than all of theirs together: offices,
// and the customers of one carrier, are many people in one of them.
var (
	widths4 = [...]width{{32, 1}, {24, 16}}
	widths6 = [...]width{{64, 1}, {56, 4}, {48, 16}}
)

// unknownNetwork is the key of all clients without a usable address. They share
// one budget, so that hiding the address gains nothing.
const unknownNetwork = "unknown"

// Network returns the key of the narrowest network in which a client address is
// counted: an IPv4 address as it is, also when written as IPv6
// (::ffff:192.0.2.1), and the /64 of an IPv6 address without its zone. Every
// invalid address is "unknown".
func Network(a netip.Addr) string { return Networks(a)[0].Network }

// Networks returns all networks in which a client address is counted, narrowest
// first: an IPv4 address and its /24, with 16 times the figure; the /64 of an IPv6
// address, its /56 with 4 times and its /48 with 16 times the figure.
func Networks(a netip.Addr) []Reach {
	a = a.Unmap()
	widths := widths6[:]
	if a.Is4() {
		widths = widths4[:]
	}
	all := make([]Reach, 0, len(widths))
	for _, w := range widths {
		p, err := a.Prefix(w.bits) // drops the zone
		if err != nil || !p.IsValid() {
			return []Reach{{unknownNetwork, 1}}
		}
		all = append(all, Reach{key(p), w.times})
	}
	return all
}

// key is a prefix as it is written; a single address stands for itself.
func key(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
