// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/flow"
	"pgregory.net/rapid"
)

// TestServicesOverOneStoreAreOne: the same visitors do the same things at a gate
// with one service, and at one where every step is taken by one of two services
// over the same store. So the pages and the programs may each have a service of
// their own, and so may every node: nothing that matters is kept in one of them.
func TestServicesOverOneStoreAreOne(t *testing.T) { rapid.Check(t, parityProperty) }

func parityProperty(t *rapid.T) {
	open, passwords, tests := rapid.Bool().Draw(t, "open"), rapid.Bool().Draw(t, "passwords"), rapid.Bool().Draw(t, "test mode")
	one, two := newTwin(t, open, passwords, tests), newTwin(t, open, passwords, tests)
	for _, w := range []*twin{one, two} {
		u := w.g.AddUser(w.address("Ada@Example.com"))
		w.g.AddPassword(u.ID, "wrong") // what the deeds type: here it is right
	}
	first := two.g.Service
	two.g.Restart()
	services := [2]*flow.Service{first, two.g.Service}
	for range rapid.IntRange(10, 60).Draw(t, "steps") {
		d := drawDeed(t)
		if rapid.IntRange(0, 2).Draw(t, "reads the mail") > 0 && d.typed == "wrong" {
			d.typed = "right"
		}
		two.g.Service = services[rapid.IntRange(0, 1).Draw(t, "service")]
		a, b := anonymous(one.do(d)), anonymous(two.do(d))
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v ends otherwise with two services:\n%+v\n%+v", d, a, b)
		}
	}
	if one.g.Store.Count("CreateSession") != two.g.Store.Count("CreateSession") {
		t.Fatal("another number of sessions")
	}
}

var randomIDs = regexp.MustCompile(`[a-z]+_[0-9a-z]{26}`)

// anonymous leaves random values out of what was seen, those of the second
// challenge included.
func anonymous(s seen) seen {
	s.rest, _, _ = strings.Cut(randomIDs.ReplaceAllString(s.rest, "id"), "&{")
	return s
}
