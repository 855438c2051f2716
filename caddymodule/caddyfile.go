// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

const directive = "gatelatch"

func init() {
	httpcaddyfile.RegisterDirective(directive, parseDirective)
	// Behind rewrites, in front of encode, request_header and everything that
	// answers.
	httpcaddyfile.RegisterDirectiveOrder(directive, httpcaddyfile.Before, "basic_auth")
}

// parseDirective reads the directive. A matcher narrows what the gate guards;
// its own pages stay reachable all the same.
func parseDirective(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	if !h.Next() {
		return nil, h.ArgErr()
	}
	matcher, err := h.ExtractMatcherSet()
	if err != nil {
		return nil, err
	}
	g := &Gate{matcher: func(word string) (caddy.ModuleMap, bool, error) { return matcherNamed(h, word) }}
	if err := g.UnmarshalCaddyfile(h.Dispenser); err != nil {
		return nil, err
	}
	values := h.NewRoute(matcher, g)
	if matcher == nil {
		return values, nil
	}
	for i := range values {
		if route, ok := values[i].Value.(caddyhttp.Route); ok {
			route.MatcherSetsRaw = append(route.MatcherSetsRaw, caddy.ModuleMap{
				"path": caddyconfig.JSON(g.ownPaths(), nil),
			})
			values[i].Value = route
		}
	}
	return values, nil
}

// ownPaths are the patterns of all that the gate serves itself.
func (c *Config) ownPaths() []string {
	base, other := c.basePath(), c.otherPath()
	paths := []string{base, base + "/*"}
	if other != "" {
		paths = append(paths, other, other+"/*")
	}
	return paths
}

// matcherNamed returns what a path, or the name of a matcher, stands for where
// the directive stands.
func matcherNamed(h httpcaddyfile.Helper, word string) (caddy.ModuleMap, bool, error) {
	d := caddyfile.NewDispenser([]caddyfile.Token{{Text: directive}, {Text: word}})
	d.Next()
	return h.WithDispenser(d).MatcherToken()
}

// UnmarshalCaddyfile reads the options of a gate. Syntax:
//
//	gatelatch [<matcher>] {
//		base_path       <path>
//		name            <text>
//		origin          <url...>
//		store           sqlite [<file>] | postgres <dsn>
//		secret          <text>
//		identifiers     email | phone | email phone
//		sign_up         open | invite | waitlist | closed {
//			email       required | optional | off
//			phone       required | optional | off
//			first_name  required | optional | off
//			last_name   required | optional | off
//		}
//		allow           email <pattern...> | phone <pattern...>
//		block           email <pattern...> | phone <pattern...> | disposable <file>
//		region          <country>
//		password        off | optional | required {
//			min_length   <number>
//			breached     off | hibp [<url>]
//			memory       <size>
//			iterations   <number>
//			parallelism  <number>
//		}
//		client_trust    <duration> | off
//		second_factor   off | optional | required
//		require [<matcher...>] {
//			fresh          <duration>
//			second_factor
//		}
//		terms           <url> <version>
//		delete_account  on | off
//		code {
//			length        <digits>
//			lifetime      <duration>
//			attempts      <number>
//			resend_after  <duration>
//		}
//		session {
//			lifetime       <duration>
//			idle           <duration>
//			cookie_domain  <domain>
//		}
//		email           smtp { ... } | webhook <url> { ... } | outbox <file>
//		sms             twilio { ... } | webhook <url> { ... } | outbox <file>
//		sms_countries   <country...>
//		public          <path...>
//		headers {
//			<name>  {user.id} | {user.email} | {user.phone} | {user.name} | {session.id}
//		}
//		token {
//			algorithm  ES256 | RS256
//			audience   <text>
//			header     <name> | off
//		}
//		frontend_api {
//			publishable_key  <key>
//			allowed_origins  <origin...>
//			enumeration      strict | reveal
//			multi_session    on | off
//			native           on | off
//			sdk_files        <directory> | <url>
//		}
//		backend_api {
//			secret_key  [<name>] <text>
//			base_path   <path>
//		}
//		token_template <name> [<lifetime>] {
//			<claim>  <value>
//		}
//		test_mode       on | public | off
//		limits {
//			guesses_per_identifier  <rate...>
//			sends_per_identifier    <rate...>
//			sends_per_prefix        <rate...>
//			sends_per_network       <rate...>
//			starts_per_network      <rate...>
//			messages_per_site       <rate...>
//			failures_in_a_row       <number>
//		}
//		branding {
//			logo        <path>
//			accent      <#rrggbb>
//			stylesheet  <path>
//			templates   <directory>
//			help        <url>
//		}
//		cors_preflight  pass | deny
//	}
//
// A rate is a count and a window, such as 10/h, 5/10m or 20/d, or off. A pattern
// is an address, a domain, *.domain, a number or a country. allow, block, require,
// secret_key and token_template may be given several times.
func (g *Gate) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the directive itself
	if d.NextArg() {
		return d.Errf("unexpected %q after %s; options stand in a block { ... }", d.Val(), directive)
	}
	seen, err := parseOptions(d, g.options())
	if err != nil {
		return err
	}
	return locate(d, g.Check(), seen) // options that contradict each other
}

// locate adds file and line to the error of a check: those of the option that
// it begins with.
func locate(d *caddyfile.Dispenser, err error, seen map[string]caddyfile.Token) error {
	if err == nil {
		return nil
	}
	name, _, _ := strings.Cut(err.Error(), " ")
	if token, ok := seen[strings.TrimSuffix(name, ":")]; ok {
		return fmt.Errorf("%w, at %s:%d", err, token.File, token.Line)
	}
	return d.WrapErr(err)
}

func (g *Gate) options() []option {
	return []option{
		{"base_path", text(&g.BasePath, checkBasePath)},
		{"name", text(&g.Name, checkName)},
		{"origin", texts(&g.Origins, "origin", checkOrigin)},
		{"store", g.parseStore},
		{"secret", text(&g.Secret, nil)},
		{"identifiers", texts(&g.Identifiers, "identifiers", checkIdentifier)},
		{"sign_up", g.parseSignUp},
		{"region", text(&g.Region, func(s string) error { return checkCountry("region", s) })},
		{"allow", g.parseAllow},
		{"block", g.parseBlockList},
		{"password", g.parsePassword},
		{"client_trust", text(&g.ClientTrust, checkClientTrust)},
		{"second_factor", text(&g.SecondFactor, func(s string) error { return checkNeed("second_factor", s) })},
		{"require", g.parseRequire},
		{"terms", g.parseTerms},
		{"delete_account", text(&g.DeleteAccount, func(s string) error { return oneOf("delete_account", s, wordOn, wordOff) })},
		{"code", g.parseCode},
		{"session", g.parseSession},
		{wordEmail, g.parseSender(wordEmail)},
		{wordSMS, g.parseSender(wordSMS)},
		{"sms_countries", texts(&g.SMSCountries, "sms_countries", func(s string) error { return checkCountry("sms_countries", s) })},
		{"public", texts(&g.Public, "public", checkPublic)},
		{"headers", g.parseHeaders},
		{"token", g.parseToken},
		{"frontend_api", g.parseFrontendAPI},
		{"backend_api", g.parseBackendAPI},
		{"token_template", g.parseTemplate},
		{"test_mode", text(&g.TestMode, checkTestMode)},
		{"limits", g.parseLimits},
		{"branding", g.parseBranding},
		{"cors_preflight", text(&g.CORSPreflight, checkPreflight)},
	}
}

// parseStore reads the guest that names the database.
func (g *Gate) parseStore(d *caddyfile.Dispenser) error {
	raw, err := parseGuest(d, "store", "driver", storeNamespace, []string{driverSQLite, driverPostgres})
	g.StoreRaw = raw
	return err
}

// senders are the valid words of each channel.
var senders = map[string][]string{
	wordEmail: {"smtp", "webhook", "outbox"},
	wordSMS:   {"twilio", "webhook", "outbox"},
}

func (g *Gate) parseSender(channel string) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		raw, err := parseGuest(d, channel, "sender", senderNamespace, senders[channel])
		if err != nil {
			return err
		}
		if g.SendersRaw == nil {
			g.SendersRaw = make(map[string]json.RawMessage)
		}
		g.SendersRaw[channel] = raw
		return nil
	}
}

// parseGuest reads the name of a guest module, and lets it read the rest.
func parseGuest(d *caddyfile.Dispenser, name, inlineKey, namespace string, valid []string) (json.RawMessage, error) {
	if !d.NextArg() {
		return nil, d.Errf("%s needs a value; expected one of %s", name, strings.Join(valid, ", "))
	}
	word := d.Val()
	if !slices.Contains(valid, word) {
		return nil, d.WrapErr(oneOf(name, word, valid...))
	}
	module, err := caddyfile.UnmarshalModule(d, namespace+"."+word)
	if err != nil {
		return nil, err
	}
	return caddyconfig.JSONModuleObject(module, inlineKey, word, nil), nil
}

var _ caddyfile.Unmarshaler = (*Gate)(nil)
