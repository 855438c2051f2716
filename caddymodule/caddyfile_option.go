// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// option is one line of a block, or a block of its own.
type option struct {
	name string
	// parse reads what follows the name. It may leave nothing unread.
	parse func(d *caddyfile.Dispenser) error
}

// repeatable are the options that may stand on several lines.
var repeatable = []string{"allow", "block", "require", "secret_key", "token_template"}

// parseBlock reads the block that begins here, if one does. Options that are
// unknown or repeated are errors that name the line: an option silently ignored
// could leave a site open.
func parseBlock(d *caddyfile.Dispenser, options []option) error {
	_, err := parseOptions(d, options)
	return err
}

// parseOptions is [parseBlock], and returns where each option stands.
func parseOptions(d *caddyfile.Dispenser, options []option) (map[string]caddyfile.Token, error) {
	seen := make(map[string]caddyfile.Token)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		i := slices.IndexFunc(options, func(o option) bool { return o.name == name })
		if i < 0 {
			return nil, d.Errf("unknown option %q; expected one of %s", name, names(options))
		}
		if _, again := seen[name]; again && !slices.Contains(repeatable, name) {
			return nil, d.Errf("option %q is given twice", name)
		}
		seen[name] = d.Token()
		if err := options[i].parse(d); err != nil {
			return nil, err
		}
		if err := nothingLeft(d, name); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func names(options []option) string {
	list := make([]string, len(options))
	for i, o := range options {
		list[i] = o.name
	}
	return strings.Join(list, ", ")
}

// nothingLeft refuses words, and a block, that an option does not take.
func nothingLeft(d *caddyfile.Dispenser, name string) error {
	if d.NextArg() {
		return d.Errf("unexpected %q after %s", d.Val(), name)
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		return d.Errf("unexpected block after %s", name)
	}
	return nil
}

// inBlock reads an option that is only a block.
func inBlock(d *caddyfile.Dispenser, name string, options []option) error {
	if d.NextArg() {
		return d.Errf("unexpected %q after %s; its options stand in a block: %s", d.Val(), name, names(options))
	}
	before := d.Val()
	line := d.Line()
	if err := parseBlock(d, options); err != nil {
		return err
	}
	if d.Val() == before && d.Line() == line {
		return d.Errf("%s needs a block with at least one of %s", name, names(options))
	}
	return nil
}

// text reads one word.
func text(to *string, check func(string) error) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		name := d.Val()
		if !d.NextArg() || d.Val() == "" {
			return d.Errf("%s needs a value", name)
		}
		*to = d.Val()
		if check == nil {
			return nil
		}
		return located(d, check(*to))
	}
}

// texts reads one word or more, each of them once.
func texts(to *[]string, name string, check func(string) error) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		for d.NextArg() {
			*to = append(*to, d.Val())
			if err := each(name, *to, check); err != nil {
				return d.WrapErr(err)
			}
		}
		if len(*to) == 0 {
			return d.Errf("%s needs at least one value", name)
		}
		return nil
	}
}

// number reads a whole number; bounds are checked on the whole block.
func number(to *int, check func(int) error) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		name, word := d.Val(), ""
		if !d.AllArgs(&word) {
			return d.Errf("%s needs one whole number", name)
		}
		n, err := strconv.Atoi(word)
		if err != nil || n <= 0 {
			return d.Errf("%s %q; expected a whole number above zero", name, word)
		}
		*to = n
		return located(d, check(n))
	}
}

// period reads a duration such as 30s, 10m, 24h or 7d.
func period(to *caddy.Duration, check func(caddy.Duration) error) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		name, word := d.Val(), ""
		if !d.AllArgs(&word) {
			return d.Errf("%s needs one duration such as 30s, 10m or 7d", name)
		}
		v, err := parseDuration(word)
		if err != nil {
			return d.Errf("%s %q; expected a duration such as 30s, 10m or 7d", name, word)
		}
		*to = caddy.Duration(v)
		return located(d, check(*to))
	}
}

func parseDuration(word string) (time.Duration, error) {
	v, err := caddy.ParseDuration(word)
	if err == nil && v <= 0 {
		err = fmt.Errorf("%q is not above zero", word)
	}
	return v, err
}

// located adds file and line to an error.
func located(d *caddyfile.Dispenser, err error) error {
	if err == nil {
		return nil
	}
	return d.WrapErr(err)
}
