// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// Programs written for Clerk's SDKs, bundled from sdk/ with the real packages,
// run against the gate. They are told a publishable key and a proxy URL, and
// nothing else.

const sdkBase = "/.auth"

// publishableKey is a key of Clerk's form for a host, which tokens name as their
// issuer.
func publishableKey(host string) string {
	return "pk_live_" + base64.StdEncoding.EncodeToString([]byte(host+"$"))
}

const sdkIssuer = "gate.example.com"

var (
	sdkInstalled = sync.OnceValue(installSDK)
	sdkBundled   = sync.OnceValue(func() error { return sdkNode("build.mjs") })
	sdkNext      = sync.OnceValue(func() error { return sdkNode("build.mjs", "next") })
)

// needSDK leaves a test out where the packages cannot be installed, and sees to
// it that the programs are built.
func needSDK(t testing.TB) {
	t.Helper()
	slowSDK(t)
	if err := sdkInstalled(); err != nil {
		harness.Skip(t, err.Error())
	}
	if err := sdkBundled(); err != nil {
		t.Fatal(err)
	}
}

func slowSDK(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out with -short")
	}
}

// installSDK installs the packages of the lock file, unless they are there.
func installSDK() error {
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("no %s to run Clerk's SDKs with", name)
		}
	}
	if out, err := exec.Command("sdk/install.sh").CombinedOutput(); err != nil {
		return fmt.Errorf("installing the packages of e2e/sdk: %w\n%s", err, out)
	}
	return nil
}

// sdkNode runs a program of sdk/ to its end.
func sdkNode(args ...string) error {
	cmd := exec.Command("node", args...)
	cmd.Dir = "sdk"
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("node %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// sdkSite is a gate in front of the pages of the programs.
type sdkSite struct {
	*harness.Gate
	// Key is the publishable key.
	Key string
	// Elsewhere is the origin of the same pages on a port of their own.
	Elsewhere string
}

// sdkSetup says how a site differs from the ordinary one.
type sdkSetup struct {
	// Directive holds more lines of the gatelatch block, API more of its frontend_api
	// block, Site more of the site.
	Directive, API, Site string
	// Public are more public paths.
	Public string
	// Foreign does not allow the pages' own origin.
	Foreign bool
	// Bare has nothing between the browser and the gate, so that a gate that is down
	// is not there. No answer is checked then.
	Bare bool
}

// startSDK runs a gate with the Frontend API, codes by mail and by text.
func startSDK(t testing.TB, s sdkSetup) *sdkSite {
	t.Helper()
	needSDK(t)
	site := &sdkSite{Key: publishableKey(sdkIssuer)}
	pages := httptest.NewServer(http.HandlerFunc(site.serve))
	t.Cleanup(pages.Close)
	site.Elsewhere = strings.Replace(pages.URL, "127.0.0.1", "localhost", 1)
	files, err := filepath.Abs("sdk/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	allowed := "allowed_origins " + site.Elsewhere
	if s.Foreign {
		allowed = ""
	}
	site.Gate = harness.Start(t, harness.Config{
		Sender: twoSenders, Checked: !s.Bare,
		Directive: generous + "name Acme\n" + bothKinds + s.Directive + fmt.Sprintf(
			"public /app/* /sdk/* %s\nfrontend_api {\npublishable_key %s\nsdk_files %s\n%s\n%s\n}\n", s.Public, site.Key, files, allowed, s.API),
		Site: fmt.Sprintf("@pages path /app/* /sdk/*\nreverse_proxy @pages %s\n%s", strings.TrimPrefix(pages.URL, "http://"), s.Site),
	})
	return site
}

// serve answers /sdk/ with bundles and /app/<program>/<show>/... with the page
// of a program. A program of the seeds is called "seeds:<name>".
func (s *sdkSite) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/sdk/") {
		http.StripPrefix("/sdk/", http.FileServer(http.Dir("sdk/dist"))).ServeHTTP(w, r)
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/app/"), "/")
	program := strings.ReplaceAll(parts[0], ":", "/")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	config := s.config(r, parts[1:])
	if text, err := os.ReadFile(filepath.Join("sdk/dist/seeds/cut", filepath.Base(program)+".html")); err == nil && program != parts[0] {
		_, _ = w.Write([]byte(printed(string(text), program, config))) // the browser may be gone
		return
	}
	_ = sdkPage.Execute(w, map[string]any{"Program": program, "Config": template.JS(config), "Person": template.JS(person)}) // the browser may be gone
}

// config is what a page is told. A page of another origin needs the whole proxy
// URL.
func (s *sdkSite) config(r *http.Request, words []string) string {
	proxy := sdkBase
	if "http://"+r.Host != s.URL() {
		proxy = s.URL() + sdkBase
	}
	c := map[string]any{"publishableKey": s.Key, "proxyUrl": proxy}
	for i, word := range words {
		if i == 0 {
			c["show"] = word
		} else {
			c[word] = true
		}
	}
	text, _ := json.Marshal(c) // strings always marshal
	return string(text)
}

// person hides that the browser is driven: clerk-js offers such a browser no
// passkeys, and takes every fault for a lost connection. With ?unfilled the browser
// offers passkeys where it is asked to, and not in fields.
const person = `Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => false});
if (location.search === '?unfilled') PublicKeyCredential.isConditionalMediationAvailable = async () => false`

var sdkPage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A program</title><link rel="icon" href="data:,"></head><body>
<main id="root"></main>
<script>{{.Person}}</script>
<script id="config" type="application/json">{{.Config}}</script>
<script type="module" src="/sdk/{{.Program}}.js"></script>
</body></html>`))

// printed makes of a page of the documents what a bundler would: its script has
// another name, and the settings are there.
func printed(text, program, config string) string {
	text = strings.Replace(text, "/src/main.js", "/sdk/"+program+".js", 1)
	return strings.Replace(text, "</head>", `<link rel="icon" href="data:,"><script>`+person+`</script><script id="config" type="application/json">`+config+"</script></head>", 1)
}

// open shows a program's page.
func (s *sdkSite) open(tab *harness.Tab, program, show string, more ...string) {
	tab.T.Helper()
	tab.Open("/app/" + strings.Join(append([]string{program, show}, more...), "/"))
	starts(tab)
}

// openElsewhere shows the same page at the pages' own origin.
func (s *sdkSite) openElsewhere(tab *harness.Tab, program, show string) {
	tab.T.Helper()
	tab.Open(s.Elsewhere + "/app/" + program + "/" + show)
	starts(tab)
}

// starts waits until a program knows who is signed in, if anybody is.
func starts(tab *harness.Tab) {
	tab.T.Helper()
	tab.Wait(`!['loading', undefined].includes(document.getElementById('who')?.textContent)`)
}

// who waits until a page knows who is signed in, and returns the user.
func who(tab *harness.Tab) string {
	tab.T.Helper()
	tab.Wait(`/^user_/.test(document.getElementById('who')?.textContent)`)
	return tab.Eval(`document.getElementById('who').textContent`)
}

// nobody waits until a page knows that nobody is signed in.
func nobody(tab *harness.Tab) {
	tab.T.Helper()
	tab.Wait(`document.getElementById('who')?.textContent === 'nobody'`)
}

// getsOut signs out by the program and waits for the page that comes after: what is asked before
// the gate has heard of it would be answered as ever.
func getsOut(tab *harness.Tab) {
	tab.T.Helper()
	reloads(tab, func() { push(tab, "#leave") })
	nobody(tab)
}

// reloads does what makes a program load its page again, and waits for that page.
func reloads(tab *harness.Tab, do func()) {
	tab.T.Helper()
	tab.Eval("window.before = true")
	do()
	tab.Wait(`!window.before && document.readyState === 'complete'`)
}

// put types into a field as soon as it is there.
func put(tab *harness.Tab, selector, text string) {
	tab.T.Helper()
	tab.WaitFor(selector)
	tab.Fill(selector, text)
}

// push clicks a button as soon as it can be.
func push(tab *harness.Tab, selector string) {
	tab.T.Helper()
	tab.Wait(fmt.Sprintf(`document.querySelector(%[1]q)?.checkVisibility() && !document.querySelector(%[1]q).disabled`, selector))
	tab.Click(selector)
}

// passes fails unless the gate lets a tab through to the app as this user.
func passes(t *testing.T, tab *harness.Tab, user string) {
	t.Helper()
	tab.Open("/orders")
	tab.WaitFor("#app")
	if !tab.Shows(user) {
		t.Errorf("the app does not see %s: %s", user, tab.Describe())
	}
}

// stops fails unless the gate shows its own page instead of the app.
func stops(t *testing.T, tab *harness.Tab) {
	t.Helper()
	tab.Open("/orders")
	tab.WaitFor("#identifier")
	if tab.True(`document.getElementById('app')`) {
		t.Error("the app answers somebody who is signed out")
	}
}

// faultless fails when a page or the gate has complained.
func faultless(t *testing.T, s *sdkSite, tabs ...*harness.Tab) {
	t.Helper()
	for _, tab := range tabs {
		for _, p := range tab.Problems() {
			t.Errorf("the page complains: %s", p)
		}
	}
	noProblems(t, s.Gate)
}
