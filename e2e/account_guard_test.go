// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// accountPaths are the pages of an account that are there for everybody.
var accountPaths = []string{
	"", "/name", "/addresses", "/addresses/add", "/numbers", "/numbers/add", "/password", "/totp", "/second-number",
	"/second-number/add", "/passkeys", "/passkeys/add", "/sessions", "/sessions/others", "/devices", "/export", "/delete",
}

func TestAccountIsForItsOwner(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	v := withPassword(t, g, jo, horse)
	stranger := g.NewVisitor()
	for _, path := range accountPaths {
		if p := page(t)(v.Open(at(path))); p.Status != http.StatusOK || p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the owner got %d, to keep %q", path, p.Status, p.Header.Get("Cache-Control"))
		}
		p := page(t)(stranger.Open(at(path)))
		if p.Status != http.StatusUnauthorized || !p.Has("identify") || p.Location() != "" {
			t.Errorf("%s: a stranger got %d", path, p.Status)
		}
		forged := page(t)(stranger.Post(at(path), "step=save&first_name=x&password=abcdefghijkl"))
		if forged.Status < 400 {
			t.Errorf("%s: a stranger's form got %d", path, forged.Status)
		}
		away := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}
		if p := page(t)(v.Do(http.MethodPost, at(path), away, reader("step=confirm&first_name=x"))); p.Status != http.StatusForbidden && p.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s: a form of another site got %d", path, p.Status)
		}
		if p := page(t)(v.Post(at(path), "step=confirm&first_name=x")); p.Status < 400 {
			t.Errorf("%s: a form without its token got %d", path, p.Status)
		}
	}
	id := inside(t, v, "after all that")
	if id.Name != "" || id.Email != jo {
		t.Errorf("the account has become %+v", id)
	}
	// What a page would send is refused without the browser's own cookie, too.
	half := g.NewVisitor()
	half.SetCookie(harness.SessionCookie, v.Cookie(harness.SessionCookie))
	if p := page(t)(half.Open(at(""))); p.Status != http.StatusUnauthorized {
		t.Errorf("half of the cookies got %d", p.Status)
	}
}

// TestOthersThingsAreNotThere: what belongs to somebody else is neither shown
// nor touched, and is not told from what never was.
func TestOthersThingsAreNotThere(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	owner, thief := withPassword(t, g, jo, horse), withPassword(t, g, "eve@example.org", donkey)
	if err := owner.AddAddress(joWork); err != nil {
		t.Fatal(err)
	}
	elsewhere(t, g, jo)
	var u struct{ Addresses []struct{ ID string } }
	if err := g.Operate("users", "show", jo, "--json").Into(&u); err != nil {
		t.Fatal(err)
	}
	victims := []string{at("/addresses/" + u.Addresses[0].ID), at("/addresses/" + u.Addresses[1].ID), at("/addresses/idn_never")}
	victims = append(victims, page(t)(owner.Open(at("/sessions"))).Links(at("/sessions/sess_"))...)
	victims = append(victims, page(t)(owner.Open(at("/devices"))).Links(at("/devices/client_"))...)
	if len(victims) < 6 {
		t.Fatalf("only %v to try", victims)
	}
	begun := page(t)(owner.Step(at("/addresses/add"), "save", map[string]string{"email_address": "third@example.org"}))
	victims = append(victims, begun.URL.Path)
	token := page(t)(thief.Open(at("/sessions/others"))).Forms[0].Values()
	for _, path := range victims {
		if p := page(t)(thief.Open(path)); p.Status != http.StatusNotFound {
			t.Errorf("%s: the page got %d", path, p.Status)
		}
		for _, step := range []string{"confirm", "verify", "save"} {
			token.Set("step", step)
			token.Set("code", "123456")
			if p := page(t)(thief.Post(path, token.Encode())); p.Status != http.StatusNotFound {
				t.Errorf("%s, %s: the form got %d", path, step, p.Status)
			}
		}
	}
	token.Set("step", "primary")
	token.Set("id", u.Addresses[1].ID)
	if p := page(t)(thief.Post(at("/addresses"), token.Encode())); p.Status < 400 {
		t.Errorf("another's address became the main one: %d", p.Status)
	}
	code := g.Outbox.Code(t, "third@example.org", 1)
	if p := page(t)(owner.Follow(owner.Submit(begun, "verify", map[string]string{"code": code}))); !p.Contains("belongs to your account now") {
		t.Errorf("the owner's change got %d %.600s", p.Status, p.Body)
	}
	if id := inside(t, owner, "after the thief"); id.Email != jo {
		t.Errorf("the owner is %+v", id)
	}
}

// TestLastAddressStays takes the buttons away, and then the server's word.
func TestLastAddressStays(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	v := withPassword(t, g, jo, horse)
	var u struct{ Addresses []struct{ ID string } }
	if err := g.Operate("users", "show", jo, "--json").Into(&u); err != nil {
		t.Fatal(err)
	}
	path := at("/addresses/" + u.Addresses[0].ID)
	mayNot(t, v, path, "confirm", nil, "the only address you can sign in with")
	if err := v.AddSecondNumber(second); err != nil {
		t.Fatal(err)
	}
	mayNot(t, v, path, "confirm", nil, "the only address you can sign in with") // such a number begins nothing
	if err := v.AddAddress(number); err != nil {
		t.Fatal(err)
	}
	does(t, v, path, "confirm", nil, "The email address is removed.")
	if id := inside(t, v, "without e-mail"); id.Email != "" || id.Phone != number {
		t.Errorf("the app is told %+v", id)
	}
	g.Outbox.Notice(t, jo, "removed from your Acme account", 1)
	list := page(t)(v.Open(at("/numbers"))).Links(at("/numbers/idn_"))
	if len(list) != 1 { // the one for the second step may go
		t.Errorf("the numbers that may go: %v", list)
	}
}

// TestAddressOfSomebodyElse: a proven address that somebody has is not taken
// from them, and whose it is shows only to who can prove it.
func TestAddressOfSomebodyElse(t *testing.T) {
	t.Parallel()
	// Codes may be asked for at once, or not for long: pages count the seconds.
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + replaceAll(everything, "resend_after 1s", "resend_after 30s")})
	withPassword(t, g, "al@example.org", donkey)
	v := withPassword(t, g, jo, horse)
	var bodies []string
	for _, address := range []string{"al@example.org", "no@example.org"} {
		p := page(t)(v.Step(at("/addresses/add"), "save", map[string]string{"email_address": address}))
		bodies = append(bodies, secondsLeft.ReplaceAllString(strings.NewReplacer(address, "", p.URL.Path, "").Replace(p.Body), ""))
	}
	if bodies[0] != bodies[1] {
		t.Errorf("before it is proven, an address that is taken shows:\n%s\n%s", bodies[0], bodies[1])
	}
	p := page(t)(v.Step(at("/addresses/add"), "save", map[string]string{"email_address": "al@example.org"}))
	m, err := g.Outbox.Find("al@example.org", 3)
	if err != nil {
		t.Fatal(err)
	}
	if p = page(t)(v.Follow(v.Submit(p, "verify", map[string]string{"code": m.Code}))); p.Status < 400 {
		t.Errorf("an address of somebody else: %d %.600s", p.Status, p.Body)
	}
	if who := inside(t, elsewhere(t, g, "al@example.org"), "the other"); who.Email != "al@example.org" {
		t.Errorf("the address is now of %+v", who)
	}
}

var deviceLink = regexp.MustCompile(`/\.auth/account/devices/client_[0-9a-z]+`)

// TestEndedAtOnce ends sessions in every way there is: a fetch, a page and a
// WebSocket of theirs are cut off, and the one that acts goes on.
func TestEndedAtOnce(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	owner := withPassword(t, g, jo, horse)
	for name, end := range map[string]func(victim string){
		"ended": func(victim string) {
			does(t, owner, at("/sessions/"+victim), "confirm", nil, "That device is signed out.")
		},
		"all others": func(string) {
			does(t, owner, at("/sessions/others"), "confirm", nil, "You are signed out everywhere else.")
		},
		"new password": func(string) {
			does(t, owner, at("/password"), "save", map[string]string{"password": donkey + " again"}, "Your password is saved.")
		},
		"device revoked": func(string) {
			for _, item := range strings.Split(page(t)(owner.Open(at("/devices"))).Body, "<li>") {
				if m := deviceLink.FindString(item); m != "" && !contains(item, "This device") {
					does(t, owner, m, "confirm", nil, "That device is not trusted any more")
				}
			}
		},
		"by the operator": func(victim string) {
			if r := g.Operate("sessions", "revoke", victim); r.Status != 0 {
				t.Error(r)
			}
		},
	} {
		v := elsewhere(t, g, jo)
		s, _, err := v.DialWebSocket("/ws")
		if err != nil || s == nil {
			t.Fatal(err)
		}
		if back, err := s.Echo("hello", harness.Patience); back != "hello" {
			t.Fatalf("%q %v", back, err)
		}
		end(inside(t, v, "before").Session)
		gone(t, v, name)
		if err := s.WaitClosed(harness.Allowance(3 * time.Second)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		inside(t, owner, name+", and who did it")
		if name == "new password" { // ends the trust elsewhere, too
			isNewDevice(t, v, jo, donkey+" again")
		}
	}
}

// isNewDevice fails unless a browser is asked for a code after the password.
func isNewDevice(t *testing.T, v *harness.Visitor, address, password string) {
	t.Helper()
	n := len(v.Gate.Outbox.To(address))
	if p := page(t)(v.Follow(v.Password("/home", address, password))); !p.Contains("Confirm this new device") {
		t.Fatalf("the password got %d %.600s", p.Status, p.Body)
	}
	v.Gate.Outbox.Code(t, address, n+1) // who counts messages after this counts all
}

// TestExport looks for what belongs into the file and what does not.
func TestExport(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	v, app, codes := withApp(t, g, jo, horse)
	if err := v.AddSecondNumber(second); err != nil {
		t.Fatal(err)
	}
	does(t, v, at("/name"), "save", map[string]string{"first_name": "Jo", "last_name": "Doe"}, "Your name is saved.")
	p := page(t)(v.Step(at("/export"), "confirm", nil))
	if p.Status != http.StatusOK || p.Header.Get("Content-Type") != "application/json" || p.Header.Get("Cache-Control") != "no-store" ||
		p.Header.Get("Content-Disposition") != `attachment; filename="account.json"` {
		t.Fatalf("%d %v", p.Status, p.Header)
	}
	var data struct {
		ID        string
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Addresses []struct {
			Address      string
			SecondFactor bool `json:"second_factor"`
		}
		PasswordSetAt   time.Time `json:"password_set_at"`
		AuthenticatorAt time.Time `json:"authenticator_app_added_at"`
		BackupCodesLeft int       `json:"backup_codes_left"`
		Sessions        []struct{ ID string }
		Devices         []struct{ Device string } `json:"trusted_devices"`
	}
	if err := json.Unmarshal([]byte(p.Body), &data); err != nil {
		t.Fatal(err)
	}
	id := inside(t, v, "after the export")
	if data.ID != id.User || data.FirstName != "Jo" || data.LastName != "Doe" || len(data.Addresses) != 2 || data.Addresses[0].Address != jo ||
		!data.Addresses[1].SecondFactor || data.PasswordSetAt.IsZero() || data.AuthenticatorAt.IsZero() || data.BackupCodesLeft != 10 ||
		len(data.Sessions) != 1 || data.Sessions[0].ID != id.Session || len(data.Devices) != 1 {
		t.Errorf("%s", p.Body)
	}
	secrets := append([]string{horse, "argon2", v.Cookie(harness.SessionCookie), v.Cookie(harness.ClientCookie), app.Secret()}, codes...)
	for _, secret := range secrets {
		if secret == "" || contains(p.Body, secret) {
			t.Errorf("%q is in the export", secret)
		}
	}
	if problem := page(t)(v.Open(at("/export"))); problem.Status != http.StatusOK || contains(problem.Body, "BackupCodes") {
		t.Errorf("the page itself: %d", problem.Status)
	}
}

// TestDeletionIsTheOperatorsChoice switches it off.
func TestDeletionIsTheOperatorsChoice(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "delete_account off\n"})
	v := g.NewVisitor()
	if err := v.SignIn("/home", jo); err != nil {
		t.Fatal(err)
	}
	if p := page(t)(v.Open(at(""))); p.Status != http.StatusOK || p.Contains("Delete your account") {
		t.Errorf("the overview offers it: %d", p.Status)
	}
	if p := page(t)(v.Open(at("/delete"))); p.Status != http.StatusNotFound {
		t.Errorf("the page got %d", p.Status)
	}
	f := page(t)(v.Open(at("/sessions/others"))).Forms[0].Values()
	f.Set("step", "confirm")
	if p := page(t)(v.Post(at("/delete"), f.Encode())); p.Status < 400 {
		t.Errorf("the form got %d", p.Status)
	}
	inside(t, v, "after all")
}
