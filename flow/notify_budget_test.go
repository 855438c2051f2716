// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/limit"
)

// notices sends a notice to each of the addresses, from one network, and counts
// what arrives.
func notices(t *testing.T, g *flowtest.Gate, typed ...string) int {
	t.Helper()
	g.Fetch()
	err := g.Work(ctx(), g.BrowserAt("192.0.2.1"), func(ctx context.Context, w *flow.Work) error {
		var to []gatelatch.Address
		for _, text := range typed {
			parsed, r := (identifier.Policy{Email: true, Phone: true}).Parse(text)
			if r != nil {
				t.Fatal(r.Message)
			}
			to = append(to, gatelatch.Address{Identifier: parsed.Identifier, Display: parsed.Display})
		}
		return w.Notify(ctx, flow.Notice{Purpose: delivery.NoticePasswordChanged, To: to})
	})
	if err != nil {
		t.Fatalf("an operation fails for want of a notice: %v", err)
	}
	return len(g.Fetch())
}

func TestNoticesToAnAddressAreBounded(t *testing.T) {
	g := newGate(t)
	for range 5 {
		if got := notices(t, g, ada); got != 1 {
			t.Fatalf("%d notices", got)
		}
	}
	if got := notices(t, g, "bob@example.com", ada); got != 1 {
		t.Errorf("%d notices, one of them to an address that has had its share", got)
	}
	g.Clock.Advance(11 * time.Minute)
	if got := notices(t, g, ada); got != 1 {
		t.Errorf("%d notices later", got)
	}
}

func TestCodesThatAStrangerAsksForKeepNoNoticeBack(t *testing.T) {
	g := newGate(t)
	for range 5 {
		startSignIn(t, g, g.Browser(), ada)
	}
	spent(t, g, send(g, g.Browser(), ada))
	if got := notices(t, g, ada); got != 1 {
		t.Errorf("%d notices", got)
	}
	for i := range 15 {
		startSignIn(t, g, g.BrowserAt("192.0.2.1"), fmt.Sprintf("user%d@example.com", i))
	}
	if got := notices(t, g, ada); got != 1 {
		t.Errorf("%d notices from a network without a budget", got)
	}
}

// TestNoticesToANumberRange are bounded by themselves, since they cost money.
func TestNoticesToANumberRange(t *testing.T) {
	g := newGate(t)
	for i := range 20 {
		if got := notices(t, g, fmt.Sprintf("+1 201 555 %04d", 100+i)); got != 1 {
			t.Fatalf("%d notices", got)
		}
	}
	if got := notices(t, g, "+1 201 555 0150", "+1 212 555 0150"); got != 1 {
		t.Errorf("%d notices to a range that has had its share and another one", got)
	}
	startSignIn(t, g, g.Browser(), "+1 201 555 0151")
}

func TestNoticesHaveABreakerOfTheirOwn(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Limits.MessagesPerSite = []limit.Rate{{Count: 2, Window: time.Minute}} })
	if got := notices(t, g, "a@example.com", "b@example.com", "c@example.com"); got != 2 {
		t.Errorf("%d notices", got)
	}
	startSignIn(t, g, g.Browser(), ada)
}

// TestCodesForStrangersKeepNoNoticeBack: whoever takes an account over could spend
// what the site, or a range of numbers, may be sent just before.
func TestCodesForStrangersKeepNoNoticeBack(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Limits.MessagesPerSite = []limit.Rate{{Count: 25, Window: time.Hour}} })
	for i := range 20 {
		startSignIn(t, g, g.Browser(), fmt.Sprintf("+1 201 555 %04d", 100+i))
	}
	spent(t, g, send(g, g.Browser(), "+1 201 555 0150"))
	if got := notices(t, g, "+1 201 555 0151"); got != 1 {
		t.Errorf("%d notices to a range that strangers have spent", got)
	}
	for i := range 5 {
		startSignIn(t, g, g.Browser(), fmt.Sprintf("stranger%d@example.com", i))
	}
	spent(t, g, send(g, g.Browser(), "bob@example.com"))
	if got := notices(t, g, ada); got != 1 {
		t.Errorf("%d notices from a site that strangers have spent", got)
	}
}

// TestADroppedNoticeIsHeardOf by whoever watches the site, if not by the owner.
func TestADroppedNoticeIsHeardOf(t *testing.T) {
	seen := &observer{}
	g := newGate(t, func(s *flow.Service) { s.Observer = seen })
	for range 6 {
		notices(t, g, ada)
	}
	var dropped []flow.Event
	for _, e := range seen.all {
		if e.Outcome == flow.NoticeDropped {
			dropped = append(dropped, e)
		}
	}
	if len(dropped) != 1 || dropped[0].Input != delivery.NoticePasswordChanged || dropped[0].Flow != flow.FlowAccount || dropped[0].To != "a\u2022\u2022\u2022@example.com" {
		t.Errorf("heard %+v", dropped)
	}
}

// TestOnlyWhoHasNoMailIsToldByText: text messages cost money.
func TestOnlyWhoHasNoMailIsToldByText(t *testing.T) {
	mail := gatelatch.Address{Identifier: emailFactor(ada).To, Primary: true}
	phone := gatelatch.Address{Identifier: phoneFactor(number).To, Primary: true}
	gone := gatelatch.Address{Identifier: emailFactor("old@example.com").To}
	goneNumber := gatelatch.Address{Identifier: phoneFactor("+12015550177").To}
	for _, c := range []struct {
		name  string
		holds []gatelatch.Address
		about []gatelatch.Address
		want  []gatelatch.Address
	}{
		{"mail and a number", []gatelatch.Address{phone, mail}, nil, []gatelatch.Address{mail}},
		{"a number alone", []gatelatch.Address{phone}, nil, []gatelatch.Address{phone}},
		{"a removed number, beside mail", []gatelatch.Address{mail}, []gatelatch.Address{goneNumber}, []gatelatch.Address{mail}},
		{"a removed number, and no mail", []gatelatch.Address{phone}, []gatelatch.Address{goneNumber}, []gatelatch.Address{phone, goneNumber}},
		{"removed mail", []gatelatch.Address{mail}, []gatelatch.Address{gone}, []gatelatch.Address{mail, gone}},
		{"the last mail removed", []gatelatch.Address{phone}, []gatelatch.Address{gone}, []gatelatch.Address{phone, gone}},
		{"an address that is held", []gatelatch.Address{mail}, []gatelatch.Address{mail}, []gatelatch.Address{mail}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := flow.Recipients(gatelatch.User{Addresses: c.holds}, c.about...)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("told are %v, want %v", got, c.want)
			}
		})
	}
}
