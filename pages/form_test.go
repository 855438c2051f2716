// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParseForm(t *testing.T) {
	for body, want := range map[string]form{
		"":                        {},
		"a=b":                     {"a": "b"},
		"a=b&c=":                  {"a": "b", "c": ""},
		"a":                       {"a": ""},
		"a=b&&c=d&":               {"a": "b", "c": "d"},
		"code=12+34%2056":         {"code": "12 34 56"},
		"name=J%C3%BCrgen":        {"name": "Jürgen"},
		"name=Jürgen":             {"name": "Jürgen"},
		"text=a%0D%0Ab%09c":       {"text": "a\r\nb\tc"},
		"a=b=c":                   {"a": "b=c"},
		"%61=%62":                 {"a": "b"},
		"=x":                      {"": "x"},
		strings.Repeat("&", 99):   {},
		"x=%EF%BF%BD":             {"x": "\ufffd"},
		"x=%F0%9F%94%91&y=%E2%80": nil,
		"a=b&a=b":                 nil,
		"a=b&%61=c":               nil,
		"a&a":                     nil,
		"a=%00":                   nil,
		"a%00=b":                  nil,
		"a=\x00":                  nil,
		"a=%1f":                   nil,
		"a=%7F":                   nil,
		"a=%ff":                   nil,
		"a=\xff":                  nil,
		"a=%":                     nil,
		"a=%g0":                   nil,
		"a=b;c=d":                 nil,
		strings.Repeat("&", 100):  nil,
	} {
		got, ok := parseForm(body)
		if ok != (want != nil) || ok && !maps.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", body, got, ok, want)
		}
	}
}

func TestGivenFieldsAreToldFromMissingOnes(t *testing.T) {
	f := form{"empty": "", "full": "x"}
	if got := f.given("empty"); got == nil || *got != "" {
		t.Errorf("an empty field: %v", got)
	}
	if got := f.given("full"); got == nil || *got != "x" {
		t.Errorf("a full field: %v", got)
	}
	if got := f.given("missing"); got != nil {
		t.Errorf("a missing field: %v", *got)
	}
}

func TestFormsComeBackAsTheyWereSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("aZ09 &=%;+\t\r\n'\"<>é漢🔑\u202e\ufffd")))
		sent := rapid.MapOfN(text, text, 0, 90).Draw(t, "fields")
		values := url.Values{}
		for name, value := range sent {
			values.Set(name, value)
		}
		got, ok := parseForm(values.Encode())
		if !ok || !maps.Equal(got, form(sent)) {
			t.Errorf("%q: %q, %v", sent, got, ok)
		}
	})
}

func FuzzParseForm(f *testing.F) {
	for _, body := range []string{
		"form_token=x&identifier=jo%40example.com&step=identify", "a=b&a=b", "a=%00", "a=%ff", "a=\x00", "%", "a;b", "&&&", "=", "a=%EF%BF%BD",
		strings.Repeat("a=b&", 120), "a=%0d%0a&b=%7f&c=%c2%80",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, ok := parseForm(body)
		if !ok {
			if got != nil {
				t.Errorf("%q is refused with %q", body, got)
			}
			return
		}
		if len(got) > maxFields {
			t.Errorf("%d fields", len(got))
		}
		values := url.Values{}
		for name, value := range got {
			for _, s := range []string{name, value} {
				if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x01\x07\x08\x0b\x0c\x1b\x1f\x7f") {
					t.Errorf("%q lets %q through", body, s)
				}
			}
			values.Set(name, value)
		}
		again, ok := parseForm(values.Encode())
		if !ok || !maps.Equal(again, got) {
			t.Errorf("%q becomes %q and then %q", body, got, again)
		}
	})
}
