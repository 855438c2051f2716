// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// ago is what a session has proven: its first factor, and its second unless
// that is negative.
func ago(first, second time.Duration) session.Proven {
	p := session.Proven{FirstAt: noon.Add(-first)}
	if second >= 0 {
		p.SecondAt = noon.Add(-second)
	}
	return p
}

const none = -1

func TestRequirements(t *testing.T) {
	fresh := gate.Requirement{Fresh: 10 * time.Minute}
	second := gate.Requirement{SecondFactor: true}
	both := fresh.And(second)
	for name, row := range map[string]struct {
		asked  gate.Requirement
		proven session.Proven
		want   gate.Missing
	}{
		"nothing is asked for":                      {gate.Requirement{}, ago(1000*time.Hour, none), ""},
		"fresh: just signed in":                     {fresh, ago(0, none), ""},
		"fresh: just within":                        {fresh, ago(10*time.Minute-time.Second, none), ""},
		"fresh: at the limit":                       {fresh, ago(10*time.Minute, none), gate.MissingFresh},
		"fresh: long ago":                           {fresh, ago(time.Hour, none), gate.MissingFresh},
		"fresh: by the second factor":               {fresh, ago(time.Hour, time.Minute), ""},
		"fresh: by the first, proven again":         {fresh, ago(time.Minute, time.Hour), ""},
		"fresh: neither":                            {fresh, ago(time.Hour, time.Hour), gate.MissingFresh},
		"second: none":                              {second, ago(0, none), gate.MissingSecondFactor},
		"second: of any age":                        {second, ago(0, 1000*time.Hour), ""},
		"both: none":                                {both, ago(0, none), gate.MissingSecondFactor},
		"both: the second is old":                   {both, ago(0, time.Hour), gate.MissingSecondFactor},
		"both: the second is fresh":                 {both, ago(time.Hour, time.Minute), ""},
		"both: the second at the limit":             {both, ago(0, 10*time.Minute), gate.MissingSecondFactor},
		"fresh: proven by a node whose clock leads": {fresh, ago(-time.Hour, none), ""},
		"fresh: nothing was ever proven":            {fresh, session.Proven{}, gate.MissingFresh},
	} {
		t.Run(name, func(t *testing.T) {
			if got := row.asked.Met(row.proven, noon); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

var (
	lengths      = rapid.SampledFrom([]time.Duration{0, time.Minute, 10 * time.Minute, time.Hour})
	requirements = rapid.Custom(func(t *rapid.T) gate.Requirement {
		return gate.Requirement{Fresh: lengths.Draw(t, "fresh"), SecondFactor: rapid.Bool().Draw(t, "second")}
	})
	provens = rapid.Custom(func(t *rapid.T) session.Proven {
		second := time.Duration(none)
		if rapid.Bool().Draw(t, "two") {
			second = time.Duration(rapid.IntRange(0, 7200).Draw(t, "second")) * time.Second
		}
		return ago(time.Duration(rapid.IntRange(0, 7200).Draw(t, "first"))*time.Second, second)
	})
)

// Where two requirements meet on one path, a session passes only if it meets
// each.
func TestBothRequirementsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, p := requirements.Draw(t, "a"), requirements.Draw(t, "b"), provens.Draw(t, "proven")
		if a.And(b).Met(p, noon) == "" && (a.Met(p, noon) != "" || b.Met(p, noon) != "") {
			t.Fatalf("%+v passes %+v and %+v together, and not each", p, a, b)
		}
		if a.And(b) != b.And(a) || a.And(a) != a || a.And(gate.Requirement{}) != a {
			t.Fatalf("%+v %+v", a, b)
		}
	})
}

// Proving what is said to be missing is enough.
func TestProvingWhatIsMissingIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, p := requirements.Draw(t, "asked"), provens.Draw(t, "proven")
		switch r.Met(p, noon) {
		case gate.MissingFresh:
			p.FirstAt = noon
		case gate.MissingSecondFactor:
			p.SecondAt = noon
		}
		if missing := r.Met(p, noon); missing != "" {
			t.Fatalf("%+v asks for %q again", r, missing)
		}
		if !r.IsZero() && r.Fresh > 0 && r.Met(p, noon.Add(3*time.Hour)) == "" {
			t.Fatalf("%+v is met for ever", r)
		}
	})
}
