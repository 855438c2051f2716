// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

var emails = identifier.Policy{Email: true}

func TestParseEmailAccepts(t *testing.T) {
	local64 := strings.Repeat("l", 64)
	domain189 := strings.Repeat("d", 63) + "." + strings.Repeat("d", 63) + "." + strings.Repeat("d", 58) + ".de"
	for _, c := range []struct{ name, input, value, display string }{
		{"plain", "name@example.com", "name@example.com", "name@example.com"},
		{"case of the local part is kept for delivery", "Jane.Doe@Example.COM", "jane.doe@example.com", "Jane.Doe@example.com"},
		{"white space around", " \t name@example.com\r\n", "name@example.com", "name@example.com"},
		{"no-break and ideographic space around", "\u00a0name@example.com\u3000", "name@example.com", "name@example.com"},
		{"a plus address is another address", "name+x@example.com", "name+x@example.com", "name+x@example.com"},
		{"dots are not folded", "n.a.me@gmail.com", "n.a.me@gmail.com", "n.a.me@gmail.com"},
		{"every sign of atext", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"one letter", "a@b.co", "a@b.co", "a@b.co"},
		{"domain in Unicode", "Jo@BÜCHER.de", "jo@xn--bcher-kva.de", "Jo@xn--bcher-kva.de"},
		{"the same domain in ASCII", "Jo@XN--BCHER-KVA.de", "jo@xn--bcher-kva.de", "Jo@xn--bcher-kva.de"},
		{"sharp s is a letter of its own", "jo@straße.de", "jo@xn--strae-oqa.de", "jo@xn--strae-oqa.de"},
		{"domain with ideographic dots", "jo@例え。jp", "jo@xn--r8jz45g.jp", "jo@xn--r8jz45g.jp"},
		{"domain in full width is the domain it maps to", "jo@ｅｘａｍｐｌｅ.com", "jo@example.com", "jo@example.com"},
		{"dotless i in the domain is another domain", "jo@ıcloud.com", "jo@xn--cloud-m4a.com", "jo@xn--cloud-m4a.com"},
		{"digits in the domain", "jo@4711.example", "jo@4711.example", "jo@4711.example"},
		{"longest local part", local64 + "@example.com", local64 + "@example.com", local64 + "@example.com"},
		{"longest address", local64 + "@" + domain189, local64 + "@" + domain189, local64 + "@" + domain189},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, no := emails.ParseEmail(c.input)
			if no != nil {
				t.Fatalf("refused: %s", no.Message)
			}
			want := identifier.Parsed{
				Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: c.value},
				Display:    c.display,
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestParseEmailRefuses(t *testing.T) {
	long := strings.Repeat("d", 63)
	for _, c := range []struct {
		name, input string
		code        gatelatch.Code
	}{
		{"nothing", "", gatelatch.CodeMissing},
		{"white space alone", " \t\r\n", gatelatch.CodeMissing},
		{"no @", "name.example.com", gatelatch.CodeFormat},
		{"@ alone", "@", gatelatch.CodeFormat},
		{"no local part", "@example.com", gatelatch.CodeFormat},
		{"no domain", "name@", gatelatch.CodeFormat},
		{"two @", "a@b@example.com", gatelatch.CodeFormat},
		{"two addresses", "a@example.com,b@example.com", gatelatch.CodeFormat},
		{"two addresses with a semicolon", "a@example.com;b@example.com", gatelatch.CodeFormat},
		{"comma in the local part", "a,b@example.com", gatelatch.CodeFormat},
		{"semicolon in the domain", "a@example.com;", gatelatch.CodeFormat},
		{"display name", "Jo <jo@example.com>", gatelatch.CodeFormat},
		{"angle brackets", "<jo@example.com>", gatelatch.CodeFormat},
		{"comment", "jo(x)@example.com", gatelatch.CodeFormat},
		{"comment in the domain", "jo@example.com(x)", gatelatch.CodeFormat},
		{"quoted string", `"jo"@example.com`, gatelatch.CodeFormat},
		{"quoted @", `"a@b"@example.com`, gatelatch.CodeFormat},
		{"backslash", `a\b@example.com`, gatelatch.CodeFormat},
		{"mailto", "mailto:jo@example.com", gatelatch.CodeFormat},
		{"leading dot", ".jo@example.com", gatelatch.CodeFormat},
		{"trailing dot", "jo.@example.com", gatelatch.CodeFormat},
		{"double dot", "j..o@example.com", gatelatch.CodeFormat},
		{"space in the local part", "j o@example.com", gatelatch.CodeFormat},
		{"space before the @", "jo @example.com", gatelatch.CodeFormat},
		{"space behind the @", "jo@ example.com", gatelatch.CodeFormat},
		{"NUL", "jo\x00@example.com", gatelatch.CodeFormat},
		{"NUL at the end", "jo@example.com\x00", gatelatch.CodeFormat},
		{"line break in the local part", "jo\r\nBcc:x@example.com", gatelatch.CodeFormat},
		{"line break in the domain", "jo@example.com\r\nBcc: x", gatelatch.CodeFormat},
		{"delete", "jo\x7f@example.com", gatelatch.CodeFormat},
		{"C1 control", "jo@exam\u0085ple.com", gatelatch.CodeFormat},
		{"invalid UTF-8 in the local part", "j\xffo@example.com", gatelatch.CodeFormat},
		{"invalid UTF-8 in the domain", "jo@ex\xc3mple.com", gatelatch.CodeFormat},
		{"replacement character in the domain", "jo@ex\ufffdmple.com", gatelatch.CodeFormat},
		{"replacement character in an A-label", "jo@xn--exmple-c078a.com", gatelatch.CodeFormat},
		{"full-width @", "jo＠example.com", gatelatch.CodeFormat},
		{"small @", "jo﹫example.com", gatelatch.CodeFormat},
		{"dotless i", "mıke@example.com", gatelatch.CodeFormat},
		{"Kelvin sign", "mi\u212ae@example.com", gatelatch.CodeFormat},
		{"umlaut in the local part", "jö@example.com", gatelatch.CodeFormat},
		{"zero-width space in the local part", "jo\u200b@example.com", gatelatch.CodeFormat},
		{"right-to-left override", "jo\u202e@example.com", gatelatch.CodeFormat},
		{"one label", "root@localhost", gatelatch.CodeFormat},
		{"final dot", "jo@example.com.", gatelatch.CodeFormat},
		{"empty label", "jo@example..com", gatelatch.CodeFormat},
		{"leading dot in the domain", "jo@.example.com", gatelatch.CodeFormat},
		{"underscore in the domain", "jo@ex_ample.com", gatelatch.CodeFormat},
		{"hyphen first", "jo@-example.com", gatelatch.CodeFormat},
		{"hyphen last", "jo@example-.com", gatelatch.CodeFormat},
		{"label of 64", "jo@d" + long + ".com", gatelatch.CodeFormat},
		{"false A-label", "jo@xn--a.de", gatelatch.CodeFormat},
		{"IPv4", "jo@127.0.0.1", gatelatch.CodeFormat},
		{"IPv4 in full width", "jo@１２７.0.0.1", gatelatch.CodeFormat},
		{"IPv4, short and hexadecimal", "jo@127.0x1", gatelatch.CodeFormat},
		{"IPv4 literal", "jo@[127.0.0.1]", gatelatch.CodeFormat},
		{"IPv6 literal", "jo@[IPv6:::1]", gatelatch.CodeFormat},
		{"port", "jo@example.com:25", gatelatch.CodeFormat},
		{"percent", "jo@exam%70le.com", gatelatch.CodeFormat},
		{"joiner out of place", "jo@a\u200cb.com", gatelatch.CodeFormat},
		{"local part of 65", strings.Repeat("l", 65) + "@example.com", gatelatch.CodeTooLong},
		{"address of 255", strings.Repeat("l", 64) + "@" + long + "." + long + "." + strings.Repeat("d", 59) + ".de", gatelatch.CodeTooLong},
		{"a page", strings.Repeat("a", 1025), gatelatch.CodeTooLong},
		{"a megabyte of @", strings.Repeat("@", 1<<20), gatelatch.CodeTooLong},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, no := emails.ParseEmail(c.input)
			wantRefusal(t, got, no, c.code, "email_address")
		})
	}
}

// wantRefusal checks everything that a refusal promises.
func wantRefusal(t *testing.T, got identifier.Parsed, no *gatelatch.Refusal, code gatelatch.Code, param string) {
	t.Helper()
	if no == nil {
		t.Fatalf("accepted as %q", got.Value)
	}
	if got != (identifier.Parsed{}) {
		t.Errorf("a refusal came with %+v", got)
	}
	if no.Code != code || no.Param != param || no.Status() != 422 {
		t.Errorf("got %s for %q (%d), want %s for %q (422)", no.Code, no.Param, no.Status(), code, param)
	}
	if !strings.HasSuffix(no.Message, ".") || strings.Contains(no.Message, "!") {
		t.Errorf("not a calm sentence: %q", no.Message)
	}
}
