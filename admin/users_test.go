// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
)

func TestUserIsFoundByIDOrAddress(t *testing.T) {
	w := newWorld(t)
	made, no, err := w.Create(t.Context(), admin.Person{
		EmailAddresses: []string{"Ada@Example.com"}, PhoneNumbers: []string{"+12015550123"}, FirstName: " Ada ",
	})
	w.accepted(no, err)
	if made.FirstName != "Ada" || len(made.Addresses) != 2 || !made.Addresses[0].Primary || !made.Addresses[1].Primary {
		t.Errorf("%+v", made)
	}
	for _, who := range []string{made.ID, "ada@example.com", " ADA@example.COM ", "+1 201 555 0123", "(201) 555-0123"} {
		u, no, err := w.ShowUser(t.Context(), who)
		w.accepted(no, err)
		if u.ID != made.ID {
			t.Errorf("%s is %s", who, u.ID)
		}
	}
	_, no, err = w.ShowUser(t.Context(), "bob@example.com")
	w.refused(gatelatch.CodeNotFound, no, err)
	_, no, err = w.ShowUser(t.Context(), "user_nobody")
	w.refused(gatelatch.CodeNotFound, no, err)
	_, no, err = w.ShowUser(t.Context(), "somebody")
	w.refused(gatelatch.CodeFormat, no, err)
}

func TestListOfUsers(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.user(fmt.Sprintf("user%d@example.com", i))
	}
	_, no, err := w.Ban(t.Context(), "user3@example.com")
	w.accepted(no, err)
	var seen []string
	q := admin.UserQuery{Page: admin.Page{Limit: 2}}
	for {
		list, err := w.ListUsers(t.Context(), q)
		if err != nil || list.Total != 5 {
			t.Fatalf("%d %v", list.Total, err)
		}
		for _, u := range list.Users {
			seen = append(seen, u.Addresses[0].Address)
		}
		if q.After = list.Next; q.After == "" {
			break
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 5 {
		t.Errorf("pages hold %v", seen)
	}
	banned := true
	list, err := w.ListUsers(t.Context(), admin.UserQuery{Banned: &banned})
	if err != nil || list.Total != 1 || list.Users[0].Addresses[0].Address != "user3@example.com" {
		t.Errorf("%+v %v", list, err)
	}
	if list, err = w.ListUsers(t.Context(), admin.UserQuery{Search: "USER4"}); err != nil || list.Total != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

// TestWhatEndsSessions: what takes somebody's access away takes it from every
// session at once, in this process too.
func TestWhatEndsSessions(t *testing.T) {
	for name, do := range map[string]func(*admin.Service, context.Context, string) (*admin.UserView, *gatelatch.Refusal, error){
		"ban": (*admin.Service).Ban, "sign out": (*admin.Service).SignOut, "delete": (*admin.Service).Delete,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ada, bob := w.user("ada@example.com"), w.user("bob@example.com")
			w.signedIn(ada, "sess_1")
			w.signedIn(ada, "sess_2")
			w.signedIn(bob, "sess_3")
			_, no, err := do(w.Service, t.Context(), "ada@example.com")
			w.accepted(no, err)
			slices.Sort(w.ended)
			if !slices.Equal(w.ended, []string{"sess_1", "sess_2"}) || !slices.Contains(w.changed, ada.ID) {
				t.Errorf("forgot %v, refreshed %v", w.ended, w.changed)
			}
			left, no, err := w.ListSessions(t.Context(), "", admin.Page{})
			w.accepted(no, err)
			if len(left.Sessions) != 1 || left.Sessions[0].ID != "sess_3" {
				t.Errorf("left are %v", left.Sessions)
			}
		})
	}
}

func TestBanAndUnban(t *testing.T) {
	w := newWorld(t)
	w.user("ada@example.com")
	for range 2 { // again is no error
		u, no, err := w.Ban(t.Context(), "ada@example.com")
		w.accepted(no, err)
		if !u.Banned {
			t.Error("not banned")
		}
	}
	if u, no, err := w.Unban(t.Context(), "ada@example.com"); no != nil || err != nil || u.Banned {
		t.Errorf("%+v %v %v", u, no, err)
	}
	_, no, err := w.Delete(t.Context(), "ada@example.com")
	w.accepted(no, err)
	_, no, err = w.Ban(t.Context(), "ada@example.com")
	w.refused(gatelatch.CodeNotFound, no, err)
}

func TestRequirePassword(t *testing.T) {
	w := newWorld(t)
	w.user("ada@example.com")
	u, no, err := w.RequirePassword(t.Context(), "ada@example.com")
	w.accepted(no, err)
	if !u.PasswordReset || !slices.Contains(w.changed, u.ID) {
		t.Errorf("%+v, refreshed %v", u, w.changed)
	}
	off := newWorld(t, func(s *flow.Service) { s.Policy.Password = flow.Off })
	off.user("ada@example.com")
	_, no, err = off.RequirePassword(t.Context(), "ada@example.com")
	off.refused(gatelatch.CodeValue, no, err)
}

func TestRevokeSession(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com")
	w.signedIn(ada, "sess_1")
	w.signedIn(ada, "sess_2")
	s, no, err := w.Revoke(t.Context(), "sess_1")
	w.accepted(no, err)
	if s.Status != gatelatch.SessionRevoked || !slices.Equal(w.ended, []string{"sess_1"}) {
		t.Errorf("%+v, forgot %v", s, w.ended)
	}
	list, no, err := w.ListSessions(t.Context(), ada.ID, admin.Page{})
	w.accepted(no, err)
	if len(list.Sessions) != 1 || list.Sessions[0].ID != "sess_2" {
		t.Errorf("left are %v", list.Sessions)
	}
	_, no, err = w.Revoke(t.Context(), "sess_9")
	w.refused(gatelatch.CodeNotFound, no, err)
	_, no, err = w.ListSessions(t.Context(), "bob@example.com", admin.Page{})
	w.refused(gatelatch.CodeNotFound, no, err)
}

// TestUnlockOpensAnAccount closes an account by guessing, and has it opened.
func TestUnlockOpensAnAccount(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Limits.FailuresInARow = 3 })
	w.user("ada@example.com")
	guess := func(right bool) (flow.Outcome, *gatelatch.Refusal) {
		ada := w.gate.Browser()
		out, err := w.gate.CreateSignIn(t.Context(), ada, flow.SignInParams{Identifier: "ada@example.com"})
		if err != nil || out.SignIn == nil {
			t.Fatalf("%+v %v", out, err)
		}
		if out.SignIn.First == nil {
			if out, err = w.gate.PrepareFirstFactor(t.Context(), ada, out.SignIn.ID, gatelatch.EmailCode, ""); err != nil {
				t.Fatal(err)
			}
		}
		code := w.gate.Code(out.SignIn.ID)
		if !right {
			code = otherThan(code)
		}
		out, err = w.gate.AttemptFirstFactor(t.Context(), ada, out.SignIn.ID, gatelatch.EmailCode, code)
		if err != nil {
			t.Fatal(err)
		}
		return out, out.Refusal
	}
	for range 3 {
		if _, no := guess(false); no == nil || no.Code != gatelatch.CodeIncorrect {
			t.Fatalf("%+v", no)
		}
	}
	if _, no := guess(true); no == nil || no.Code != gatelatch.CodeTooManyRequests {
		t.Fatalf("not closed: %+v", no)
	}
	_, no, err := w.Unlock(t.Context(), "ada@example.com")
	w.accepted(no, err)
	if out, no := guess(true); no != nil || out.Issued == nil {
		t.Errorf("still closed: %+v", no)
	}
}

func otherThan(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}
