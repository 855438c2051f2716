// SPDX-License-Identifier: Apache-2.0

package limit

import "time"

// Policy holds the operator's limits. A field left at its zero value has its
// default, see [DefaultPolicy] and [Policy.WithDefaults]; a list with a Rate
// that is off switches its limit off. All rates of a list hold at once, each
// with a [Budget] of its own.
type Policy struct {
	// GuessesPerIdentifier limits codes judged; default 10/h.
	GuessesPerIdentifier []Rate `json:"guesses_per_identifier,omitempty"`
	// SendsPerIdentifier limits messages to one address; default 5/10m 20/d.
	SendsPerIdentifier []Rate `json:"sends_per_identifier,omitempty"`
	// SendsPerPrefix limits texts to numbers that share all but their last four
	// digits, against SMS pumping; default 20/10m.
	SendsPerPrefix []Rate `json:"sends_per_prefix,omitempty"`
	// SendsPerNetwork limits messages caused from one network, and from the wider
	// ones it is in, see [Networks]; default 15/m.
	SendsPerNetwork []Rate `json:"sends_per_network,omitempty"`
	// StartsPerNetwork limits attempts begun from one network, in the same way;
	// default 30/m.
	StartsPerNetwork []Rate `json:"starts_per_network,omitempty"`
	// MessagesPerSite is the breaker for codes and links, and once more, by itself,
	// for notices; default 500/m.
	MessagesPerSite []Rate `json:"messages_per_site,omitempty"`
	// FailuresInARow closes an account to codes until one is right or
	// [StreakLife] has passed; default 100, which is also the most that NIST SP
	// 800-63B-4 section 3.2.2 allows.
	FailuresInARow int `json:"failures_in_a_row,omitempty"`
}

// DefaultPolicy returns the limits that hold unless the operator says otherwise.
func DefaultPolicy() Policy {
	return Policy{
		GuessesPerIdentifier: []Rate{{10, time.Hour}},
		SendsPerIdentifier:   []Rate{{5, 10 * time.Minute}, {20, day}},
		SendsPerPrefix:       []Rate{{20, 10 * time.Minute}},
		SendsPerNetwork:      []Rate{{15, time.Minute}},
		StartsPerNetwork:     []Rate{{30, time.Minute}},
		MessagesPerSite:      []Rate{{500, time.Minute}},
		FailuresInARow:       100,
	}
}

// WithDefaults returns p with every field that is zero set to its default.
func (p Policy) WithDefaults() Policy {
	d := DefaultPolicy()
	for _, f := range []struct{ is, or *[]Rate }{
		{&p.GuessesPerIdentifier, &d.GuessesPerIdentifier},
		{&p.SendsPerIdentifier, &d.SendsPerIdentifier},
		{&p.SendsPerPrefix, &d.SendsPerPrefix},
		{&p.SendsPerNetwork, &d.SendsPerNetwork},
		{&p.StartsPerNetwork, &d.StartsPerNetwork},
		{&p.MessagesPerSite, &d.MessagesPerSite},
	} {
		if len(*f.is) == 0 {
			*f.is = *f.or
		}
	}
	if p.FailuresInARow == 0 {
		p.FailuresInARow = d.FailuresInARow
	}
	return p
}
