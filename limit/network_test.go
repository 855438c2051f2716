// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch/limit"
)

func TestNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1":                        "192.0.2.1",
		"192.0.2.2":                        "192.0.2.2",
		"::ffff:192.0.2.1":                 "192.0.2.1",
		"::ffff:c000:201":                  "192.0.2.1",
		"::ffff:192.0.2.1%eth0":            "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":             "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:ffff:ffff:ffff": "2001:db8:1:2::/64",
		"2001:DB8:1:2::":                   "2001:db8:1:2::/64",
		"2001:db8:1:3::1":                  "2001:db8:1:3::/64",
		"fe80::1%eth0":                     "fe80::/64",
		"fe80::1%eth1":                     "fe80::/64",
		"::1":                              "::/64",
		"127.0.0.1":                        "127.0.0.1",
	} {
		if got := limit.Network(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is counted under %q, want %q", text, got, want)
		}
	}
	if got := limit.Network(netip.Addr{}); got != "unknown" {
		t.Errorf("no address is counted under %q", got)
	}
}

// TestNetworksAreCountedInWiderOnes: who holds one network of a line holds all of
// them.
func TestNetworksAreCountedInWiderOnes(t *testing.T) {
	for text, want := range map[string][]limit.Reach{
		"192.0.2.77":        {{"192.0.2.77", 1}, {"192.0.2.0/24", 16}},
		"::ffff:192.0.2.77": {{"192.0.2.77", 1}, {"192.0.2.0/24", 16}},
		"2001:db8:1:2ff:3:4:5:6%eth0": {
			{"2001:db8:1:2ff::/64", 1}, {"2001:db8:1:200::/56", 4}, {"2001:db8:1::/48", 16},
		},
		"2001:db8:1::": {{"2001:db8:1::/64", 1}, {"2001:db8:1::/56", 4}, {"2001:db8:1::/48", 16}},
	} {
		if got := limit.Networks(netip.MustParseAddr(text)); !slices.Equal(got, want) {
			t.Errorf("%s is counted in %v, want %v", text, got, want)
		}
	}
	if got := limit.Networks(netip.Addr{}); !slices.Equal(got, []limit.Reach{{"unknown", 1}}) {
		t.Errorf("no address is counted in %v", got)
	}
}
