// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"bytes"
	"testing"

	"github.com/gatelatch/gatelatch/flow"
)

// What rows say beside status, effects and refusal.

func guesses(first, second int) func(*testing.T, flow.SignIn, flow.SignIn) {
	return func(t *testing.T, _, after flow.SignIn) {
		if after.Tries != first || after.SecondTries != second {
			t.Errorf("%d and %d guesses counted, want %d and %d", after.Tries, after.SecondTries, first, second)
		}
	}
}

func secondTries(want int) func(*testing.T, flow.SignIn, flow.SignIn) {
	return func(t *testing.T, before, after flow.SignIn) {
		if after.Second.Attempts != want || before.Second.Attempts != max(want-1, 0) {
			t.Errorf("%d guesses after %d, want %d", after.Second.Attempts, before.Second.Attempts, want)
		}
		if after.Second.Proven() != (after.Status == flow.SignInComplete) {
			t.Errorf("%s, and %s", after.Second.Status, after.Status)
		}
	}
}

func asksSecond(t *testing.T, _, after flow.SignIn) {
	if len(after.SecondFactors) != 4 || after.Second != nil || after.SecondBy != "" || after.SessionID != "" || after.UserID != "user_1" {
		t.Errorf("the second step is asked for as %+v", after)
	}
}

func asksTrust(t *testing.T, _, after flow.SignIn) {
	if after.Trust != flow.TrustNew || len(after.SecondFactors) != 2 || after.SessionID != "" || after.Tries != 0 {
		t.Errorf("trust is asked for as %+v", after)
	}
}

func keepsPassword(t *testing.T, before, after flow.SignIn) {
	asksSecond(t, before, after)
	if len(after.NewPassword) == 0 {
		t.Error("the new password is forgotten")
	}
}

func dropsPassword(t *testing.T, _, after flow.SignIn) {
	if len(after.NewPassword) != 0 {
		t.Error("the new password stands in the attempt still")
	}
}

func anotherWay(t *testing.T, before, after flow.SignIn) {
	another(t, before.First, after.First)
}

func anotherSecond(t *testing.T, before, after flow.SignIn) {
	another(t, before.Second, after.Second)
}

func another(t *testing.T, b, a *flow.Verification) {
	t.Helper()
	if bytes.Equal(a.Nonce, b.Nonce) || a.Attempts != b.Attempts || a.Sends != b.Sends+1 || a.Factor == b.Factor {
		t.Errorf("before %+v, after %+v", b, a)
	}
}
