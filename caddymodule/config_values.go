// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
)

// What holds unless the operator says otherwise.
const (
	defaultBasePath    = "/.auth"
	defaultIdle        = 24 * time.Hour
	defaultTokenHeader = "Authorization"
)

func duration(d time.Duration) caddy.Duration { return caddy.Duration(d) }

func (c *Config) basePath() string { return cmp.Or(c.BasePath, defaultBasePath) }

// flowPolicy returns what the flows read.
func (c *Config) flowPolicy() flow.Policy {
	p := flow.DefaultPolicy()
	p.Fields = flow.Fields{
		Email: flow.Need(c.need(wordEmail)), Phone: flow.Need(c.need(wordPhone)),
		FirstName: flow.Off, LastName: flow.Off,
	}
	if s := c.SignUp; s != nil {
		p.SignUp = flow.SignUpMode(cmp.Or(s.Mode, wordOpen))
		p.Fields.FirstName = flow.Need(cmp.Or(s.FirstName, wordOff))
		p.Fields.LastName = flow.Need(cmp.Or(s.LastName, wordOff))
	}
	if k := c.Code; k != nil {
		p.Code.Length = cmp.Or(k.Length, p.Code.Length)
		p.Code.Lifetime = cmp.Or(time.Duration(k.Lifetime), p.Code.Lifetime)
		p.Code.Attempts = cmp.Or(k.Attempts, p.Code.Attempts)
		p.Code.ResendAfter = cmp.Or(time.Duration(k.ResendAfter), p.Code.ResendAfter)
	}
	p.SessionLifetime, _ = c.lifetimes()
	p.Password, p.SecondFactor = c.passwordMode(), c.secondFactor()
	p.ClientTrust = c.clientTrust()
	p.DeleteSelf = c.DeleteAccount != wordOff
	p.OneSession, p.Reveal, p.TestMode = c.oneSession(), c.reveals(), c.testMode()
	if c.Terms != nil {
		p.Terms = flow.Terms{URL: c.Terms.URL, Version: c.Terms.Version}
	}
	return p
}

func (c *Config) passwordMode() flow.Need {
	if c.Password == nil {
		return flow.Off
	}
	return flow.Need(cmp.Or(c.Password.Mode, wordOff))
}

func (c *Config) passwords() bool { return c.passwordMode() != flow.Off }

func (c *Config) secondFactor() flow.Need { return flow.Need(cmp.Or(c.SecondFactor, wordOff)) }

// clientTrust returns how long a browser is trusted, zero for never asking. The
// word has been checked.
func (c *Config) clientTrust() time.Duration {
	switch c.ClientTrust {
	case "":
		return flow.DefaultPolicy().ClientTrust
	case wordOff:
		return 0
	}
	d, err := caddy.ParseDuration(c.ClientTrust)
	if err != nil {
		return flow.DefaultPolicy().ClientTrust
	}
	return d
}

// passwordAlone reports whether there are people whom a password alone lets in.
func (c *Config) passwordAlone() bool {
	return c.clientTrust() == 0 && c.secondFactor() != flow.Required
}

// passwordRules returns which passwords are good enough.
func (c *Config) passwordRules() password.Rules {
	p := cmp.Or(c.Password, new(Password))
	r := password.Rules{MinLength: p.MinLength}
	if r.MinLength == 0 && c.passwordAlone() {
		r.MinLength = password.AloneMinLength
	}
	if p.Breached == wordHIBP {
		r.Breached = password.NewHIBP(p.HIBPURL, nil)
	}
	return r
}

// params returns what a hash costs. The options have been checked.
func (p *Password) params() password.Params {
	costs := password.DefaultParams()
	if memory, err := parseMemory(p.Memory); err == nil {
		costs.Memory = memory
	}
	costs.Iterations = cmp.Or(uint32(p.Iterations), costs.Iterations)   //nolint:gosec // checked to be small
	costs.Parallelism = cmp.Or(uint8(p.Parallelism), costs.Parallelism) //nolint:gosec // checked to be small
	return costs
}

// admissionRules returns whose addresses may sign up. The patterns have been
// checked; one that cannot be read is refused here all the same.
func (c *Config) admissionRules() (admission.Rules, error) {
	var r admission.Rules
	for _, side := range []struct {
		lines []string
		to    *[]admission.Pattern
	}{{c.Allow, &r.Allow}, {c.Block, &r.Block}} {
		for _, line := range side.lines {
			p, err := admission.Parse(line)
			if err != nil {
				return r, err
			}
			*side.to = append(*side.to, p)
		}
	}
	return r, nil
}

// lifetimes returns the absolute and the idle limit of sessions.
func (c *Config) lifetimes() (lifetime, idle time.Duration) {
	lifetime = flow.DefaultPolicy().SessionLifetime
	if c.Session != nil {
		lifetime = cmp.Or(time.Duration(c.Session.Lifetime), lifetime)
		idle = time.Duration(c.Session.Idle)
	}
	return lifetime, cmp.Or(idle, min(defaultIdle, lifetime))
}

func (c *Config) identifierPolicy() identifier.Policy {
	p := identifier.Policy{
		Email: c.identifies(wordEmail), Phone: c.identifies(wordPhone), Region: strings.ToUpper(c.Region),
	}
	for _, country := range c.SMSCountries {
		p.Countries = append(p.Countries, strings.ToUpper(country))
	}
	return p
}

func (c *Config) limits() limit.Policy {
	if c.Limits == nil {
		return limit.DefaultPolicy()
	}
	return c.Limits.WithDefaults()
}

// identityHeaders returns which header tells the upstream what.
func (c *Config) identityHeaders() map[string]session.Field {
	if len(c.Headers) == 0 {
		return map[string]session.Field{
			"Remote-User": session.UserID, "Remote-Email": session.UserEmail,
			"Remote-Phone": session.UserPhone, "Remote-Name": session.UserName,
		}
	}
	headers := make(map[string]session.Field, len(c.Headers))
	for name, field := range c.Headers {
		headers[name] = session.Fields[field]
	}
	return headers
}

// tokenHeader returns the header of the token, empty for none.
func (c *Config) tokenHeader() string {
	if c.Token == nil || c.Token.Header == "" {
		return defaultTokenHeader
	}
	if c.Token.Header == wordOff {
		return ""
	}
	return c.Token.Header
}

// algorithm returns how tokens are signed. Clerk's backend SDKs read keys for RS256
// alone.
func (c *Config) algorithm() string {
	switch {
	case c.FrontendAPI != nil:
		return session.RS256
	case c.Token == nil:
		return session.ES256
	}
	return cmp.Or(c.Token.Algorithm, session.ES256)
}
