// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

const mark = "forged-8c1f"

var jar = session.NewJar(true, "", 7*24*time.Hour)

// identity is a site that tells its upstream more than the default headers.
func identity() *gate.Identity {
	return gate.NewIdentity(map[string]session.Field{
		"Remote-User": session.UserID, "Remote-Email": session.UserEmail, "Remote-Phone": session.UserPhone,
		"Remote-Name": session.UserName, "X-Webauth.User": session.UserID, "_Session": session.SessionID,
		"X-" + strings.Repeat("Long-", 20) + "User": session.UserID,
	}, "Authorization", jar)
}

func ownHeaders() []string {
	return []string{
		"Remote-User", "Remote-Email", "Remote-Phone", "Remote-Name", "Remote-Groups", "Remote-Anything-At-All",
		"Remote-" + strings.Repeat("x", 100), "Authorization", "Forwarded", "X-Webauth-User", "-Session",
		"X-" + strings.Repeat("Long-", 20) + "User",
	}
}

// misspellings are the ways to write a header name that some upstream, or
// something on the way to it, reads as that name.
func misspellings(name string) []string {
	swapped := []byte(name)
	for i, c := range swapped {
		if i%2 == 1 && c|0x20 >= 'a' && c|0x20 <= 'z' {
			swapped[i] = c ^ 0x20
		}
	}
	under, dot := strings.ReplaceAll(name, "-", "_"), strings.ReplaceAll(name, "-", ".")
	return []string{
		name, strings.ToLower(name), strings.ToUpper(name), string(swapped), under, strings.ToLower(under), strings.ToUpper(under),
		dot, strings.ToUpper(dot), strings.Replace(name, "-", "_", 1), strings.Replace(name, "-", ".", 1),
		strings.Replace(strings.Replace(name, "-", "_", 1), "-", ".", 1), strings.ToUpper(strings.Replace(name, "-", "_", 1)),
	}
}

// dump writes a request out as the upstream would see it.
func dump(r *http.Request) string {
	var b strings.Builder
	_ = r.Header.Write(&b)
	for name, values := range r.Trailer {
		b.WriteString(name + strings.Join(values, ","))
	}
	return b.String()
}

func TestForgedIdentityNeverArrives(t *testing.T) {
	id := identity()
	for _, name := range ownHeaders() {
		for _, spelling := range misspellings(name) {
			raw := httptest.NewRequest(http.MethodGet, "/", nil)
			raw.Header[spelling] = []string{mark} // as a front server may hand it on
			set := httptest.NewRequest(http.MethodGet, "/", nil)
			set.Header.Set(spelling, mark) // as net/http reads it
			twice := httptest.NewRequest(http.MethodGet, "/", nil)
			twice.Header[spelling] = []string{"a", mark}
			twice.Header[strings.ToLower(spelling)] = []string{mark, ""}
			trailer := httptest.NewRequest(http.MethodPost, "/", nil)
			trailer.Trailer = http.Header{spelling: {mark}}
			trailer.Header.Set("Trailer", spelling)
			for form, r := range map[string]*http.Request{"raw": raw, "canonical": set, "twice": twice, "trailer": trailer} {
				id.Strip(r)
				if out := dump(r); strings.Contains(out, mark) {
					t.Errorf("%s (%s) arrives:\n%s", spelling, form, out)
				}
			}
		}
	}
}

func TestOtherHeadersStay(t *testing.T) {
	id := identity()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	stay := []string{
		"Accept", "User-Agent", "X-Remote-User", "Remot-User", "RemoteUser", "Remote", "Authorization-Info", "Proxy-Authorization", "X-Forwarded-For",
		"X-Webauth-Users", "Session", "Etag", "_remote", "", "Origin", "Referer", strings.Repeat("r", 200),
	}
	for _, name := range stay {
		r.Header[name] = []string{"kept"}
	}
	id.Strip(r)
	for _, name := range stay {
		if len(r.Header[name]) != 1 || r.Header[name][0] != "kept" {
			t.Errorf("%q is gone", name)
		}
	}
}

func TestHopByHopListsCannotRemoveIdentity(t *testing.T) {
	id := identity()
	for _, row := range []struct{ sent, kept []string }{
		{[]string{"keep-alive"}, []string{"keep-alive"}},
		{[]string{"Upgrade"}, []string{"Upgrade"}},
		{[]string{"close, Remote-User"}, []string{"close"}},
		{[]string{"remote_user"}, nil},
		{[]string{"REMOTE.EMAIL , ,"}, nil},
		{[]string{"keep-alive, Authorization, Upgrade"}, []string{"keep-alive, Upgrade"}},
		{[]string{"Upgrade", "Remote-User", "cookie"}, []string{"Upgrade"}},
		{[]string{"forwarded", "x-webauth_user", "\tRemote-Name\t"}, nil},
		{[]string{"keep-alive, Upgrade"}, []string{"keep-alive, Upgrade"}},
		{[]string{"x-custom"}, []string{"x-custom"}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Connection"] = row.sent
		id.Strip(r)
		if got := r.Header["Connection"]; strings.Join(got, "|") != strings.Join(row.kept, "|") || len(got) != len(row.kept) {
			t.Errorf("%q becomes %q, want %q", row.sent, got, row.kept)
		}
	}
}

// principal is somebody with an e-mail address and no phone number.
func live(t *testing.T, phone bool) *session.Live {
	t.Helper()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tokens := session.Tokens{}
	client, sess := tokens.New(session.ClientToken), tokens.New(session.SessionToken)
	u := gatelatch.User{ID: "user_1", FirstName: "Jo", Addresses: []gatelatch.Address{{
		Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.com"}, Display: "Jo@example.com", Primary: true,
	}}}
	if phone {
		u.Addresses = append(u.Addresses, gatelatch.Address{
			Identifier: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12015550123"}, Display: "+12015550123", Primary: true,
		})
	}
	m := session.NewManager(session.Config{Tokens: tokens, Repo: one{session.Principal{
		User: u, Client: gatelatch.Client{ID: "client_1", TokenHash: client.Hash()},
		Session: gatelatch.Session{
			ID: "sess_1", UserID: "user_1", ClientID: "client_1", TokenHash: sess.Hash(), Status: gatelatch.SessionActive,
			CreatedAt: now, LastActiveAt: now, ExpireAt: now.Add(time.Hour),
		},
	}}})
	l, err := m.Authenticate(t.Context(), session.Cookies{Client: client.Reveal(), Session: sess.Reveal()}, time.Hour, now)
	if err != nil || l == nil {
		t.Fatal("no session", err)
	}
	return l
}

func TestAdmitTellsWhoItIs(t *testing.T) {
	id := identity()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Remote-Phone", mark)
	r.Header.Set("Authorization", "Basic "+mark)
	id.Strip(r)
	id.Admit(r, live(t, false), []string{"Bearer token"})
	for name, want := range map[string]string{
		"Remote-User": "user_1", "Remote-Email": "Jo@example.com", "Remote-Name": "Jo", "Authorization": "Bearer token", "X-Webauth.user": "user_1",
	} {
		if got := r.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got, ok := r.Header["Remote-Phone"]; ok {
		t.Errorf("somebody without a number has %q", got)
	}
	quiet := gate.NewIdentity(map[string]session.Field{"Remote-User": session.UserID}, "", jar)
	r = httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Basic of the app")
	quiet.Strip(r)
	quiet.Admit(r, live(t, false), nil)
	if r.Header.Get("Authorization") != "Basic of the app" {
		t.Error("a site without a token must leave Authorization to its upstream")
	}
}

// What one request appends or edits must not show in another one of the same session.
func TestIdentityIsNotSharedBetweenRequests(t *testing.T) {
	id, l := identity(), live(t, true)
	first, second := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRequest(http.MethodGet, "/", nil)
	id.Admit(first, l, nil)
	id.Admit(second, l, nil)
	for _, name := range []string{"Remote-User", "Remote-Email", "Remote-Phone", "Remote-Name"} {
		if values := first.Header[name]; len(values) > 0 {
			values[0] += mark // as Caddy's headers handler replaces text
		}
		first.Header.Add(name, mark)
	}
	if out := dump(second); strings.Contains(out, mark) || l.Value(session.UserEmail) != "Jo@example.com" {
		t.Errorf("a header added to one request is in another:\n%s", out)
	}
}

// The one allocation is the request's own list of values.
func TestStripAndAdmitAllocateOnce(t *testing.T) {
	id := gate.NewIdentity(map[string]session.Field{
		"Remote-User": session.UserID, "Remote-Email": session.UserEmail, "Remote-Phone": session.UserPhone, "Remote-Name": session.UserName,
	}, "Authorization", jar)
	l, token := live(t, true), []string{"Bearer token"}
	cookie := jar.Client + "=" + strings.Repeat("a", 64) + "; " + jar.Session + "=" + strings.Repeat("b", 64)
	template := httptest.NewRequest(http.MethodGet, "/", nil)
	r := template.Clone(t.Context())
	values := []string{""}
	for name, line := range map[string]string{"own cookies last": "theme=dark; " + cookie, "own cookies first": cookie + "; theme=dark", "own cookies only": cookie} {
		got := testing.AllocsPerRun(200, func() {
			clear(r.Header)
			values[0] = line
			r.Header["Cookie"], r.Header["Accept"], r.Header["Referer"] = values[:1], token, token
			id.Strip(r)
			id.Admit(r, l, token)
		})
		if got > 1 {
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}
