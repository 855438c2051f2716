// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// Attacks on passwords and second steps, part of attacks().

func personOf(g *flowtest.Gate) person {
	g.Policy.Password = flow.Optional
	return personAt(g)
}

// wrongPasswordsAtOnce: five are judged in an attempt, and ten in an hour.
func wrongPasswordsAtOnce(t *testing.T, g *flowtest.Gate) {
	p, who := personOf(g), g.Browser()
	ids := make([]string, 4)
	for i := range ids {
		ids[i] = begin(t, g, who, ada)
	}
	atOnce(t, 100, func(i int) (flow.Outcome, error) { return g.AttemptPassword(ctx(), who, ids[i%4], "wrong") })
	all := 0
	for _, id := range ids {
		n := check(t)(g.SignIn(ctx(), who, id)).SignIn.Tries
		if all += n; n > 5 {
			t.Errorf("%d judged in one attempt", n)
		}
	}
	if all != 10 {
		t.Errorf("%d judged in an hour", all)
	}
	wantStatus(t, p.give(t, p.home, begin(t, g, p.home, ada), secretWords), flow.SignInComplete)
}

// rightPasswordsAtOnce: one session, and each request of the same click has it.
func rightPasswordsAtOnce(t *testing.T, g *flowtest.Gate) {
	p := personOf(g)
	id := begin(t, g, p.home, ada)
	outs := atOnce(t, 5, func(int) (flow.Outcome, error) { return g.AttemptPassword(ctx(), p.home, id, secretWords) })
	sameSession(t, g, outs, len(outs))
}

// sameSession checks that one session was made, and handed out that often.
func sameSession(t *testing.T, g *flowtest.Gate, outs []flow.Outcome, answered int) {
	t.Helper()
	sessions, n := map[string]bool{}, 0
	for _, out := range outs {
		if out.Issued != nil {
			sessions[out.Issued.Session.ID] = true
			n++
		}
	}
	if made := g.Store.Count("CreateSession"); made != 1 || len(sessions) != 1 || n != answered {
		t.Errorf("%d sessions made, %d handed out, %d times; want one, %d times", made, len(sessions), n, answered)
	}
}

// oneSecondStepAtOnce: one attempt, fifty requests, one session for all.
func oneSecondStepAtOnce(t *testing.T, g *flowtest.Gate) {
	p := carefulAt(personOf(g))
	for _, st := range []gatelatch.Strategy{gatelatch.TOTPCode} {
		id, code := p.toSecond(t, p.home), p.AppCode(p.app)
		outs := atOnce(t, 50, func(int) (flow.Outcome, error) { return g.AttemptSecondFactor(ctx(), p.home, id, st, code) })
		sameSession(t, g, outs, 50)
	}
}

// oneBackupCodeEverywhere: fifty attempts and one code, one session.
func oneBackupCodeEverywhere(t *testing.T, g *flowtest.Gate) {
	secondEverywhere(t, g, gatelatch.BackupCode, func(p careful) string { return p.backup[7].Reveal() })
}

// oneAppCodeEverywhere is the same with an app's code.
func oneAppCodeEverywhere(t *testing.T, g *flowtest.Gate) {
	secondEverywhere(t, g, gatelatch.TOTPCode, func(p careful) string { return p.AppCode(p.app) })
}

func secondEverywhere(t *testing.T, g *flowtest.Gate, st gatelatch.Strategy, typed func(careful) string) {
	unlimited(g.Service)
	p := carefulAt(personOf(g))
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = p.toSecond(t, p.home)
	}
	code := typed(p)
	outs := atOnce(t, len(ids), func(i int) (flow.Outcome, error) { return g.AttemptSecondFactor(ctx(), p.home, ids[i], st, code) })
	sameSession(t, g, outs, 1)
}
