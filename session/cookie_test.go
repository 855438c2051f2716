// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch/session"
)

var jar = session.NewJar(true, "", 7*24*time.Hour)

func TestJarNamesAndAttributes(t *testing.T) {
	tokens := session.Tokens{}
	for _, row := range []struct {
		name, domain, prefix string
		https                bool
	}{
		{"https", "", "__Host-", true},
		{"https for subdomains", "example.com", "__Secure-", true},
		{"plain http", "", "", false},
	} {
		j, h := session.NewJar(row.https, row.domain, 7*24*time.Hour), http.Header{}
		client, sess := tokens.New(session.ClientToken), tokens.New(session.SessionToken)
		j.SetClient(h, client)
		j.SetSession(h, sess)
		j.ClearSession(h)
		lines := h["Set-Cookie"]
		if len(lines) != 3 {
			t.Fatalf("%s: %q", row.name, lines)
		}
		secure, domain := "", ""
		if row.https {
			secure = "; Secure"
		}
		if row.domain != "" {
			domain = "; Domain=example.com"
		}
		end := "; HttpOnly" + secure + "; SameSite=Lax"
		want := []string{
			row.prefix + "gatelatch_client=" + client.Reveal() + "; Path=/" + domain + "; Max-Age=34560000" + end,
			row.prefix + "gatelatch_session=" + sess.Reveal() + "; Path=/" + domain + "; Max-Age=604800" + end,
			row.prefix + "gatelatch_session=; Path=/" + domain + "; Max-Age=0" + end,
		}
		if !slices.Equal(lines, want) {
			t.Errorf("%s:\n got %q\nwant %q", row.name, lines, want)
		}
	}
}

func TestReadFindsTheCookies(t *testing.T) {
	c, s := jar.Client, jar.Session
	for _, row := range []struct {
		name            string
		lines           []string
		client, session string
	}{
		{"none", nil, "", ""},
		{"others", []string{"a=b; c=d"}, "", ""},
		{"both", []string{c + "=C; " + s + "=S"}, "C", "S"},
		{"the other way round, among others", []string{"a=b; " + s + "=S; x; " + c + "=C;"}, "C", "S"},
		{"without spaces", []string{c + "=C;" + s + "=S"}, "C", "S"},
		{"more white space", []string{"\t" + c + "=C  ;  " + s + "=S\t"}, "C", "S"},
		{"one line each, as HTTP/2 has it", []string{c + "=C", "a=b", s + "=S"}, "C", "S"},
		{"two sessions", []string{s + "=S; " + s + "=T; " + c + "=C"}, "C", ""},
		{"two sessions of one value", []string{s + "=S", s + "=S"}, "", ""},
		{"an empty second session", []string{s + "=S; " + s + "="}, "", ""},
		{"a nameless second session", []string{s + "=S; " + s}, "", ""},
		{"three clients", []string{c + "=A; " + c + "=B; " + c + "=C; " + s + "=S"}, "", "S"},
		{"other case is another cookie", []string{strings.ToLower(s) + "=S; " + strings.ToUpper(c) + "=C"}, "", ""},
		{"the name without its prefix", []string{"gatelatch_session=S; __Secure-gatelatch_session=S"}, "", ""},
		{"a longer name", []string{s + "x=S; x" + s + "=S"}, "", ""},
		{"equals signs in the value", []string{s + "=S=T=="}, "", "S=T=="},
		{"quotes stay", []string{s + `="S"`}, "", `"S"`},
	} {
		got := jar.Read(http.Header{"Cookie": row.lines})
		if got.Client != row.client || got.Session != row.session {
			t.Errorf("%s: %+v", row.name, got)
		}
	}
}

func TestStripTakesOwnCookiesInEveryPosition(t *testing.T) {
	c, s := jar.Client+"=C", jar.Session+"=S"
	for in, want := range map[string]string{
		"":                                    "",
		s:                                     "",
		c + "; " + s:                          "",
		"a=b":                                 "a=b",
		"a=b; " + c + "; " + s:                "a=b",
		c + "; " + s + "; a=b":                "a=b",
		c + "; a=b; " + s:                     "a=b",
		"a=b; " + c + "; d=e":                 "a=b; d=e",
		"a=b; " + c + "; d=e; " + s + "; f=g": "a=b; d=e; f=g",
		"a=b;" + c + ";d=e;" + s + ";f=g":     "a=b;d=e;f=g",
		s + "; " + s + "; " + s:               "",
		jar.Session:                           "",
		jar.Session + "=; a=b":                "a=b",
		"a=" + s + "; b=c":                    "a=" + s + "; b=c",
		"x" + s + "; " + jar.Session + "x=1":  "x" + s + "; " + jar.Session + "x=1",
		`a="b; ` + s + `"; d=e`:               `a="b; d=e`,
		strings.ToLower(s) + "; a=b":          "a=b",
		strings.ToUpper(s) + "; a=b":          "a=b",
		jar.Session + " =S; a=b":              "a=b",
		jar.Session + "\t= S; a=b":            "a=b",
		"gatelatch_client=C; __Secure-gatelatch_session=S; __Host-gatelatch_session=T; a=b": "a=b", // of other sites
		"a=b; c;; =d; " + s: "a=b; c;; =d",
	} {
		h := http.Header{"Cookie": {in}}
		jar.Strip(h)
		if got := strings.Join(h["Cookie"], "|"); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	h := http.Header{"Cookie": {c, "a=b", s, c + "; d=e"}}
	if jar.Strip(h); !slices.Equal(h["Cookie"], []string{"a=b", "d=e"}) {
		t.Errorf("several lines become %q", h["Cookie"])
	}
	h = http.Header{"Cookie": {c, s}}
	if jar.Strip(h); len(h) != 0 {
		t.Errorf("own cookies alone leave %q", h)
	}
}

// pairs reads a Cookie header as any upstream would.
func pairs(lines []string) []string {
	var list []string
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.Trim(pair, " \t"); pair != "" {
				list = append(list, pair)
			}
		}
	}
	return list
}

// own reports a cookie that even a careless upstream could take for the gate's.
func own(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	name = strings.Trim(name, " \t")
	ascii := !strings.ContainsFunc(name, func(c rune) bool { return c > 0x7f })
	return ascii && (strings.EqualFold(name, jar.Client) || strings.EqualFold(name, jar.Session))
}

func checkStrip(t interface{ Errorf(string, ...any) }, lines []string) {
	before := pairs(lines)
	h := http.Header{"Cookie": slices.Clone(lines)}
	jar.Strip(h)
	if got := jar.Read(h); got != (session.Cookies{}) {
		t.Errorf("%q still holds %+v: %q", lines, got, h["Cookie"])
	}
	want := slices.DeleteFunc(before, own)
	if after := pairs(h["Cookie"]); !slices.Equal(after, want) {
		t.Errorf("%q becomes %q, want the cookies %q", lines, after, want)
	}
	joined := http.Header{"Cookie": {strings.Join(h["Cookie"], "; ")}}
	if got := jar.Read(joined); got != (session.Cookies{}) {
		t.Errorf("%q joined again holds %+v", lines, got)
	}
	for _, line := range h["Cookie"] {
		if line == "" {
			t.Errorf("%q leaves an empty line", lines)
		}
	}
}

func TestStripLeavesOtherCookiesAsTheyWere(t *testing.T) {
	part := rapid.SampledFrom([]string{
		jar.Client + "=C", jar.Session + "=S", jar.Session, "a=b", "a=b=c", `q="x y"`, "", " ", "=", "n", "\t", "é=ü", strings.ToLower(jar.Session) + "=x",
		jar.Session + " =x", "x" + jar.Session + "=1", jar.Client[2:] + "=1", "a=" + jar.Session,
	})
	sep := rapid.SampledFrom([]string{"; ", ";", " ;", ";;", "; ; ", ",", " "})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			var b strings.Builder
			for range rapid.IntRange(0, 6).Draw(t, "n") {
				b.WriteString(part.Draw(t, "part"))
				b.WriteString(sep.Draw(t, "sep"))
			}
			return b.String()
		}), 0, 3).Draw(t, "lines")
		checkStrip(t, lines)
	})
}

func FuzzStripCookies(f *testing.F) {
	f.Add("a=b; "+jar.Session+"=S", jar.Client+"=C")
	f.Add(jar.Session+" =S;;"+strings.ToLower(jar.Client), "")
	f.Add(`a="b; `+jar.Session+`=S"; c=d`, " ; \t;")
	f.Fuzz(func(t *testing.T, first, second string) {
		checkStrip(t, []string{first, second})
		checkStrip(t, []string{first})
	})
}
