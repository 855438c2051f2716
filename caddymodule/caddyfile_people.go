// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// The words behind block, and with that of allow.
const wordDisposable = "disposable"

func (g *Gate) parsePassword(d *caddyfile.Dispenser) error {
	p := new(Password)
	g.Password = p
	if err := text(&p.Mode, func(s string) error { return checkNeed("password", s) })(d); err != nil {
		return err
	}
	if d.NextArg() {
		return d.Errf("unexpected %q after password %s", d.Val(), p.Mode)
	}
	return parseBlock(d, []option{
		{"min_length", number(&p.MinLength, func(n int) error { return between("password min_length", n, minPassword, maxMinPassword) })},
		{"breached", p.parseBreached},
		{"memory", text(&p.Memory, checkMemory)},
		{"iterations", number(&p.Iterations, func(n int) error { return between("password iterations", n, 1, maxIterations) })},
		{"parallelism", number(&p.Parallelism, func(n int) error { return between("password parallelism", n, 1, maxParallelism) })},
	})
}

// parseBreached reads
//
//	breached off | hibp [<url>]
func (p *Password) parseBreached(d *caddyfile.Dispenser) error {
	if err := text(&p.Breached, checkBreached)(d); err != nil || p.Breached == wordOff || !d.NextArg() {
		return err
	}
	p.HIBPURL = d.Val()
	return located(d, checkHIBP(p.HIBPURL))
}

// parseAllow reads one line of
//
//	allow email <pattern...> | phone <pattern...>
func (g *Gate) parseAllow(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Errf("allow needs a kind and at least one pattern; expected one of %s, %s", wordEmail, wordPhone)
	}
	return parsePatterns(d, "allow", &g.Allow, wordEmail, wordPhone)
}

// parseBlockList reads one line of
//
//	block email <pattern...> | phone <pattern...> | disposable <file>
func (g *Gate) parseBlockList(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Errf("block needs a kind and at least one pattern; expected one of %s, %s, %s", wordEmail, wordPhone, wordDisposable)
	}
	if d.Val() != wordDisposable {
		return parsePatterns(d, "block", &g.Block, wordEmail, wordPhone, wordDisposable)
	}
	if g.BlockDisposable != "" {
		return d.Err("block disposable is given twice")
	}
	return text(&g.BlockDisposable, nil)(d)
}

func parsePatterns(d *caddyfile.Dispenser, name string, to *[]string, kinds ...string) error {
	kind := d.Val()
	if err := oneOf(name, kind, kinds...); err != nil {
		return d.WrapErr(err)
	}
	before := len(*to)
	for d.NextArg() {
		*to = append(*to, d.Val())
		if err := first(checkPatternKind(name, kind, d.Val()), each(name, *to, checkPattern(name))); err != nil {
			return d.WrapErr(err)
		}
	}
	if len(*to) == before {
		return d.Errf("%s %s needs at least one pattern", name, kind)
	}
	return nil
}

// parseTerms reads
//
//	terms <url> <version>
func (g *Gate) parseTerms(d *caddyfile.Dispenser) error {
	t := new(Terms)
	g.Terms = t
	if !d.AllArgs(&t.URL, &t.Version) {
		return d.Err("terms needs an address and a version, such as terms https://example.com/terms 2026-11")
	}
	return located(d, checkTerms(t))
}

// parseRequire reads one of
//
//	require [<matcher...>] {
//		fresh          <duration>
//		second_factor
//	}
//
// A matcher is a path such as /admin/*, or a named one.
func (g *Gate) parseRequire(d *caddyfile.Dispenser) error {
	r := new(Requirement)
	for d.NextArg() {
		set, err := g.requireMatcher(d)
		if err != nil {
			return err
		}
		if set != nil {
			r.MatcherSetsRaw = append(r.MatcherSetsRaw, set)
		}
	}
	if err := parseBlock(d, []option{
		{"fresh", period(&r.Fresh, checkFresh)},
		{"second_factor", func(*caddyfile.Dispenser) error { r.SecondFactor = true; return nil }},
	}); err != nil {
		return err
	}
	g.Requirements = append(g.Requirements, r)
	return located(d, checkRequirement(r))
}

// requireMatcher reads one matcher: nil for "*".
func (g *Gate) requireMatcher(d *caddyfile.Dispenser) (caddy.ModuleMap, error) {
	word := d.Val()
	if !strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "@") && word != "*" {
		return nil, d.Errf("unexpected %q after require; expected a path such as /admin/*, a named matcher such as @admin, or a block", word)
	}
	if word == "*" {
		return nil, nil
	}
	if g.matcher == nil {
		return nil, d.Errf("require %s; matchers are known only where the directive stands in a site", word)
	}
	set, _, err := g.matcher(word)
	return set, located(d, err)
}
