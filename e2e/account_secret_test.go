// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/base32"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestSecretsStayWhereTheyBelong uses all that an account can have, and all
// commands that touch it, and then looks for what must not be read: in the log,
// and in the database of somebody who has not got the site secret.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	v, app, codes := withApp(t, g, jo, horse)
	if err := v.AddSecondNumber(second); err != nil {
		t.Fatal(err)
	}
	if err := v.AddAddress(joWork); err != nil {
		t.Fatal(err)
	}
	does(t, v, at("/name"), "save", map[string]string{"first_name": "Zebulon"}, "Your name is saved.")
	typed := "a password of zebras"
	does(t, v, at("/password"), "save", map[string]string{"password": typed}, "Your password is saved.")
	mayNot(t, v, at("/password"), "save", map[string]string{"password": "Zebulon1"}, "")
	w := g.NewVisitor()
	p := page(t)(w.Follow(w.Password("/home", jo, typed)))
	p = page(t)(w.Open(p.URL.Path + "?ways=1"))
	p = page(t)(w.Follow(w.Choose(p, "backup_code")))
	page(t)(w.Submit(p, "verify", map[string]string{"code": codes[3]}))
	inside(t, w, "with a backup code")
	operates(t, g, "invite", "guest@example.org")
	invitation := g.Outbox.Notice(t, "guest@example.org", "You are invited", 1).Link()
	if r := g.OperateOn(`{"email":"import@example.org","password_hash":"`+foreign[0].hash+`"}`, "users", "import", "-"); r.Status != 0 {
		t.Fatalf("%+v", r)
	}
	g.OperateOn(`{"email":"bad@example.org","password_hash":"hunter2hunter2"}`, "users", "import", "-")
	operates(t, g, "users", "export", "--secrets")
	operates(t, g, "users", "show", jo)
	operates(t, g, "block", "add", "spam.example")
	_, token, _ := strings.Cut(invitation, ".auth/sign-up?invitation=")
	_, token, _ = strings.Cut(token, ".")
	secrets := map[string]string{
		"a password": horse, "another": typed, "one that was refused": "Zebulon1", "an app's key": app.Secret(), "a used backup code": codes[3], "a backup code": codes[4],
		"a backup code without its dash": strings.ReplaceAll(codes[5], "-", ""), "a hash": "$argon2", "an imported hash": foreign[0].hash, "no hash": "hunter2",
		"a session": v.Cookie(harness.SessionCookie), "a client": v.Cookie(harness.ClientCookie), "an invitation": token,
	}
	for _, m := range g.Outbox.All() {
		if m.Code != "" && m.To != second {
			secrets["the code of "+m.Code] = m.Code + `"` // digits alone are in many numbers
		}
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(app.Secret())
	if err != nil {
		t.Fatal(err)
	}
	log := g.Log()
	people := map[string]string{"an address": jo, "a new address": joWork, "a guest": "guest@example.org", "an import": "import@example.org", "a number": second, "a name": "Zebulon"}
	for what, secret := range people {
		if contains(log, secret) {
			t.Errorf("the log tells %s: %s", what, lineWith(log, secret))
		}
	}
	for what, secret := range secrets {
		if len(secret) < 6 {
			t.Fatalf("%s is %q", what, secret)
		}
		if contains(log, secret) {
			t.Errorf("the log tells %s: %s", what, lineWith(log, secret))
		}
	}
	if _, err := g.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	secrets["an app's key, as it is"] = string(raw)
	for _, tail := range []string{"", "-wal"} {
		text, err := os.ReadFile(g.Database() + tail)
		if err != nil && tail == "" {
			t.Fatal(err)
		}
		if tail == "" && !contains(string(text), "Zebulon") {
			t.Error("the database is not where it was looked for")
		}
		for what, secret := range secrets {
			if contains(string(text), secret) {
				t.Errorf("the database%s tells %s", tail, what)
			}
		}
	}
}

func lineWith(text, part string) string {
	for _, line := range lines(text) {
		if contains(line, part) {
			return line
		}
	}
	return ""
}

// TestRequiredSecondStepStaysRequired removes the only second step where
// everybody needs one.
func TestRequiredSecondStepStaysRequired(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds + "second_factor required\n"})
	v := g.NewVisitor()
	getsIn(t, v, jo)
	if _, _, err := v.SetUpApp(); err != nil {
		t.Fatal(err)
	}
	inside(t, v, "with a second step")
	p := page(t)(v.Step(at("/totp/remove"), "confirm", nil))
	if p.Status == http.StatusOK {
		t.Errorf("after it was removed: %d %.600s", p.Status, p.Body)
	}
	pending(t, v, "", "Set up a second step")
	if rows := operates(t, g, "users", "list").Table(); contains(rows[0][2], "backup") {
		t.Errorf("the backup codes stayed: %v", rows)
	}
}

// TestWhoOwesChangesNothing sends forms of account pages with a session that
// owes something: what would be refused on the page is refused without it.
func TestWhoOwesChangesNothing(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	v := withPassword(t, g, jo, horse)
	form := page(t)(v.Open(at("/name"))).Forms[0].Values()
	operates(t, g, "users", "reset-password", jo)
	pending(t, v, "new_password", "This account needs a new password")
	for _, path := range accountPaths {
		if path == "/password" { // is what it owes
			continue
		}
		for _, step := range []string{"save", "confirm", "start", "primary", "use"} {
			form.Set("step", step)
			form.Set("first_name", "Mallory")
			form.Set("email_address", "mallory@example.org")
			form.Set("phone_number", second)
			form.Set("password", donkey)
			if p := page(t)(v.Post(at(path), form.Encode())); p.Status < 400 {
				t.Errorf("%s %s: %d to %q %.300s", path, step, p.Status, p.Location(), p.Body)
			}
		}
	}
	if n := len(g.Outbox.To("mallory@example.org")) + len(g.Outbox.To(second)); n != 0 {
		t.Errorf("%d codes went out", n)
	}
	p := pending(t, v, "new_password", "This account needs a new password")
	page(t)(v.Submit(p, "new_password", map[string]string{"password": horse + " too"}))
	if id := inside(t, v, "after the task"); id.Name != "" || id.Email != jo {
		t.Errorf("%+v", id)
	}
}
