// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/password"
)

// The bounds of passwords. Less than 8 characters is nowhere allowed, and the
// least costs are those of OWASP's weakest advice.
const (
	minPassword    = password.DefaultMinLength
	maxMinPassword = 64
	minMemory      = 7 << 10 // KiB
	maxMemory      = 256 << 10
	maxIterations  = 20
	maxParallelism = 16
)

const (
	minFresh = time.Minute
	maxFresh = 30 * day
)

func checkBreached(word string) error { return oneOf("password breached", word, wordHIBP, wordOff) }

func checkHIBP(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && onThisMachine(u.Hostname())) {
		return fmt.Errorf("password breached hibp %q; expected https:// and a host", address)
	}
	return nil
}

// memoryUnits are the words of sizes, in KiB.
var memoryUnits = map[string]int{"KiB": 1, "MiB": 1 << 10, "GiB": 1 << 20}

// parseMemory returns a size in KiB.
func parseMemory(size string) (uint32, error) {
	i := strings.IndexFunc(size, func(r rune) bool { return r < '0' || r > '9' })
	if i > 0 {
		n, err := strconv.Atoi(size[:i])
		unit := memoryUnits[size[i:]]
		if err == nil && unit > 0 && n <= maxMemory/unit && n*unit >= minMemory {
			return uint32(n * unit), nil //nolint:gosec // bounded by maxMemory
		}
	}
	return 0, fmt.Errorf("password memory %q; expected a size such as 19MiB, from 7MiB to 256MiB", size)
}

func checkMemory(size string) error {
	_, err := parseMemory(size)
	return err
}

func (c *Config) checkPassword() error {
	p := cmp.Or(c.Password, new(Password))
	if err := first(
		given(p.Mode, func(s string) error { return checkNeed("password", s) }),
		given(p.Breached, checkBreached), given(p.HIBPURL, checkHIBP), given(p.Memory, checkMemory),
		given(c.ClientTrust, checkClientTrust),
	); err != nil {
		return err
	}
	if !c.passwords() {
		if *p != (Password{Mode: p.Mode}) {
			return errors.New("password has options, but passwords are off; write password optional or password required")
		}
		return nil // client_trust may stand there: without passwords it changes nothing
	}
	return first(c.checkMinLength(p), checkCosts(p), checkHIBPUse(p))
}

func (c *Config) checkMinLength(p *Password) error {
	if p.MinLength == 0 {
		return nil
	}
	if p.MinLength >= minPassword && p.MinLength < password.AloneMinLength && c.passwordAlone() {
		return fmt.Errorf("password min_length %d; a password alone lets people in here, so it needs at least %d; "+
			"or leave client_trust on, or write second_factor required", p.MinLength, password.AloneMinLength)
	}
	return between("password min_length", p.MinLength, minPassword, maxMinPassword)
}

func checkCosts(p *Password) error {
	if p.Iterations != 0 {
		if err := between("password iterations", p.Iterations, 1, maxIterations); err != nil {
			return err
		}
	}
	if p.Parallelism != 0 {
		if err := between("password parallelism", p.Parallelism, 1, maxParallelism); err != nil {
			return err
		}
	}
	if err := p.params().Check(); err != nil {
		return fmt.Errorf("password memory, iterations and parallelism: %w", err)
	}
	return nil
}

func checkHIBPUse(p *Password) error {
	if p.HIBPURL != "" && p.Breached != wordHIBP {
		return errors.New("password hibp_url is given, but nobody is asked; write breached hibp")
	}
	return nil
}

// checkSecond reports what is wrong about second steps and requirements.
func (c *Config) checkSecond() error {
	if err := given(c.SecondFactor, func(s string) error { return checkNeed("second_factor", s) }); err != nil {
		return err
	}
	for _, r := range c.Requirements {
		if r == nil {
			return errors.New("require is empty")
		}
		if err := checkRequirement(r); err != nil {
			return err
		}
		if r.SecondFactor && c.secondFactor() == wordOff {
			return errors.New("require asks for a second_factor, but second_factor is off, so nobody could set one up; " +
				"write second_factor optional or second_factor required")
		}
	}
	return nil
}

func checkRequirement(r *Requirement) error {
	if r.Fresh == 0 && !r.SecondFactor {
		return errors.New("require needs a block with at least one of fresh, second_factor")
	}
	if r.Fresh == 0 {
		return nil
	}
	return checkFresh(r.Fresh)
}

func checkFresh(d caddy.Duration) error { return lasting("require fresh", d, minFresh, maxFresh) }

// checkPattern returns the check of one line of a list.
func checkPattern(list string) func(string) error {
	return func(text string) error {
		if _, err := admission.Parse(text); err != nil {
			return fmt.Errorf("%s %q: %w", list, text, err)
		}
		return nil
	}
}

// checkPatternKind reports a number among e-mail addresses, or the other way.
func checkPatternKind(list, kind, text string) error {
	if (kind == wordPhone) == forPhones(text) {
		return nil
	}
	if kind == wordPhone {
		return fmt.Errorf("%s phone %q; expected a country such as US, or a number such as +12025550123", list, text)
	}
	return fmt.Errorf("%s email %q; expected an address, a domain such as example.com, or *.example.com", list, text)
}

// forPhones reports whether a pattern is about numbers.
func forPhones(text string) bool { return len(text) == 2 || strings.HasPrefix(text, "+") }

func (c *Config) checkLists() error {
	for name, list := range map[string][]string{"allow": c.Allow, "block": c.Block} {
		if err := each(name, list, checkPattern(name)); err != nil {
			return err
		}
		for _, text := range list {
			kind := wordEmail
			if forPhones(text) {
				kind = wordPhone
			}
			if !c.identifies(kind) {
				return fmt.Errorf("%s %s %q, but %s is not among the identifiers", name, kind, text, kind)
			}
		}
	}
	if c.BlockDisposable != "" && !c.identifies(wordEmail) {
		return errors.New("block disposable is given, but email is not among the identifiers")
	}
	return nil
}

func checkTerms(t *Terms) error {
	if t.Version == "" || len(t.Version) > 100 || !printable(t.Version) {
		return errors.New("terms needs a version of at most 100 bytes, such as 2026-11")
	}
	u, err := url.Parse(t.URL)
	if err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && printable(t.URL) {
		return nil
	}
	if checkOwnPath("terms", t.URL) != nil {
		return fmt.Errorf("terms %q; expected https://, or a path of this site such as /terms", t.URL)
	}
	return nil
}

// checkTermsPath sees to it that people can read what they are to accept.
func (c *Config) checkTermsPath() error {
	if c.Terms == nil {
		return nil
	}
	if err := checkTerms(c.Terms); err != nil {
		return err
	}
	if !strings.HasPrefix(c.Terms.URL, "/") {
		return nil
	}
	u, err := url.Parse(c.Terms.URL)
	if err != nil {
		return fmt.Errorf("terms %q: %w", c.Terms.URL, err)
	}
	routes := gate.Routes{Base: c.basePath(), Public: slices.Clone(c.Public)}
	if routes.Route(&http.Request{URL: u}) != gate.Public {
		return fmt.Errorf("terms %s is not public, so nobody could read it before accepting; add it to public", c.Terms.URL)
	}
	return nil
}
