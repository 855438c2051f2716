// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch/session"
)

// Check reports the first option that is wrong, or that contradicts another.
// An option that was not given is right. The Caddyfile is checked by the same
// functions while it is read, so that its errors name the line.
func (c *Config) Check() error {
	for _, check := range []func() error{
		c.checkSite, c.checkPeople, c.checkLists, c.checkPassword, c.checkSecond, c.checkCode, c.checkSession, c.checkPaths,
		c.checkTermsPath, c.checkToken, c.checkPrograms, c.checkLimits, c.checkLook,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// given runs a check on a value that is not empty.
func given(value string, check func(string) error) error {
	if value == "" {
		return nil
	}
	return check(value)
}

// each runs a check on every value of a list, and reports repetitions.
func each(option string, values []string, check func(string) error) error {
	for i, v := range values {
		if err := check(v); err != nil {
			return err
		}
		if slices.Contains(values[:i], v) {
			return fmt.Errorf("%s: %q is listed twice", option, v)
		}
	}
	return nil
}

func (c *Config) checkSite() error {
	return first(
		given(c.BasePath, checkBasePath), checkName(c.Name),
		each("origin", c.Origins, checkOrigin), given(c.CORSPreflight, checkPreflight),
	)
}

func (c *Config) checkPeople() error {
	if err := first(
		each("identifiers", c.Identifiers, checkIdentifier),
		given(c.Region, func(s string) error { return checkCountry("region", s) }),
		each("sms_countries", c.SMSCountries, func(s string) error { return checkCountry("sms_countries", s) }),
		given(c.DeleteAccount, func(s string) error { return oneOf("delete_account", s, wordOn, wordOff) }),
	); err != nil {
		return err
	}
	if err := c.checkSignUp(); err != nil {
		return err
	}
	return c.checkChannels()
}

func (c *Config) checkSignUp() error {
	s := c.SignUp
	if s == nil {
		return nil
	}
	if err := given(s.Mode, checkSignUpMode); err != nil {
		return err
	}
	for field, need := range s.fields() {
		if err := given(need, func(word string) error { return checkNeed("sign_up "+field, word) }); err != nil {
			return err
		}
	}
	for field, need := range map[string]string{wordEmail: s.Email, wordPhone: s.Phone} {
		if need != "" && need != wordOff && !c.identifies(field) {
			return fmt.Errorf("sign_up %s %s, but %s is not among the identifiers", field, need, field)
		}
	}
	if c.need(wordEmail) == wordOff && c.need(wordPhone) == wordOff {
		return errors.New("sign_up asks for neither email nor phone; nobody could be found again")
	}
	return nil
}

func (s *SignUp) fields() map[string]string {
	return map[string]string{
		wordEmail: s.Email, wordPhone: s.Phone, "first_name": s.FirstName, "last_name": s.LastName,
	}
}

// identifies reports whether a kind of address identifies people here.
func (c *Config) identifies(kind string) bool {
	if len(c.Identifiers) == 0 {
		return kind == wordEmail
	}
	return slices.Contains(c.Identifiers, kind)
}

// need returns whether a sign-up asks for a kind of address.
func (c *Config) need(kind string) string {
	given := ""
	if c.SignUp != nil {
		given = c.SignUp.fields()[kind]
	}
	switch {
	case given != "":
		return given
	case !c.identifies(kind):
		return wordOff
	case len(c.Identifiers) < 2:
		return wordRequired
	}
	return wordOptional
}

// checkChannels reports senders, regions and countries that nothing would use.
func (c *Config) checkChannels() error {
	for channel := range c.SendersRaw {
		if err := oneOf("senders", channel, wordEmail, wordSMS); err != nil {
			return err
		}
	}
	if c.SendersRaw[wordEmail] != nil && !c.identifies(wordEmail) {
		return errors.New("email has a sender, but email is not among the identifiers; write identifiers email phone")
	}
	if c.identifies(wordPhone) {
		return nil
	}
	switch {
	case c.SendersRaw[wordSMS] != nil:
		return errors.New("sms has a sender, but phone is not among the identifiers; write identifiers email phone")
	case len(c.SMSCountries) > 0:
		return errors.New("sms_countries is given, but phone is not among the identifiers")
	case c.Region != "":
		return errors.New("region is given, but phone is not among the identifiers")
	}
	return nil
}

func (c *Config) checkCode() error {
	p := c.flowPolicy().Code
	return first(
		between("code length", p.Length, 6, 10),
		lasting("code lifetime", duration(p.Lifetime), time.Minute, 10*time.Minute),
		between("code attempts", p.Attempts, 1, 10),
		lasting("code resend_after", duration(p.ResendAfter), time.Second, max(p.Lifetime, time.Second)),
	)
}

func (c *Config) checkSession() error {
	lifetime, idle := c.lifetimes()
	if err := lasting("session lifetime", duration(lifetime), 5*time.Minute, session.ClientLifetime); err != nil {
		return err
	}
	if idle > lifetime {
		return fmt.Errorf("session idle %s is longer than its lifetime %s", span(idle), span(lifetime))
	}
	if err := lasting("session idle", duration(idle), 5*time.Minute, lifetime); err != nil {
		return err
	}
	if c.Session == nil {
		return nil
	}
	return given(c.Session.CookieDomain, checkCookieDomain)
}

func (c *Config) checkPaths() error {
	base := c.basePath()
	return each("public", c.Public, func(pattern string) error {
		if err := checkPublic(pattern); err != nil {
			return err
		}
		if pattern == base || strings.HasPrefix(pattern, base+"/") {
			return fmt.Errorf("public %q lies under base_path %s, whose pages need no session anyway", pattern, base)
		}
		return nil
	})
}

func (c *Config) checkToken() error {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		if err := first(checkHeaderName("headers", name), checkField(c.Headers[name])); err != nil {
			return err
		}
		folded := strings.ToLower(name)
		if other, ok := seen[folded]; ok {
			return fmt.Errorf("headers %s and %s are one header", other, name)
		}
		seen[folded] = name
	}
	if len(c.Headers) == 0 {
		for name := range c.identityHeaders() {
			seen[strings.ToLower(name)] = name
		}
	}
	t := c.Token
	if t != nil {
		if err := first(given(t.Algorithm, checkAlgorithm), given(t.Header, checkTokenHeader)); err != nil {
			return err
		}
	}
	if name, ok := seen[strings.ToLower(c.tokenHeader())]; ok {
		return fmt.Errorf("headers %s is also the header of the token", name)
	}
	return nil
}

func (c *Config) checkLimits() error {
	if c.Limits == nil || c.Limits.FailuresInARow == 0 {
		return nil
	}
	return checkFailures(c.Limits.FailuresInARow)
}

func (c *Config) checkLook() error {
	b := c.Branding
	if b == nil {
		return nil
	}
	return first(
		given(b.Logo, func(s string) error { return checkOwnPath("branding logo", s) }),
		given(b.Accent, checkAccent),
		given(b.Stylesheet, func(s string) error { return checkOwnPath("branding stylesheet", s) }),
		given(b.Help, checkHelp),
	)
}

// first returns the first error of several.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
