// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/limit"
)

// TestDefaultPolicy prints the defaults as an operator writes them.
func TestDefaultPolicy(t *testing.T) {
	const want = `{"guesses_per_identifier":["10/h"],"sends_per_identifier":["5/10m","20/d"],` +
		`"sends_per_prefix":["20/10m"],"sends_per_network":["15/m"],"starts_per_network":["30/m"],` +
		`"messages_per_site":["500/m"],"failures_in_a_row":100}`
	got, err := json.Marshal(limit.DefaultPolicy())
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestWithDefaults(t *testing.T) {
	if got := (limit.Policy{}).WithDefaults(); !reflect.DeepEqual(got, limit.DefaultPolicy()) {
		t.Errorf("nothing said is %+v", got)
	}
	twice := []limit.Rate{{Count: 2, Window: time.Second}}
	none := []limit.Rate{{}}
	p := limit.Policy{
		GuessesPerIdentifier: twice, SendsPerIdentifier: none, SendsPerPrefix: twice,
		SendsPerNetwork: none, StartsPerNetwork: twice, MessagesPerSite: none, FailuresInARow: 7,
	}
	if got := p.WithDefaults(); !reflect.DeepEqual(got, p) {
		t.Errorf("%+v became %+v", p, got)
	}
	got := limit.Policy{StartsPerNetwork: none}.WithDefaults()
	want := limit.DefaultPolicy()
	want.StartsPerNetwork = none
	if !reflect.DeepEqual(got, want) {
		t.Errorf("one field said: %+v", got)
	}
}
