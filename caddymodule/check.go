// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/session"
)

// The words of options.
const (
	wordOff      = "off"
	wordOn       = "on"
	wordHIBP     = "hibp"
	wordOpen     = "open"
	wordInvite   = "invite"
	wordWaitlist = "waitlist"
	wordClosed   = "closed"
	wordEmail    = "email"
	wordPhone    = "phone"
	wordSMS      = "sms"
	wordPass     = "pass"
	wordDeny     = "deny"
	wordRequired = "required"
	wordOptional = "optional"
)

const day = 24 * time.Hour

// oneOf reports a word that is not among the valid ones.
func oneOf(option, word string, valid ...string) error {
	if slices.Contains(valid, word) {
		return nil
	}
	if len(valid) == 1 {
		return fmt.Errorf("%s %q; expected %s, the only value so far", option, word, valid[0])
	}
	return fmt.Errorf("%s %q; expected one of %s", option, word, strings.Join(valid, ", "))
}

// between reports a number or a duration outside of its bounds.
func between(option string, n, low, high int) error {
	if n >= low && n <= high {
		return nil
	}
	return fmt.Errorf("%s %d; expected %d to %d", option, n, low, high)
}

func lasting(option string, d caddy.Duration, low, high time.Duration) error {
	if v := time.Duration(d); v >= low && v <= high {
		return nil
	}
	return fmt.Errorf("%s %s; expected %s to %s", option, span(time.Duration(d)), span(low), span(high))
}

// span writes a duration as operators do: 10m and 7d rather than 10m0s and 168h0m0s.
func span(d time.Duration) string {
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func checkBasePath(p string) error {
	if p == "/" || !strings.HasPrefix(p, "/") || path.Clean(p) != p || strings.ContainsAny(p, "*{}?#%\\;\" ") || !printable(p) {
		return fmt.Errorf("base_path %q; expected a plain path such as /.auth", p)
	}
	return nil
}

func checkName(name string) error {
	if !printable(name) || len(name) > 200 {
		return errors.New("name; expected one line of at most 200 bytes")
	}
	return nil
}

func checkOrigin(origin string) error {
	if hasPlaceholder(origin) {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Host, "*") {
		return fmt.Errorf("origin %q; expected scheme and host, such as https://app.example.com", origin)
	}
	return nil
}

func checkIdentifier(word string) error { return oneOf("identifiers", word, wordEmail, wordPhone) }

func checkSignUpMode(word string) error {
	return oneOf("sign_up", word, wordOpen, wordInvite, wordWaitlist, wordClosed)
}

func checkNeed(field, word string) error {
	return oneOf(field, word, wordOff, wordOptional, wordRequired)
}

func checkCountry(option, code string) error {
	if (identifier.Policy{Countries: []string{code}}).Validate() != nil {
		return fmt.Errorf("%s %q; expected a country code of ISO 3166 alpha-2, such as US", option, code)
	}
	return nil
}

func checkClientTrust(word string) error {
	if word == wordOff {
		return nil
	}
	d, err := caddy.ParseDuration(word)
	if err != nil {
		return fmt.Errorf("client_trust %q; expected a duration such as 30d, or off", word)
	}
	return lasting("client_trust", caddy.Duration(d), time.Hour, session.ClientLifetime)
}

func checkPublic(pattern string) error {
	if !strings.HasPrefix(pattern, "/") || strings.Contains(strings.TrimSuffix(pattern, "*"), "*") || !printable(pattern) {
		return fmt.Errorf("public %q; expected a path such as /healthz, or a prefix such as /assets/*", pattern)
	}
	// A pattern in any but the one plain spelling would never match.
	path := strings.TrimSuffix(pattern, "*")
	routes := gate.Routes{Base: "/-", Public: []string{pattern}}
	if routes.Route(&http.Request{URL: &url.URL{Path: path}}) != gate.Public {
		return fmt.Errorf("public %q would never match; expected a plain path, without query, //, dots, ; or percent-encoding", pattern)
	}
	return nil
}

// headerName is a token of RFC 9110 5.6.2, without the characters that Caddy
// and others treat as something else.
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,62}$`)

// reserved are headers that something else lives on.
var reserved = []string{"host", "cookie", "connection", "content-length", "transfer-encoding", "upgrade", "trailer", "te"}

func checkHeaderName(option, name string) error {
	if !headerName.MatchString(name) {
		return fmt.Errorf("%s %q; expected a header name such as Remote-User", option, name)
	}
	if slices.Contains(reserved, strings.ToLower(name)) {
		return fmt.Errorf("%s %q; this header has another meaning, choose a name such as Remote-User", option, name)
	}
	return nil
}

func checkField(field string) error {
	if _, ok := session.Fields[field]; ok {
		return nil
	}
	return fmt.Errorf("headers {%s}; expected one of {user.id}, {user.email}, {user.phone}, {user.name}, {session.id}", field)
}

func checkAlgorithm(word string) error {
	return oneOf("token algorithm", word, session.ES256, session.RS256)
}

func checkTokenHeader(name string) error {
	if name == wordOff {
		return nil
	}
	return checkHeaderName("token header", name)
}

// domainName is a host name of two or more labels.
var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func checkCookieDomain(domain string) error {
	if !domainName.MatchString(domain) {
		return fmt.Errorf("session cookie_domain %q; expected a domain such as example.com, in lower case and without a dot in front", domain)
	}
	return nil
}

var accentColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func checkAccent(color string) error {
	if !accentColor.MatchString(color) {
		return fmt.Errorf("branding accent %q; expected six hexadecimal digits after #, in quotes, such as \"#1a73e8\"", color)
	}
	return nil
}

func checkOwnPath(option, p string) error {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.Contains(p, `\`) || !printable(p) {
		return fmt.Errorf("%s %q; expected a path on this site, such as /logo.svg", option, p)
	}
	return nil
}

func checkHelp(link string) error {
	if !strings.HasPrefix(link, "mailto:") && !strings.HasPrefix(link, "https://") {
		return fmt.Errorf("branding help %q; expected mailto: or https://", link)
	}
	return nil
}

func checkFailures(n int) error { return between("limits failures_in_a_row", n, 1, 100) }

func checkPreflight(word string) error { return oneOf("cors_preflight", word, wordPass, wordDeny) }

func hasPlaceholder(s string) bool { return strings.Contains(s, "{") }

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == 0xfffd })
}
