// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/identifier"
)

// id reads an address as a sign-up does.
func id(t testing.TB, text string) gatelatch.Identifier {
	t.Helper()
	parsed, r := (identifier.Policy{Email: true, Phone: true}).Parse(text)
	if r != nil {
		t.Fatalf("%s: %s", text, r.Message)
	}
	return parsed.Identifier
}

func ids(t testing.TB, texts ...string) []gatelatch.Identifier {
	t.Helper()
	var all []gatelatch.Identifier
	for _, text := range texts {
		all = append(all, id(t, text))
	}
	return all
}

func patterns(t testing.TB, texts ...string) []admission.Pattern {
	t.Helper()
	var all []admission.Pattern
	for _, text := range texts {
		p, err := admission.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all = append(all, p)
	}
	return all
}

type words = []string

const (
	ada = "ada@example.com"
	usa = "+12015550123"
	uk  = "+447400123456"
)

func TestPermits(t *testing.T) {
	for _, c := range []struct {
		name         string
		allow, block words
		disposable   string
		address      string
		want         bool
	}{
		{"no rule", nil, nil, "", ada, true},
		{"no rule, a number", nil, nil, "", usa, true},
		{"the address is allowed", words{ada}, nil, "", ada, true},
		{"another one is", words{"bob@example.com"}, nil, "", ada, false},
		{"the domain is allowed", words{"example.com"}, nil, "", ada, true},
		{"the domain, written with a star", words{"*@example.com"}, nil, "", ada, true},
		{"case does not matter", words{"*@EXAMPLE.com"}, nil, "", "Ada@Example.COM", true},
		{"a subdomain of an allowed domain", words{"example.com"}, nil, "", "ada@mail.example.com", false},
		{"a domain that only ends alike", words{"example.com"}, nil, "", "ada@notexample.com", false},
		{"a domain that only begins alike", words{"example.com"}, nil, "", "ada@example.com.evil.test", false},
		{"all subdomains are allowed", words{"*.example.com"}, nil, "", "ada@a.b.example.com", true},
		{"all subdomains, written with two stars", words{"*@*.example.com"}, nil, "", "ada@a.example.com", true},
		{"subdomains are not the domain", words{"*.example.com"}, nil, "", ada, false},
		{"subdomains of a name that ends alike", words{"*.example.com"}, nil, "", "ada@notexample.com", false},
		{"a domain in its own script", words{"bücher.example"}, nil, "", "ada@xn--bcher-kva.example", true},
		{"an address in another script", words{"*@xn--bcher-kva.example"}, nil, "", "ada@BÜCHER.example", true},
		{"the number is allowed", words{usa}, nil, "", usa, true},
		{"the country is allowed", words{"us"}, nil, "", usa, true},
		{"another country is", words{"US"}, nil, "", uk, false},
		{"an allow list for e-mail alone lets no number in", words{"example.com"}, nil, "", usa, false},
		{"an allow list for numbers alone lets no mail in", words{"US"}, nil, "", ada, false},
		{"blocked by address", nil, words{ada}, "", ada, false},
		{"blocked by domain", nil, words{"example.com"}, "", ada, false},
		{"blocked by subdomain", nil, words{"*.example.com"}, "", "ada@x.example.com", false},
		{"blocked by country", nil, words{"GB"}, "", uk, false},
		{"another country is blocked", nil, words{"GB"}, "", usa, true},
		{"block wins", words{"example.com"}, words{ada}, "", ada, false},
		{"block wins over the very address", words{ada}, words{"example.com"}, "", ada, false},
		{"disposable", nil, nil, "example.com", ada, false},
		{"below a disposable domain", nil, nil, "example.com", "ada@x.example.com", false},
		{"disposable, though allowed", words{"example.com"}, nil, "example.com", ada, false},
		{"a number has no domain", nil, nil, "example.com", usa, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := admission.Rules{Allow: patterns(t, c.allow...), Block: patterns(t, c.block...)}
			if c.disposable != "" {
				r.Disposable = list(t, c.disposable)
			}
			if got := r.Permits(id(t, c.address)); got != c.want {
				t.Errorf("permitted: %t, want %t", got, c.want)
			}
		})
	}
}

func TestNobodyIsPermittedNothing(t *testing.T) {
	if (admission.Rules{}).Permits(gatelatch.Identifier{}) || (admission.Rules{}).Judge(nil, nil) {
		t.Error("somebody without an address may sign up")
	}
}

func TestJudgeTakesAllAddressesTogether(t *testing.T) {
	mail := admission.Rules{Allow: patterns(t, "example.com"), Block: patterns(t, "GB", "mallory@example.com")}
	both := admission.Rules{Allow: patterns(t, "example.com", "US")}
	for _, c := range []struct {
		name           string
		rules          admission.Rules
		ids, guestList []gatelatch.Identifier
		want           bool
	}{
		{"mail on the list, a number that no line is about", mail, ids(t, ada, usa), nil, true},
		{"mail on the list, a number that is blocked", mail, ids(t, ada, uk), nil, false},
		{"mail off the list, a number that no line is about", mail, ids(t, "ada@example.org", usa), nil, false},
		{"both on the list", both, ids(t, ada, usa), nil, true},
		{"the number is off the list", both, ids(t, ada, uk), nil, false},
		{"the mail is off the list", both, ids(t, "ada@example.org", usa), nil, false},
		{"a guest", mail, ids(t, "guest@example.org"), ids(t, "guest@example.org"), true},
		{"a guest with a number", mail, ids(t, "guest@example.org", usa), ids(t, "guest@example.org"), true},
		{"a guest with a blocked number", mail, ids(t, "guest@example.org", uk), ids(t, "guest@example.org"), false},
		{"a guest who is blocked", mail, ids(t, "mallory@example.com"), ids(t, "mallory@example.com"), false},
		{"somebody else is the guest", mail, ids(t, "guest@example.org"), ids(t, "other@example.org"), false},
		{"a guest and an address off the list", both, ids(t, usa, "x@example.org"), ids(t, usa), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.rules.Judge(c.ids, c.guestList); got != c.want {
				t.Errorf("permitted: %t, want %t", got, c.want)
			}
		})
	}
}

func TestAGuestMayHaveADisposableDomain(t *testing.T) {
	r := admission.Rules{Disposable: list(t, "example.com")}
	if !r.Judge(ids(t, ada), ids(t, ada)) || r.Judge(ids(t, ada), nil) {
		t.Error("an operator who names an address knows its domain")
	}
}

func TestRestricts(t *testing.T) {
	for name, c := range map[string]struct {
		rules admission.Rules
		want  bool
	}{
		"none":       {admission.Rules{}, false},
		"allow":      {admission.Rules{Allow: patterns(t, "US")}, true},
		"block":      {admission.Rules{Block: patterns(t, "US")}, true},
		"disposable": {admission.Rules{Disposable: func(string) bool { return false }}, true},
		"a line":     {(admission.Rules{}).With([]gatelatch.Restriction{{List: gatelatch.BlockList, Pattern: "US"}}), true},
	} {
		if got := c.rules.Restricts(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func line(list gatelatch.RestrictionList, pattern string) gatelatch.Restriction {
	return gatelatch.Restriction{List: list, Pattern: pattern}
}

func TestWithAddsLinesOfOperators(t *testing.T) {
	base := admission.Rules{Allow: patterns(t, "example.com")}
	more := base.With([]gatelatch.Restriction{
		line(gatelatch.AllowList, "example.org"), line(gatelatch.BlockList, "mallory@example.org"),
	})
	for address, want := range map[string]bool{ada: true, "bob@example.org": true, "mallory@example.org": false, "x@example.net": false} {
		if got := more.Permits(id(t, address)); got != want {
			t.Errorf("%s permitted: %t, want %t", address, got, want)
		}
	}
	if base.Permits(id(t, "bob@example.org")) {
		t.Error("the rules that were there have changed")
	}
}

// TestWithSharesNothing: rules of two requests that begin from the same ones.
func TestWithSharesNothing(t *testing.T) {
	base := admission.Rules{Allow: append(make([]admission.Pattern, 0, 8), patterns(t, "example.com")...)}
	first := base.With([]gatelatch.Restriction{line(gatelatch.AllowList, "first.example")})
	second := base.With([]gatelatch.Restriction{line(gatelatch.AllowList, "second.example")})
	if !first.Permits(id(t, "a@first.example")) || first.Permits(id(t, "a@second.example")) || !second.Permits(id(t, "a@second.example")) {
		t.Error("one has written over the other")
	}
}

func TestALineThatIsNotUnderstoodLetsNobodyIn(t *testing.T) {
	for _, l := range []gatelatch.RestrictionList{gatelatch.AllowList, gatelatch.BlockList, "unknown"} {
		r := (admission.Rules{}).With([]gatelatch.Restriction{line(l, "no pattern at all")})
		if r.Permits(id(t, ada)) || r.Permits(id(t, usa)) {
			t.Errorf("an unreadable line of the list %q lets somebody in", l)
		}
	}
}
