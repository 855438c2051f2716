// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// leave is the sign-out button of the sample app.
const leave = `form[action="/.auth/sign-out"] button`

// demo is the demonstration, running.
type demo struct {
	*harness.Gate
	t *testing.T
}

// TestFirstHour does what the demonstration says to try: make an account with the
// code of the outbox page, sign in with the password, do so in another browser;
// then it stops and starts again.
func TestFirstHour(t *testing.T) {
	harness.NeedBrowser(t)
	dir := t.TempDir()
	d := &demo{Gate: harness.Prepare(t, harness.Config{Dir: dir}), t: t}
	begun := time.Now()
	d.start()
	if took := time.Since(begun); took > harness.Allowance(5*time.Second) {
		t.Errorf("the demonstration took %v to start", took)
	}
	tab := d.NewTab(t, harness.Look{})
	outbox := tab.Another(harness.Look{})
	d.signUp(tab, outbox)
	tab.Click(leave)
	tab.WaitText("You are signed out")
	startWithPassword(tab, "/", "jo@example.org", horse)
	tab.WaitFor(leave)
	d.privateWindow(outbox)
	d.stop()
	begun = time.Now()
	d.start()
	if took := time.Since(begun); took > harness.Allowance(3*time.Second) {
		t.Errorf("the second start took %v", took)
	}
	tab.Reload()
	tab.WaitFor(leave)
	tab.Click(leave)
	tab.WaitText("You are signed out")
	d.stop()
}

func (d *demo) signUp(tab, outbox *harness.Tab) {
	d.t.Helper()
	tab.Open("/")
	tab.WaitFor("#identifier")
	follow(tab, "Create an account")
	tab.WaitFor("#email_address")
	tab.Fill("#email_address", "jo@example.org")
	give(tab, horse)
	tab.WaitFor("#code")
	code := d.newest(outbox)
	outbox.Picture("demo-outbox")
	enter(tab, code, true)
	tab.WaitFor(leave)
	if !tab.Shows("jo@example.org") {
		d.t.Error(tab.Describe())
	}
	tab.Picture("demo-app")
	d.WaitLog(d.t, code)
}

// newest reads the newest code on the page of the outbox.
func (d *demo) newest(outbox *harness.Tab) string {
	d.t.Helper()
	outbox.Open("/.auth/outbox")
	outbox.Until("document.querySelector('.digits')", func() { follow(outbox, "Refresh") })
	return outbox.Eval("document.querySelector('.digits').innerText")
}

// privateWindow signs in on a device that is new, and finds the notice.
func (d *demo) privateWindow(outbox *harness.Tab) {
	d.t.Helper()
	before := d.newest(outbox)
	private := d.NewTab(d.t, harness.Look{})
	startWithPassword(private, "/", "jo@example.org", horse)
	private.WaitText("Confirm this new device")
	code := before
	for end := time.Now().Add(harness.Patience); code == before && time.Now().Before(end); {
		code = d.newest(outbox)
	}
	enter(private, code, true)
	private.WaitFor(leave)
	outbox.Open("/.auth/outbox")
	outbox.Until("document.body.innerText.includes('A new device has signed in')", outbox.Reload)
	private.Open("/.auth/account/sessions")
	private.WaitText("Where you are signed in")
}

func (d *demo) start() {
	d.t.Helper()
	listen := fmt.Sprintf("localhost:%d", d.Port)
	if err := d.RunCommand("demo", "--listen", listen, "--data", filepath.Join(d.Dir, "demo")); err != nil {
		d.t.Fatal(err)
	}
}

// stop presses Ctrl-C.
func (d *demo) stop() {
	d.t.Helper()
	begun := time.Now()
	status, err := d.Stop(syscall.SIGINT)
	if err != nil || status != 0 {
		d.t.Errorf("Ctrl-C: status %d, %v\n%s", status, err, d.Log())
	}
	if took := time.Since(begun); took > harness.Allowance(3*time.Second) {
		d.t.Errorf("stopping took %v", took)
	}
}

// TestExampleIsInOrder puts the example configuration through what Caddy offers
// to look at one. None of it may need a network, a database or a mail server.
func TestExampleIsInOrder(t *testing.T) {
	g := harness.Prepare(t, harness.Config{})
	text, err := os.ReadFile(filepath.Join("..", "Caddyfile.example"))
	if err != nil {
		t.Fatal(err)
	}
	example := filepath.Join(g.Dir, "Caddyfile.example")
	if err := os.WriteFile(example, text, 0o600); err != nil {
		t.Fatal(err)
	}
	g.Config.Env = []string{"SMTP_PASSWORD=x", "TWILIO_AUTH_TOKEN=x", "GATELATCH_SECRET=0123456789abcdef0123456789abcdef0123456789a"}
	for _, args := range [][]string{
		{"adapt", "--config", example, "--adapter", "caddyfile"},
		{"validate", "--config", example, "--adapter", "caddyfile"},
		{"fmt", "--diff", example},
	} {
		out, err := g.Command(args...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
		if args[0] == "adapt" && bytes.Contains(out, []byte("not formatted")) {
			t.Errorf("adapt: %s", out)
		}
	}
	if _, err := os.Stat(g.Database()); err == nil {
		t.Error("looking at a configuration has made a database")
	}
}

// TestBareWord checks that one word in front of an app is a whole configuration
// on this machine, and refused for a public name.
func TestBareWord(t *testing.T) {
	t.Parallel()
	with := func(address, block string) harness.Config {
		return harness.Config{Whole: func(g *harness.Gate) string {
			return fmt.Sprintf("{\n\tadmin off\n\tpersist_config off\n\tauto_https off\n}\n\nhttp://%s:%d {\n\tgatelatch %s\n\treverse_proxy %s\n}\n",
				address, g.Port, block, g.Upstream.Addr())
		}}
	}
	g := harness.Start(t, with("localhost", ""))
	g.Outbox = harness.Outbox(filepath.Join(filepath.Dir(g.Database()), "outbox.jsonl"))
	if err := g.NewVisitor().SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]harness.Config{
		"not encrypted": with("app.example.com", ""), "email": with("app.example.com", "{\n\t\torigin https://app.example.com\n\t}"),
	} {
		if err := harness.Prepare(t, c).Run(); err == nil || !contains(err.Error(), what) || !contains(err.Error(), "app.example.com") {
			t.Errorf("a public name: want an error about %q, have %v", what, err)
		}
	}
}

// TestMistakesNameTheirLine checks that what is wrong in a Caddyfile is said
// with its line and the words that would be right.
func TestMistakesNameTheirLine(t *testing.T) {
	t.Parallel()
	g := harness.Prepare(t, harness.Config{})
	good := g.Caddyfile()
	for mistake, words := range map[string][]string{
		"sign_upp open": {"sign_upp", "sign_up"}, "sign_up maybe": {"maybe", "open", "closed"}, "identifiers email fax": {"fax", "email", "phone"},
		"limits {\nguesses_per_identifier lots\n}": {"lots", "10/h"}, "code {\nlength 4\n}": {"length", "6"}, "store mysql x": {"mysql", "sqlite", "postgres"},
		"base_path auth": {"base_path", "/"},
	} {
		g.Write(strings.Replace(good, "gatelatch {", "gatelatch {\n"+mistake+"\n", 1))
		out, err := g.Command("adapt", "--config", g.Path(), "--adapter", "caddyfile").CombinedOutput()
		if err == nil {
			t.Errorf("%s was taken", mistake)
		}
		for _, word := range append(words, "Caddyfile:") {
			if !bytes.Contains(out, []byte(word)) {
				t.Errorf("%s: the error does not say %q: %s", mistake, word, out)
			}
		}
	}
}

// TestSeveralSitesShareUsers runs two sites on one store.
func TestSeveralSitesShareUsers(t *testing.T) {
	t.Parallel()
	other := harness.FreePort(t)
	g := harness.Start(t, harness.Config{Whole: func(g *harness.Gate) string {
		site := func(port int) string {
			return fmt.Sprintf("http://localhost:%d {\n\tbind 127.0.0.1\n\tgatelatch {\n\t\temail outbox %s\n\t}\n\treverse_proxy %s\n}\n", port, g.Outbox, g.Upstream.Addr())
		}
		return "{\n\tadmin off\n\tpersist_config off\n}\n" + site(g.Port) + site(other)
	}})
	first := g.NewVisitor()
	if err := first.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	here, _, err := first.WhoAmI()
	if err != nil {
		t.Fatal(err)
	}
	second := *g
	second.Port = other
	v := second.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	there, _, err := v.WhoAmI()
	if err != nil || there.User != here.User || there.Session == here.Session {
		t.Errorf("one person is %+v and %+v, %v", here, there, err)
	}
}

// TestLogsAreDiscreet looks through everything that a gate has printed for what
// must not be there.
func TestLogsAreDiscreet(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous, Site: "log"})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "josephine.long@example.org"); err != nil {
		t.Fatal(err)
	}
	id, _, err := v.WhoAmI()
	if err != nil {
		t.Fatal(err)
	}
	log := g.WaitLog(t, `"user_id":"`+id.User+`"`) // the access log says who it was
	for what, secret := range map[string]string{
		"a code": `"` + g.Outbox.Code(t, "josephine.long@example.org", 1) + `"`, "an address": "josephine.long@",
		"a session": v.Cookie(harness.SessionCookie), "a client": v.Cookie(harness.ClientCookie),
	} {
		if contains(log, secret) {
			t.Errorf("%s is in the log", what)
		}
	}
}
