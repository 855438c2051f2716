// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/session"
)

// gated is a gate with a live session in front of an upstream that answers
// with everything it was told.
func gated(t *testing.T) *httptest.Server {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, dump(r))
	}))
	t.Cleanup(upstream.Close)
	to, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	id, who, proxy := identity(), live(t, false), &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id.Strip(r)
		id.Admit(r, who, []string{"Bearer token"})
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(gate.Close)
	return gate
}

// exchange sends raw bytes and returns the body of the answer.
func exchange(t *testing.T, address, raw string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, raw); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d\n%s", answer.StatusCode, body)
}

func TestForgeryOverTheWire(t *testing.T) {
	address := gated(t).Listener.Addr().String()
	const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n"
	const body = "\r\n3\r\nabc\r\n0\r\nRemote-Phone: " + mark + "\r\nRemote_Phone: " + mark + "\r\n\r\n"
	for name, raw := range map[string]string{
		"declared trailer":   chunked + "Trailer: Remote-Phone" + body,
		"undeclared trailer": strings.TrimSuffix(chunked, "\r\n") + body,
		"obsolete folding":   "GET / HTTP/1.1\r\nHost: a\r\nX-Note: a\r\n Remote-Phone: " + mark + "\r\n\r\n",
		"space before colon": "GET / HTTP/1.1\r\nHost: a\r\nRemote-Phone : " + mark + "\r\n\r\n",
		"bare line feeds":    "GET / HTTP/1.1\nHost: a\nRemote-Phone: " + mark + "\n\n",
		"two lines":          "GET / HTTP/1.1\r\nHost: a\r\nremote-phone: a\r\nREMOTE_PHONE: " + mark + "\r\n\r\n",
	} {
		got := exchange(t, address, raw)
		if strings.Contains(strings.ReplaceAll(got, "X-Note: a Remote-Phone: "+mark, ""), mark) {
			t.Errorf("%s: the forged number arrives:\n%s", name, got)
		}
		if strings.HasPrefix(got, "200") && !strings.Contains(got, "Remote-User: user_1") {
			t.Errorf("%s: the true identity is gone:\n%s", name, got)
		}
	}
}

func TestConnectionHeaderOverTheWire(t *testing.T) {
	address := gated(t).Listener.Addr().String()
	got := exchange(t, address, "GET / HTTP/1.1\r\nHost: a\r\nCookie: theme=dark; "+jar.Session+"="+mark+"\r\n"+
		"Connection: close, Remote-User, remote-email, Authorization\r\nConnection: cookie\r\nForwarded: for=1.2.3.4\r\n\r\n")
	for _, want := range []string{"Remote-User: user_1", "Remote-Email: Jo@example.com", "Authorization: Bearer token", "Cookie: theme=dark\r\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for _, never := range []string{mark, "Forwarded", jar.Session} {
		if strings.Contains(got, never) {
			t.Errorf("%q arrives:\n%s", never, got)
		}
	}
}

func TestPlaceholdersAnswerOnlyTheirOwn(t *testing.T) {
	lookup := live(t, false).Placeholders()
	for key, want := range map[string]string{
		"http.auth.user.id": "user_1", "http.auth.user.email": "Jo@example.com", "http.auth.user.name": "Jo",
		"http.auth.user.session_id": "sess_1", "http.auth.user.phone": "",
	} {
		if got, ok := lookup(key); !ok || got != want {
			t.Errorf("%s: %v, %v", key, got, ok)
		}
	}
	for _, key := range []string{"", "http.auth.user.", "http.auth.user", "http.auth.user.token", "http.auth.user.ID", "user.id", "http.auth.users.id"} {
		if got, ok := lookup(key); ok {
			t.Errorf("%q is answered with %v", key, got)
		}
	}
	if len(session.Fields) != 5 {
		t.Error("a new field needs a placeholder and a row here")
	}
}
