// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/session"
)

func (g *Gate) parseSignUp(d *caddyfile.Dispenser) error {
	s := new(SignUp)
	g.SignUp = s
	if !d.NextArg() {
		return d.Errf("sign_up needs a value; expected one of %s, %s, %s, %s", wordOpen, wordInvite, wordWaitlist, wordClosed)
	}
	s.Mode = d.Val()
	if err := checkSignUpMode(s.Mode); err != nil {
		return d.WrapErr(err)
	}
	if d.NextArg() {
		return d.Errf("unexpected %q after sign_up %s", d.Val(), s.Mode)
	}
	need := func(name string, to *string) option {
		return option{name, text(to, func(word string) error { return checkNeed("sign_up "+name, word) })}
	}
	return parseBlock(d, []option{
		need(wordEmail, &s.Email), need(wordPhone, &s.Phone),
		need("first_name", &s.FirstName), need("last_name", &s.LastName),
	})
}

func (g *Gate) parseCode(d *caddyfile.Dispenser) error {
	c := new(Code)
	g.Code = c
	return inBlock(d, "code", []option{
		{"length", number(&c.Length, func(n int) error { return between("code length", n, 6, 10) })},
		{"lifetime", period(&c.Lifetime, func(v caddy.Duration) error {
			return lasting("code lifetime", v, time.Minute, 10*time.Minute)
		})},
		{"attempts", number(&c.Attempts, func(n int) error { return between("code attempts", n, 1, 10) })},
		{"resend_after", period(&c.ResendAfter, func(v caddy.Duration) error {
			return lasting("code resend_after", v, time.Second, 10*time.Minute)
		})},
	})
}

func (g *Gate) parseSession(d *caddyfile.Dispenser) error {
	s := new(Session)
	g.Session = s
	within := func(name string) func(caddy.Duration) error {
		return func(v caddy.Duration) error { return lasting(name, v, 5*time.Minute, session.ClientLifetime) }
	}
	return inBlock(d, "session", []option{
		{"lifetime", period(&s.Lifetime, within("session lifetime"))},
		{"idle", period(&s.Idle, within("session idle"))},
		{"cookie_domain", text(&s.CookieDomain, checkCookieDomain)},
	})
}

func (g *Gate) parseHeaders(d *caddyfile.Dispenser) error {
	g.Headers = make(map[string]string)
	if d.NextArg() {
		return d.Errf("unexpected %q after headers; its lines stand in a block: <name> {user.id}", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := g.parseHeader(d); err != nil {
			return err
		}
	}
	if len(g.Headers) == 0 {
		return d.Errf("headers needs a block with at least one line: <name> {user.id}")
	}
	return nil
}

func (g *Gate) parseHeader(d *caddyfile.Dispenser) error {
	name := d.Val()
	if err := checkHeaderName("headers", name); err != nil {
		return d.WrapErr(err)
	}
	for other := range g.Headers {
		if strings.EqualFold(other, name) {
			return d.Errf("headers %s is given twice", name)
		}
	}
	var value string
	if !d.AllArgs(&value) {
		return d.Errf("headers %s needs one value such as {user.id}", name)
	}
	field := strings.TrimSuffix(strings.TrimPrefix(value, "{"), "}")
	if "{"+field+"}" != value {
		return d.Errf("headers %s %q; expected one of {user.id}, {user.email}, {user.phone}, {user.name}, {session.id}", name, value)
	}
	g.Headers[name] = field
	return located(d, checkField(field))
}

func (g *Gate) parseToken(d *caddyfile.Dispenser) error {
	t := new(Token)
	g.Token = t
	return inBlock(d, "token", []option{
		{"algorithm", text(&t.Algorithm, checkAlgorithm)},
		{"audience", text(&t.Audience, nil)},
		{"header", text(&t.Header, checkTokenHeader)},
	})
}

func (g *Gate) parseLimits(d *caddyfile.Dispenser) error {
	l := new(limit.Policy)
	g.Limits = l
	return inBlock(d, "limits", []option{
		{"guesses_per_identifier", rates(&l.GuessesPerIdentifier)},
		{"sends_per_identifier", rates(&l.SendsPerIdentifier)},
		{"sends_per_prefix", rates(&l.SendsPerPrefix)},
		{"sends_per_network", rates(&l.SendsPerNetwork)},
		{"starts_per_network", rates(&l.StartsPerNetwork)},
		{"messages_per_site", rates(&l.MessagesPerSite)},
		{"failures_in_a_row", number(&l.FailuresInARow, checkFailures)},
	})
}

// rates reads several rates that hold at once, or off.
func rates(to *[]limit.Rate) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		name := d.Val()
		for d.NextArg() {
			r, err := limit.ParseRate(d.Val())
			if err != nil {
				return d.Errf("limits %s: %w", name, err)
			}
			if slices.Contains(*to, r) {
				return d.Errf("limits %s: %s is listed twice", name, r)
			}
			if len(*to) > 0 && (r.IsOff() || (*to)[0].IsOff()) {
				return d.Errf("limits %s: off stands alone", name)
			}
			*to = append(*to, r)
		}
		if len(*to) == 0 {
			return d.Errf("limits %s needs at least one rate such as 10/h, or off", name)
		}
		return nil
	}
}

func (g *Gate) parseBranding(d *caddyfile.Dispenser) error {
	b := new(Branding)
	g.Branding = b
	return inBlock(d, "branding", []option{
		{"logo", text(&b.Logo, func(s string) error { return checkOwnPath("branding logo", s) })},
		{"accent", accent(&b.Accent)},
		{"stylesheet", text(&b.Stylesheet, func(s string) error { return checkOwnPath("branding stylesheet", s) })},
		{"templates", text(&b.Templates, nil)},
		{"help", text(&b.Help, checkHelp)},
	})
}

// accent reads a colour. A bare # begins a comment in a Caddyfile, so the
// digits may stand alone.
func accent(to *string) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		if !d.NextArg() {
			return d.Err("accent needs a value; # begins a comment, so put the colour in quotes: \"#1a73e8\"")
		}
		*to = d.Val()
		if checkAccent("#"+*to) == nil {
			*to = "#" + *to
		}
		return located(d, checkAccent(*to))
	}
}
