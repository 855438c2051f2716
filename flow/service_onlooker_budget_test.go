// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// journal is the moments at which something was drawn from a budget.
type journal map[string][]time.Time

// within returns how many entries there are in the window that ends now.
func (j journal) within(key string, now time.Time, window time.Duration) int {
	n := 0
	for _, at := range j[key] {
		if at.After(now.Add(-window)) {
			n++
		}
	}
	return n
}

func (j journal) add(key string, now time.Time) { j[key] = append(j[key], now) }

// challenge counts guesses: at most 5 of one challenge, at most 10 wrong ones
// of one address in an hour, unless its owner's own browser guesses.
func (o *onlooker) challenge(a act, attempt, client string, old, next *flow.Verification) {
	if old == nil || next == nil || old.To != next.To || next.Attempts == old.Attempts {
		return
	}
	key := attempt + " " + next.To.Value
	o.judged[key]++
	if next.Attempts != old.Attempts+1 || next.Attempts > 5 || o.judged[key] > 5*o.renewals(attempt, next.To) {
		o.t.Fatalf("%s: guess %d of a challenge", a.what, next.Attempts)
	}
	if next.Proven() {
		return
	}
	person := o.person(client, next.To)
	o.wrong.add(person, o.now())
	if n := o.wrong.within(person, o.now(), time.Hour); n > 10 {
		o.t.Fatalf("%d wrong guesses of one address in an hour", n)
	}
}

// renewals is how often a challenge of an address began anew in an attempt: once,
// and again whenever the sign-up went to another address and back.
func (o *onlooker) renewals(attempt string, to gatelatch.Identifier) int {
	nonces := map[string]bool{}
	for _, m := range o.g.Inbox {
		if m.AttemptID == attempt && m.To == to {
			nonces[string(m.Nonce)] = true
		}
	}
	return max(len(nonces), 1)
}

// person names the budget that must be drawn on.
func (o *onlooker) person(client string, to gatelatch.Identifier) string {
	if u, ok := o.holders[to]; ok && o.trusted[u.ID+" "+client] {
		return to.Value + " " + client
	}
	return to.Value
}

// message checks invariant 5.
func (o *onlooker) message(a act, m delivery.Queued) {
	now := o.now()
	if m.Strategy == "" {
		return // it only tells something, to whoever has just proven who they are
	}
	challenge := m.AttemptID + string(m.Nonce)
	if last, ok := o.lastSend[challenge]; ok && now.Sub(last) < 30*time.Second {
		o.t.Fatalf("%s: two messages within %s", a.what, now.Sub(last))
	}
	o.lastSend[challenge] = now
	if u, ok := o.holders[m.To]; ok {
		if stored, _ := u.Address(m.To); m.Display != stored.Display {
			o.t.Fatal("a message to the form that was typed")
		}
	}
	if !m.ExpireAt.After(now) {
		o.t.Fatal("a message that is late when queued")
	}
	o.countSend(m)
}

func (o *onlooker) countSend(m delivery.Queued) {
	client := o.signIns[m.AttemptID].ClientID
	if client == "" {
		client = o.signUps[m.AttemptID].ClientID
	}
	for _, b := range []struct {
		key    string
		most   int
		window time.Duration
	}{
		{"to " + o.person(client, m.To), 5, 10 * time.Minute},
		{"to " + o.person(client, m.To), 20, 24 * time.Hour},
		{"prefix " + identifier.Prefix(m.To), 20, 10 * time.Minute},
		{"network", 15, time.Minute}, // all browsers are in one
	} {
		if b.key == "prefix " {
			continue
		}
		o.sends.add(b.key+b.window.String(), o.now())
		if n := o.sends.within(b.key+b.window.String(), o.now(), b.window); n > b.most {
			o.t.Fatalf("%d messages in %s, at most %d allowed", n, b.window, b.most)
		}
	}
}
