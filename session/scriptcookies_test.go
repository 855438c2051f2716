// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

var scripts = session.ScriptCookies{Suffix: "aB-_1234", Secure: true}

func TestScriptCookiesAsBrowsersGetThem(t *testing.T) {
	const end = "; Path=/; Max-Age=31536000; Secure; SameSite=Lax"
	for _, row := range []struct {
		name string
		c    session.ScriptCookies
		set  func(c session.ScriptCookies, h http.Header)
		want []string
	}{
		{
			"a token, bound to the host and open to scripts", scripts,
			func(c session.ScriptCookies, h http.Header) { c.SetToken(h, "a.b.c") },
			[]string{"__session=a.b.c" + end, "__session_aB-_1234=a.b.c" + end},
		},
		{
			"a change", scripts,
			func(c session.ScriptCookies, h http.Header) { c.SetUpdatedAt(h, 1700000000) },
			[]string{"__client_uat=1700000000" + end, "__client_uat_aB-_1234=1700000000" + end},
		},
		{
			"a change for subdomains",
			session.ScriptCookies{Suffix: "x", Domain: "example.com"},
			func(c session.ScriptCookies, h http.Header) { c.SetUpdatedAt(h, 1); c.SetToken(h, "t") },
			[]string{
				"__client_uat=1; Path=/; Domain=example.com; Max-Age=31536000; SameSite=Lax",
				"__client_uat_x=1; Path=/; Domain=example.com; Max-Age=31536000; SameSite=Lax",
				"__session=t; Path=/; Max-Age=31536000; SameSite=Lax", "__session_x=t; Path=/; Max-Age=31536000; SameSite=Lax",
			},
		},
		{
			"nobody", scripts,
			func(c session.ScriptCookies, h http.Header) { c.Clear(h) },
			[]string{
				"__session=; Path=/; Max-Age=0; Secure; SameSite=Lax", "__session_aB-_1234=; Path=/; Max-Age=0; Secure; SameSite=Lax",
				"__client_uat=0" + end, "__client_uat_aB-_1234=0" + end,
			},
		},
		{
			"what is said last", scripts,
			func(c session.ScriptCookies, h http.Header) {
				h.Add("Set-Cookie", "other=1")
				c.Clear(h)
				h.Add("Set-Cookie", "__session_other=1")
				c.SetToken(h, "new")
				c.SetUpdatedAt(h, 7)
			},
			[]string{
				"other=1", "__session_other=1", "__session=new" + end, "__session_aB-_1234=new" + end,
				"__client_uat=7" + end, "__client_uat_aB-_1234=7" + end,
			},
		},
	} {
		h := http.Header{}
		row.set(row.c, h)
		if got := h["Set-Cookie"]; !slices.Equal(got, row.want) {
			t.Errorf("%s:\n got %q\nwant %q", row.name, got, row.want)
		}
	}
}

func TestJarClearsScriptCookies(t *testing.T) {
	j, h := session.NewJar(true, "", time.Hour), http.Header{}
	j.ClearSession(h)
	if len(h["Set-Cookie"]) != 1 {
		t.Errorf("without: %q", h["Set-Cookie"])
	}
	j.Scripts, h = &scripts, http.Header{}
	j.ClearSession(h)
	if got := strings.Join(h["Set-Cookie"], "\n"); len(h["Set-Cookie"]) != 5 || !strings.Contains(got, "__session=;") || !strings.Contains(got, "__client_uat_aB-_1234=0;") {
		t.Errorf("with: %s", got)
	}
}

func TestUpdatedAt(t *testing.T) {
	for cookie, want := range map[string]bool{
		"":                        false,
		"__client_uat=5":          false,
		"__client_uat_aB-_1234=5": false,
		"__client_uat=5; __client_uat_aB-_1234=5":                   true,
		"a=b;__client_uat_aB-_1234=5;__client_uat=5 ":               true,
		"__client_uat=5; __client_uat_aB-_1234=6":                   false,
		"__client_uat=05; __client_uat_aB-_1234=5":                  false,
		"__client_uat=+5; __client_uat_aB-_1234=5":                  false,
		"__client_uat=5; __client_uat=5; __client_uat_aB-_1234=5":   false,
		"__client_uat=5; __client_uat_aB-_1234=5; __client_uat_x=6": true,
		"__Client_uat=5; __client_uat_ab-_1234=5":                   false,
		`__client_uat="5"; __client_uat_aB-_1234=5`:                 false,
	} {
		if got := scripts.UpdatedAt(http.Header{"Cookie": {cookie}}, 5); got != want {
			t.Errorf("%q: %v", cookie, got)
		}
	}
	if !scripts.UpdatedAt(http.Header{"Cookie": {"__client_uat=0", "__client_uat_aB-_1234=0"}}, 0) {
		t.Error("two lines")
	}
}

func TestReplaceTellsTheUpstream(t *testing.T) {
	const told = "__session=T; __session_aB-_1234=T; __client_uat=9; __client_uat_aB-_1234=9"
	for _, row := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"nothing", nil, told},
		{"what the browser says", []string{"__session=F; __session_aB-_1234=F; __client_uat=1; __client_uat_aB-_1234=1"}, told},
		{"others stay", []string{"a=b; __session=F; c=d=e"}, "a=b; c=d=e; " + told},
		{"of another app", []string{"__session_other123=O; __client_uat_other123=3"}, "__session_other123=O; __client_uat_other123=3; " + told},
		{"longer names", []string{"__sessions=1; __session_aB-_12345=2; x__session=3"}, "__sessions=1; __session_aB-_12345=2; x__session=3; " + told},
		{"twice", []string{"__session=F; a=b; __session=G", "__client_uat=1; c=d"}, "a=b; c=d; " + told},
		{"in other case and white space", []string{" __SESSION =F;\t__Client_Uat=1;__session_AB-_1234=F; a=b "}, "a=b; " + told},
		{"without a value", []string{"__session; __client_uat; a"}, "a; " + told},
		{"empty pieces", []string{";; ;__session=F;;", ""}, told},
	} {
		h := http.Header{"Cookie": row.lines}
		scripts.Replace(h, "T", 9)
		if got := h["Cookie"]; len(got) != 1 || got[0] != row.want {
			t.Errorf("%s:\n got %q\nwant %q", row.name, got, row.want)
		}
		h = http.Header{"Cookie": row.lines}
		scripts.Replace(h, "", 9)
		want := strings.Replace(row.want, told, "__client_uat=0; __client_uat_aB-_1234=0", 1)
		if got := h["Cookie"]; len(got) != 1 || got[0] != want {
			t.Errorf("%s, nobody:\n got %q\nwant %q", row.name, got, want)
		}
	}
}

// pairsOf reads Cookie lines as an upstream does.
func pairsOf(lines []string) (pairs []string) {
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.Trim(pair, " \t"); pair != "" {
				pairs = append(pairs, pair)
			}
		}
	}
	return pairs
}

// scripted reports the name of a script cookie, in any spelling.
func scripted(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	name = strings.ToLower(strings.Trim(name, " \t"))
	return slices.Contains([]string{"__session", "__session_ab-_1234", "__client_uat", "__client_uat_ab-_1234"}, name)
}

// checkReplaced holds Replace to its promise: each cookie once and as told, and
// every other one as it was.
func checkReplaced(t rapid.TB, lines []string) {
	t.Helper()
	others := slices.DeleteFunc(pairsOf(lines), scripted)
	h := http.Header{"Cookie": slices.Clone(lines)}
	scripts.Replace(h, "T", 9)
	want := append(others, "__session=T", "__session_aB-_1234=T", "__client_uat=9", "__client_uat_aB-_1234=9")
	if got := pairsOf(h["Cookie"]); len(h["Cookie"]) != 1 || !slices.Equal(got, want) {
		t.Fatalf("%q became %q", lines, h["Cookie"])
	}
	if !scripts.UpdatedAt(h, 9) {
		t.Fatalf("%q is not what was told", h["Cookie"])
	}
}

func TestReplaceProperty(t *testing.T) {
	name := rapid.SampledFrom([]string{"__session", "__session_aB-_1234", "__client_uat", "__client_uat_aB-_1234", "__SESSION", "a", "__session_", ""})
	piece := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "space") + name.Draw(t, "name") + rapid.SampledFrom([]string{"", "=", "=v", "=a=b", " =v"}).Draw(t, "value")
	})
	line := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), rapid.SampledFrom([]string{";", "; "}).Draw(t, "by"))
	})
	rapid.Check(t, func(t *rapid.T) { checkReplaced(t, rapid.SliceOfN(line, 0, 3).Draw(t, "lines")) })
}

func FuzzScriptCookies(f *testing.F) {
	for _, s := range []string{"", ";", "__session=a; b=c", "__client_uat;=;", "__session_aB-_1234 = x;\t__SESSION", "=__session"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) { checkReplaced(t, []string{a, b}) })
}

// renewed is what the gate does on a navigation: the cookies that a browser would
// hold afterwards, and how many it was sent.
func renewed(t *testing.T, m *session.Minter, l *session.Live, cookie string, now time.Time) (map[string]string, int) {
	t.Helper()
	answer := http.Header{}
	if err := scripts.Renew(answer, http.Header{"Cookie": {cookie}}, m, l, now); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, line := range answer["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		got[c.Name] = c.Value
	}
	return got, len(got)
}

func line(c map[string]string) string {
	var pairs []string
	for name, value := range c {
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, "; ")
}

func TestRenewGivesTrueCookies(t *testing.T) {
	m, l := forPrograms(t), someone(t)
	other := session.Signing{Now: noon}
	fresh, n := renewed(t, m, l, "", noon)
	if n != 4 || fresh["__session"] != fresh["__session_aB-_1234"] || fresh["__client_uat"] != fmt.Sprint(noon.Unix()) || fresh["__client_uat_aB-_1234"] != fmt.Sprint(noon.Unix()) {
		t.Fatalf("%v", fresh)
	}
	if c, ok := m.Verify(fresh["__session"], noon); !ok || c.SessionID != "sess_1" {
		t.Errorf("%+v", c)
	}
	change := func(name, value string) string {
		held := map[string]string{}
		for k, v := range fresh {
			held[k] = v
		}
		if held[name] = value; value == "" {
			delete(held, name)
		}
		return line(held)
	}
	theirs := sign(t, m, other)
	for _, row := range []struct {
		name, cookie string
		at           time.Duration
		want         int
	}{
		{"all is well", line(fresh), 0, 0},
		{"before half of its life", line(fresh), 30*time.Second - 1, 0},
		{"at half of its life", line(fresh), 30 * time.Second, 2},
		{"over", line(fresh), time.Hour, 2},
		{"one is missing", change("__session_aB-_1234", ""), 0, 2},
		{"one of another session", change("__session", theirs), 0, 2},
		{"both of another session", "__session=" + theirs + "; __session_aB-_1234=" + theirs, 0, 4},
		{"forged", "__session=a.b.c; __session_aB-_1234=a.b.c", 0, 4},
		{"twice", line(fresh) + "; __session=" + fresh["__session"], 0, 4},
		{"signed out elsewhere", change("__client_uat", "0"), 0, 2},
		{"no time", change("__client_uat_aB-_1234", "x"), 0, 2},
		{"a newer session of this client", "__session=" + fresh["__session"] + "; __session_aB-_1234=" + fresh["__session"] +
			fmt.Sprintf("; __client_uat=%d; __client_uat_aB-_1234=%[1]d", noon.Unix()+5), 5 * time.Second, 0},
		{"a time to come", "__session=" + fresh["__session"] + "; __session_aB-_1234=" + fresh["__session"] +
			fmt.Sprintf("; __client_uat=%d; __client_uat_aB-_1234=%[1]d", noon.Unix()+5), 4 * time.Second, 2},
	} {
		got, n := renewed(t, m, l, row.cookie, noon.Add(row.at))
		if n != row.want {
			t.Errorf("%s: %d cookies %v", row.name, n, got)
		}
		if token, ok := got["__session"]; ok {
			c, ok := m.Verify(token, noon.Add(row.at))
			if !ok || c.SessionID != "sess_1" || noon.Add(row.at).Sub(c.IssuedAt) > 30*time.Second {
				t.Errorf("%s: %+v", row.name, c)
			}
		}
	}
}

// What the upstream finds in its cookies is the very token of the header, minted
// once, and never older than the change it is told of.
func TestUpstreamCookiesAgreeWithTheHeader(t *testing.T) {
	m, l := forPrograms(t), someone(t)
	for _, headerFirst := range []bool{true, false} {
		now := noon
		if !headerFirst {
			now = noon.Add(time.Hour)
		}
		read := func() string {
			h := http.Header{"Cookie": {"a=b"}}
			if err := scripts.ReplaceFor(h, m, l, now); err != nil {
				t.Fatal(err)
			}
			return h["Cookie"][0]
		}
		var first string
		if !headerFirst {
			first = read()
		}
		token := gatelatch.Secret(strings.TrimPrefix(header(t, m, l, now)[0], "Bearer "))
		want := "a=b; __session=" + token.Reveal() + "; __session_aB-_1234=" + token.Reveal() +
			fmt.Sprintf("; __client_uat=%d; __client_uat_aB-_1234=%[1]d", noon.Unix())
		if got := read(); got != want || first != "" && first != want {
			t.Errorf("header first %v:\n got %q %q\nwant %q", headerFirst, first, got, want)
		}
	}
}

func TestScriptCookiesWithoutAKey(t *testing.T) {
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.RS256, Issuer: issuer}
	l, h := someone(t), http.Header{}
	if scripts.ReplaceFor(h, m, l, noon) == nil || scripts.Renew(h, http.Header{}, m, l, noon) == nil || len(h) != 0 {
		t.Errorf("%v", h)
	}
}
