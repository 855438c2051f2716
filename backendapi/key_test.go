// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/session"
)

func bearer(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header["Authorization"] = []string{value} }
}

func without(r *http.Request) { r.Header.Del("Authorization") }

// patience keeps the limit of wrong keys out of a test that is not about it.
func patience(w *world) {
	n := 0
	w.handler.ClientIP = func(*http.Request) netip.Addr { n++; return netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), 1}) }
}

// concrete puts ids into a pattern.
func concrete(pattern string) string {
	return strings.NewReplacer("{id}", "user_01abcdefgh", "{template}", "t", "{provider}", "p", "{passkey_id}", "psk_1").Replace(pattern)
}

func TestNoRouteIsOpenWithoutAKey(t *testing.T) {
	w := newWorld(t)
	patience(w)
	if len(backendapi.Routes()) < 60 {
		t.Fatalf("only %d routes", len(backendapi.Routes()))
	}
	for _, r := range backendapi.Routes() {
		w.refused(401, gatelatch.CodeKeyInvalid, "", r.Method, concrete(r.Path), nil, without)
		w.refused(401, gatelatch.CodeKeyInvalid, "", r.Method, concrete(r.Path), "{", bearer("Bearer "+key+"x"))
	}
	w.refused(401, gatelatch.CodeKeyInvalid, "", "GET", "/nothing/at/all", nil, without)
	if seen := w.seen(); len(seen) > 0 {
		t.Errorf("told of %v", seen)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	w := newWorld(t)
	patience(w)
	ada := w.user("ada@example.com")
	_, cookies := w.signedIn(ada.id())
	for _, value := range []string{
		"", "Bearer", "Bearer ", "Bearer  ", key, "Basic " + key, "Bearer " + key[:len(key)-1], "Bearer " + key + "0", "Bearer " + key[1:],
		"Bearer " + strings.ToUpper(key), "Bearer " + key + " " + key, "Bearer null", "Bearer undefined", "Bearer " + key + "," + spare,
		"Bearer " + cookies.Session, "Bearer " + cookies.Client, "Token " + key, "Bearer " + strings.Repeat("a", 8000),
	} {
		w.refused(401, gatelatch.CodeKeyInvalid, "", "GET", "/users", nil, bearer(value))
	}
	w.refused(401, gatelatch.CodeKeyInvalid, "", "GET", "/users", nil, func(r *http.Request) {
		r.Header["Authorization"] = []string{"Bearer " + key, "Bearer " + key}
	})
	for _, value := range []string{"Bearer " + key, "bearer " + spare, "BEARER  " + key} {
		if a := w.send("GET", "/users", nil, bearer(value)); a.status != 200 {
			t.Errorf("%s: %d", value[:8], a.status)
		}
	}
}

// Whoever is signed in at the gate is nobody here, and a page in a browser is told
// so whatever it brings.
func TestCookiesAndPagesOpenNothing(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com")
	_, cookies := w.signedIn(ada.id())
	jar := session.NewJar(true, "", time.Hour)
	signedIn := func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: jar.Client, Value: cookies.Client})
		r.AddCookie(&http.Cookie{Name: jar.Session, Value: cookies.Session})
	}
	w.refused(401, gatelatch.CodeKeyInvalid, "", "GET", "/users", nil, without, signedIn)
	for _, origin := range []string{"https://app.example.com", "https://friend.example", "https://evil.example", "null", ""} {
		from := func(r *http.Request) { r.Header["Origin"] = []string{origin} }
		a := w.refused(400, gatelatch.CodeOriginInvalid, "", "GET", "/users", nil, from)
		w.refused(400, gatelatch.CodeOriginInvalid, "", "OPTIONS", "/users", nil, from, without)
		if a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%v", a.header)
		}
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	for _, path := range []string{
		"/", "", "/nothing", "/users/user_1/nothing", "/users/" + ada + "/../" + ada, "/users//" + ada, "/users/./" + ada, "/users/%2e%2e/users",
		"/users/" + ada + "%2f..%2fsessions", "/users/..%2f..%2fetc", "/users/sess_01abcdefgh", "/users/ada@example.com", "/users/user_",
		"/users/user_" + strings.Repeat("a", 65), "/users/user_%00", "/users/user_1;drop", "/users/user_01abcdefgh", "/sessions/sess_1", "/clients/client_1",
		"/email_addresses/idn_1", "/users/%E2%80%AE", "/sign_ups/sua_1", "/actor_tokens", "/organizations/org_1", "/users/" + ada + "//ban",
	} {
		w.refused(404, gatelatch.CodeNotFound, "", "GET", path, nil)
	}
	for _, id := range []string{"sess_01abcdefgh", "idn_01abcdefgh"} { // commands take addresses too; this does not
		w.refused(404, gatelatch.CodeNotFound, "", "DELETE", "/users/"+id, nil)
		w.refused(404, gatelatch.CodeNotFound, "", "POST", "/users/"+id+"/ban", nil)
	}
	a := w.refused(405, gatelatch.CodeMethod, "", "PUT", "/users", nil)
	if allow := a.header.Get("Allow"); allow != "GET, POST" {
		t.Errorf("allowed are %s", allow)
	}
	w.refused(405, gatelatch.CodeMethod, "", "GET", "/users/"+ada+"/ban", nil)
	w.refused(405, gatelatch.CodeMethod, "", "TRACE", "/users", nil)
	w.ok("GET", "/users/", nil)
}

// raw sends bytes as they are, and returns the first line of the answer.
func raw(t *testing.T, w *world, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, request)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func TestPathsThatNoClientWouldSend(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{base + "/v1/../v1/users", base + "/v1//users", base + "/v1/users/../users", "//" + base + "/v1/users", base + "/v1/users%00"} {
		line := raw(t, w, "GET "+path+" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "+key+"\r\nConnection: close\r\n\r\n")
		if !strings.Contains(line, " 404 ") && !strings.Contains(line, " 400 ") {
			t.Errorf("%s: %s", path, line)
		}
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for _, row := range []struct {
		name, body string
		status     int
		code       gatelatch.Code
		param      string
	}{
		{"half an object", `{"first_name":`, 400, "request_body_invalid", ""},
		{"two objects", `{}{}`, 400, "request_body_invalid", ""},
		{"a form", "first_name=Ada", 400, "request_body_invalid", ""},
		{"a list", `[]`, 400, "request_body_invalid", ""},
		{"a text", `"a"`, 400, "request_body_invalid", ""},
		{"no UTF-8", "{\"first_name\":\"\xff\"}", 400, "request_body_invalid", ""},
		{"of another kind", `{"first_name":1}`, 422, gatelatch.CodeFormat, "first_name"},
		{"a time that is none", `{"created_at":"yesterday"}`, 422, gatelatch.CodeFormat, "created_at"},
		{"too large", `{"first_name":"` + strings.Repeat("a", 1<<20) + `"}`, 413, gatelatch.CodeTooLong, ""},
		{"a bomb", `{"public_metadata":` + strings.Repeat("[", 1<<19) + strings.Repeat("]", 1<<19-100) + `}`, 400, "request_body_invalid", ""},
		{"a bag too deep", `{"public_metadata":` + deep[:] + `}`, 400, "request_body_invalid", ""},
		{"a bag that is too large", `{"public_metadata":{"a":"` + strings.Repeat("a", 9000) + `"}}`, 422, gatelatch.CodeMetadata, "public_metadata"},
		{"a bag that is none", `{"unsafe_metadata":[1]}`, 422, gatelatch.CodeMetadata, "unsafe_metadata"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.refused(row.status, row.code, row.param, "PATCH", "/users/"+ada, row.body)
		})
	}
	for _, body := range []string{"", "  \n", "{}", "null"} {
		w.ok("PATCH", "/users/"+ada, body)
	}
	w.refused(400, "request_body_invalid", "", "POST", "/invitations/bulk", "{}")
}

func TestLimits(t *testing.T) {
	w := newWorld(t)
	for i := range 31 {
		a := w.send("GET", "/users", nil, bearer("Bearer wrong"))
		if want := 401; i < 30 && a.status != want {
			t.Fatalf("the try %d was answered with %d", i+1, a.status)
		}
		if i == 30 {
			a.mustRefuse(429, gatelatch.CodeTooManyRequests, "")
			if a.header.Get("Retry-After") == "" {
				t.Error("it does not say how long to wait")
			}
		}
	}
	w.ok("GET", "/instance", nil) // the right one is let in all the same
	for range 999 {
		w.ok("GET", "/instance", nil)
	}
	a := w.refused(429, gatelatch.CodeTooManyRequests, "", "GET", "/instance", nil)
	if a.header.Get("Retry-After") == "" {
		t.Error("it does not say how long to wait")
	}
	if a := w.send("GET", "/instance", nil, bearer("Bearer "+spare)); a.status != 200 {
		t.Errorf("another key has a budget of its own: %d", a.status)
	}
	w.gate.Clock.Advance(11 * time.Second)
	w.ok("GET", "/instance", nil)
}

func TestWhatIsToldOfChanges(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada@example.com").id()
	w.ok("GET", "/users/"+ada, nil)
	w.send("POST", "/users/"+ada+"/ban", nil, bearer("Bearer "+spare))
	w.send("DELETE", "/users/user_01abcdefgh", nil)
	ip := netip.MustParseAddr("192.0.2.1")
	want := []backendapi.Change{
		{Key: "main", Method: "POST", Path: "/users", ID: ada, Status: 200, IP: ip},
		{Key: "spare", Method: "POST", Path: "/users/{id}/ban", ID: ada, Status: 200, IP: ip},
		{Key: "main", Method: "DELETE", Path: "/users/{id}", ID: "user_01abcdefgh", Status: 404, IP: ip},
	}
	if got := w.seen(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
}
