// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

func crowdSignsUp(t *testing.T, g *flowtest.Gate) {
	const n = 40
	browsers, ids := make([]flow.Caller, n), make([]string, n)
	for i := range n {
		browsers[i] = g.Browser()
	}
	for i, out := range atOnce(t, n, func(i int) (flow.Outcome, error) {
		return g.CreateSignUp(ctx(), browsers[i], flow.SignUpParams{Email: ptr(ada), Prepare: true})
	}) {
		wantCode(t, out, "")
		ids[i] = out.SignUp.ID
	}
	codes := make([]string, n)
	for i, id := range ids {
		codes[i] = g.Code(id)
	}
	made := 0
	for _, out := range atOnce(t, n, func(i int) (flow.Outcome, error) {
		return g.AttemptVerification(ctx(), browsers[i], ids[i], "", codes[i])
	}) {
		wantCode(t, out, "")
		if out.Issued != nil {
			made++
		} else if !out.SignUp.Transferable() {
			t.Errorf("neither signed up nor transferable: %s", out.SignUp.Status)
		}
	}
	if users := g.Store.Count("CreateUser"); users != 1 || made != 1 {
		t.Fatalf("%d users, %d of them answered", users, made)
	}
	users := map[string]bool{}
	for i, out := range atOnce(t, n, func(i int) (flow.Outcome, error) {
		out, err := g.TransferToSignIn(ctx(), browsers[i], ids[i])
		if code(out.Refusal) == gatelatch.CodeStateInvalid { // the one that made the user
			return g.AttemptVerification(ctx(), browsers[i], ids[i], "", codes[i])
		}
		return out, err
	}) {
		if out.Issued == nil {
			t.Fatalf("visitor %d is not signed in: %q", i, code(out.Refusal))
		}
		users[out.Issued.Session.UserID] = true
	}
	if len(users) != 1 || g.Store.Count("CreateSession") != n {
		t.Errorf("%d users, %d sessions", len(users), g.Store.Count("CreateSession"))
	}
}

func manyTransfersToSignUp(t *testing.T, g *flowtest.Gate) {
	who := g.Browser()
	id := proven(t, g, who, ada)
	oneSession(t, g, atOnce(t, 40, func(int) (flow.Outcome, error) { return g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}) }))
	if users := g.Store.Count("CreateUser"); users != 1 {
		t.Errorf("%d users", users)
	}
}

func crowdTransfers(t *testing.T, g *flowtest.Gate) {
	browsers, ids := crowd(t, g, 40)
	for i, id := range ids {
		check(t)(g.AttemptFirstFactor(ctx(), browsers[i], id, "", g.Code(id)))
	}
	users := map[string]bool{}
	for i, out := range atOnce(t, 40, func(i int) (flow.Outcome, error) {
		return g.TransferToSignUp(ctx(), browsers[i], ids[i], flow.SignUpParams{})
	}) {
		if out.Issued == nil {
			t.Fatalf("visitor %d is not signed in: %q", i, code(out.Refusal))
		}
		users[out.Issued.Session.UserID] = true
	}
	if len(users) != 1 || g.Store.Count("CreateUser") != 1 || g.Store.Count("CreateSession") != 40 {
		t.Errorf("%d users answered, %d made, %d sessions", len(users), g.Store.Count("CreateUser"), g.Store.Count("CreateSession"))
	}
}

func manyTransfersToSignIn(t *testing.T, g *flowtest.Gate) {
	g.AddUser(ada)
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	oneSession(t, g, atOnce(t, 40, func(int) (flow.Outcome, error) { return g.TransferToSignIn(ctx(), who, id) }))
}
