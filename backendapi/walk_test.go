// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
)

// TestAPartOfAnID: a query is part of an id too, whatever its case.
func TestAPartOfAnID(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com").id()
		w.gate.Clock.Advance(time.Minute)
		w.user("bob@example.com")
		guest := w.ok("POST", "/invitations", object{"email_address": "cyd@example.com", "notify": false}).id()
		waiting := w.ok("POST", "/waitlist_entries", object{"email_address": "dan@example.com"}).id()
		for path, id := range map[string]string{"/users": ada, "/invitations": guest, "/waitlist_entries": waiting} {
			_, own, _ := strings.Cut(id, "_")
			for _, part := range []string{id, strings.ToUpper(id), own, own[3:], own[:len(own)-1]} {
				if rows, total := w.ok("GET", path+"?paginated=true&query="+part, nil).list(); total != 1 || rows[0]["id"] != id {
					t.Errorf("%s by %s finds %d", path, part, total)
				}
			}
		}
		if n := w.ok("GET", "/users/count?query="+ada[3:20], nil).at("total_count"); n != 1.0 {
			t.Errorf("%v are counted", n)
		}
	})
}

// TestWhereAnInvitationLeads: to a whole address or a path of this site.
func TestWhereAnInvitationLeads(t *testing.T) {
	w := newWorld(t)
	for _, own := range []string{"/welcome?a=b", "https://app.example.com/welcome", "https://friend.example/x"} {
		a := w.ok("POST", "/invitations", object{"email_address": "ada@example.com", "redirect_url": own, "ignore_existing": true, "notify": false})
		row, no, err := w.handler.Admin.Invitation(t.Context(), a.id())
		want := own
		if own[0] == '/' {
			want = "https://app.example.com" + own
		}
		if no != nil || err != nil || row.RedirectURL != want {
			t.Errorf("%s leads to %s, %v, %v", own, row.RedirectURL, no, err)
		}
	}
	for _, other := range []string{"//evil.example", `/\evil.example`, "https://app.example.com.evil.example/", "javascript:alert(1)", "welcome", "https://app.example.com@evil.example/"} {
		w.refused(422, gatelatch.CodeValue, "redirect_url", "POST", "/invitations", object{"email_address": "bob@example.com", "redirect_url": other})
	}
}

// TestTheWordsOfAnInvitation: a template chooses the message.
func TestTheWordsOfAnInvitation(t *testing.T) {
	w := newWorld(t)
	for template, purpose := range map[string]string{"": "invitation", "invitation": "invitation", "waitlist_invitation": "waitlist_approved"} {
		w.ok("POST", "/invitations", object{"email_address": "ada@example.com", "template_slug": template, "ignore_existing": true})
		if got := w.gate.Fetch(); len(got) != 1 || got[0].Purpose != purpose {
			t.Errorf("%q sends %+v", template, got)
		}
	}
	w.refused(422, gatelatch.CodeValue, "template_slug", "POST", "/invitations", object{"email_address": "bob@example.com", "template_slug": "other"})
}

// TestWhoIsToldOfTheAllowList: the holder of an address, when that is asked for, and
// who can follow the message.
func TestWhoIsToldOfTheAllowList(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		w.user("bob@example.com")
		for _, row := range []struct {
			line   string
			notify any
			told   int
		}{
			{"ada@example.com", true, 1},
			{"+12015550123", true, 1},
			{"cyd@example.com", false, 0},
			{"dan@example.com", nil, 0},
			{"*@example.org", true, 0},
			{" *@example.net", true, 0},
			{"US", true, 0},
			{"bob@example.com", true, 0}, // has a user
		} {
			a := w.ok("POST", "/allowlist_identifiers", object{"identifier": row.line, "notify": row.notify})
			if got := len(w.gate.Fetch()); got != row.told || (a.text("invitation_id") != "") != (row.told == 1) {
				t.Errorf("%s, %v: %d told, %s", row.line, row.notify, got, a.body)
			}
		}
		w.refused(422, gatelatch.CodeMissing, "identifier", "POST", "/allowlist_identifiers", object{})
		a := w.refused(422, gatelatch.CodeFormat, "identifier", "POST", "/blocklist_identifiers", object{"identifier": "@@"})
		if !strings.Contains(a.text("errors", 0, "message"), "An identifier is ") {
			t.Errorf("%s", a.body)
		}
	})
}

// TestTimesInBodies: in both forms, and never far ahead.
func TestTimesInBodies(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	for _, moment := range []any{"2020-01-02T03:04:05.678Z", "2020-01-02T05:04:05.678+02:00", 1577934245678} {
		if a := w.ok("PATCH", "/users/"+ada, object{"created_at": moment}); a.at("created_at") != 1577934245678.0 {
			t.Errorf("%v: %s", moment, a.body)
		}
	}
	for _, param := range []string{"created_at", "legal_accepted_at"} {
		w.refused(422, gatelatch.CodeValue, param, "PATCH", "/users/"+ada, object{param: "2519-01-01T00:00:00Z"})
		w.refused(422, gatelatch.CodeValue, param, "POST", "/users", object{"email_address": "b@example.com", param: "2519-01-01T00:00:00Z"})
		for _, none := range []any{"2020-01-02", "", "tomorrow", true, 1.5, -1, "1577934245678"} {
			w.refused(422, gatelatch.CodeFormat, param, "PATCH", "/users/"+ada, object{param: none})
		}
	}
}

// TestWhatIsAskedForHalf: a call without what it is about says so.
func TestWhatIsAskedForHalf(t *testing.T) {
	w := newWorld(t)
	ada := w.ok("POST", "/users", everything()).id()
	id, _ := w.signedIn(ada)
	for path, param := range map[string]string{
		"/users/" + ada + "/verify_totp": "code", "/users/" + ada + "/verify_password": "password",
		"/sessions/" + id + "/verify": "token", "/sessions": "user_id", "/sign_in_tokens": "user_id", "/email_addresses": "user_id",
	} {
		w.refused(422, gatelatch.CodeMissing, param, "POST", path, nil)
	}
	digest := object{"password_digest": "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "password_hasher": "bcrypt"}
	w.ok("PATCH", "/users/"+ada, digest)
	digest["password"] = "correct horse battery staple"
	w.refused(422, gatelatch.CodeValue, "password_digest", "PATCH", "/users/"+ada, digest)
	w.refused(422, gatelatch.CodeMissing, "password_digest", "PATCH", "/users/"+ada, object{"password_hasher": "bcrypt"})
}

// TestASessionOfNoBrowser: one that a program has begun has no browser to name.
func TestASessionOfNoBrowser(t *testing.T) {
	w := newWorld(t)
	w.gate.Policy.TestMode = true
	a := w.ok("POST", "/sessions", object{"user_id": w.user("ada@example.com").id()})
	if a.at("latest_activity", "browser_name") != nil || a.at("latest_activity", "device_type") != nil {
		t.Errorf("%s", a.body)
	}
	if rows, _ := w.ok("GET", "/jwt_templates", nil).list(); rows[0]["lifetime"] != 60.0 {
		t.Errorf("%v", rows)
	}
}

// TestAPlusThatNobodyHasEscaped arrives as a space.
func TestAPlusThatNobodyHasEscaped(t *testing.T) {
	w := newWorld(t)
	w.ok("POST", "/users", object{"phone_number": "+12015550123"})
	for _, query := range []string{"phone_number=%2B12015550123", "phone_number=+12015550123", "query=+1201", "order_by=+created_at"} {
		if rows, _ := w.ok("GET", "/users?"+query, nil).list(); len(rows) != 1 {
			t.Errorf("%s finds %d", query, len(rows))
		}
	}
}

// TestKeepingAnAccount: who is made so cannot delete the account.
func TestKeepingAnAccount(t *testing.T) {
	w := newWorld(t)
	w.gate.Policy.DeleteSelf = true
	for want, body := range map[bool]object{
		false: {"email_address": "a@example.com", "delete_self_enabled": false}, true: {"email_address": "b@example.com"},
	} {
		if a := w.ok("POST", "/users", body); a.at("delete_self_enabled") != want {
			t.Errorf("%s", a.body)
		}
	}
}
