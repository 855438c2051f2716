// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// forged are header lines by which a client may try to be somebody.
var forged = []string{
	"Remote-User: evil", "remote-user: evil", "REMOTE-USER: evil", "Remote_User: evil", "remote_user: evil", "REMOTE_USER: evil",
	"Remote.User: evil", "Remote-Email: evil", "Remote_Email: evil", "Remote-Phone: evil", "Remote-Name: evil", "Remote_Name: evil",
	"Remote-Groups: evil", "Remote-Anything: evil", "remote--user: evil", "Remote-: evil", "Authorization: Bearer evil", "authorization: evil",
	"Forwarded: for=evil;user=evil",
}

// fold is how a careless upstream reads a name.
func fold(name string) string {
	return strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name))
}

// noEvil fails when a request that the upstream saw carries a forgery, and
// returns how many it has looked at.
func noEvil(t *testing.T, seen []harness.Seen) int {
	t.Helper()
	for _, s := range seen {
		for name, values := range s.Header {
			if strings.Contains(strings.Join(values, ","), "evil") {
				t.Errorf("%s %s reached the upstream with %s: %v", s.Method, s.URI, name, values)
			}
			if f := fold(name); strings.HasPrefix(f, "remote-") && http.CanonicalHeaderKey(name) != name {
				t.Errorf("the upstream got %s", name)
			}
		}
	}
	return len(seen)
}

func TestForgedIdentityNeverArrives(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "public /healthz /open/*"})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	before := g.Upstream.Count()
	sent := 0
	send := func(path, lines string) {
		t.Helper()
		sent++
		a, err := g.Raw("GET "+path+" HTTP/1.1\r\nHost: "+strings.TrimPrefix(g.URL(), "http://")+"\r\nConnection: close\r\n"+lines+"\r\n", harness.Patience)
		if err != nil || a.Status != 200 {
			t.Errorf("%s with %q: %d %v", path, lines, a.Status, err)
		}
	}
	for _, line := range forged {
		send("/home", v.CookieHeader()+line+"\r\n")
		send("/healthz", line+"\r\n")
		send("/open/x", line+"\r\n"+line+"\r\n")
		send("/home", line+"\r\n"+v.CookieHeader()+line+"\r\n")
	}
	for _, lines := range []string{
		"Connection: Remote-User\r\n", "Connection: close, Remote-User, Authorization\r\n", "Connection: Cookie\r\n",
		"Keep-Alive: Remote-User\r\nConnection: keep-alive, Remote-Email\r\n",
	} {
		send("/home", v.CookieHeader()+lines)
	}
	seen := g.Upstream.Seen()[before:]
	if n := noEvil(t, seen); n != sent {
		t.Errorf("%d requests reached the upstream, %d were sent", n, sent)
	}
	for _, s := range seen {
		id, err := harness.IdentityOf(s.Header)
		if s.URI == "/home" && (err != nil || id.Email != "jo@example.org" || len(s.Header["Remote-User"]) != 1) {
			t.Errorf("the upstream was told %v, %v", s.Header, err)
		}
		if s.URI != "/home" && id.User+id.Email+s.Header.Get("Authorization") != "" {
			t.Errorf("%s: a public path has an identity: %v", s.URI, s.Header)
		}
		for _, c := range s.Header["Cookie"] {
			if strings.Contains(c, "gatelatch") {
				t.Errorf("%s: the gate's cookie reached the upstream", s.URI)
			}
		}
	}
}

func TestForgedTrailersNeverArrive(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	before := g.Upstream.Count()
	a, err := g.Raw("POST /notes HTTP/1.1\r\nHost: "+strings.TrimPrefix(g.URL(), "http://")+"\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"+
		"Trailer: Remote-User, Remote-Email\r\n"+v.CookieHeader()+"\r\n3\r\nabc\r\n0\r\nRemote-User: evil\r\nRemote-Email: evil\r\n\r\n", harness.Patience)
	if err != nil || a.Status != 200 {
		t.Fatalf("%+v %v", a, err)
	}
	seen := g.Upstream.Seen()[before:]
	noEvil(t, seen)
	if seen[0].Body != "abc" {
		t.Errorf("the body became %q", seen[0].Body)
	}
}

func TestCookiesOfTheAppArriveWhole(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	v.SetCookie("theme", "dark")
	v.SetCookie("cart", "a%3D1")
	if _, err := v.Fetch("/who"); err != nil {
		t.Fatal(err)
	}
	seen := g.Upstream.Seen()
	got := strings.Join(seen[len(seen)-1].Header["Cookie"], "; ")
	if got != "theme=dark; cart=a%3D1" && got != "cart=a%3D1; theme=dark" {
		t.Errorf("the app's cookies became %q", got)
	}
}

func TestTwoSessionCookiesAreNone(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	jo, al := g.NewVisitor(), g.NewVisitor()
	for v, address := range map[*harness.Visitor]string{jo: "jo@example.org", al: "al@example.org"} {
		if err := v.SignIn("/home", address); err != nil {
			t.Fatal(err)
		}
	}
	session, client := "gatelatch_session=", "gatelatch_client="
	js, jc := session+jo.Cookie("gatelatch_session"), client+jo.Cookie("gatelatch_client")
	as, ac := session+al.Cookie("gatelatch_session"), client+al.Cookie("gatelatch_client")
	before := g.Upstream.Count()
	for what, cookies := range map[string]string{
		"two sessions": js + "; " + as + "; " + jc, "the same twice": js + "; " + js + "; " + jc, "two clients": js + "; " + jc + "; " + ac,
		"halves of two": js + "; " + ac, "no client": js, "no session": jc, "swapped": session + jc[len(client):] + "; " + client + js[len(session):],
		"cut short": js[:len(js)-1] + "; " + jc, "one letter off": js[:len(js)-2] + "AA; " + jc, "longer": js + "A; " + jc,
		"other case": strings.ToUpper(js[:len(session)-1]) + js[len(session)-1:] + "; " + jc, "quoted": session + `"` + js[len(session):] + `"; ` + jc,
		"empty": session + "; " + jc,
	} {
		a, err := g.Raw("GET /who HTTP/1.1\r\nHost: "+strings.TrimPrefix(g.URL(), "http://")+"\r\nConnection: close\r\nCookie: "+cookies+"\r\n\r\n", harness.Patience)
		if err != nil || a.Status != 401 {
			t.Errorf("%s: %d %v", what, a.Status, err)
		}
	}
	if n := g.Upstream.Count(); n != before {
		t.Errorf("%d of these requests reached the upstream", n-before)
	}
}
