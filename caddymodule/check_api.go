// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

// The words of the interfaces for programs.
const (
	wordStrict = "strict"
	wordReveal = "reveal"
	wordPublic = "public"
)

// minSecretKey is the least length of a key of the Backend API, in characters.
const minSecretKey = 32

func checkSwitch(option string) func(string) error {
	return func(word string) error { return oneOf(option, word, wordOn, wordOff) }
}

func checkEnumeration(word string) error {
	return oneOf("frontend_api enumeration", word, wordStrict, wordReveal)
}

func checkTestMode(word string) error { return oneOf("test_mode", word, wordOn, wordPublic, wordOff) }

func checkPublishableKey(key string) error {
	if hasPlaceholder(key) {
		return nil
	}
	if _, err := wire.ParsePublishableKey(key); err != nil {
		return fmt.Errorf("frontend_api publishable_key: %w", err)
	}
	return nil
}

// checkAllowed reports what is no whole origin, or could be read on the way.
func checkAllowed(origin string) error {
	if hasPlaceholder(origin) {
		return nil
	}
	if checkOrigin(origin) != nil {
		return fmt.Errorf("frontend_api allowed_origins %q; expected scheme and host, such as https://www.example.com", origin)
	}
	if scheme, _, _ := strings.Cut(origin, "://"); !strings.EqualFold(scheme, "https") && !onThisMachine(strings.ToLower(hostOf(origin))) {
		return fmt.Errorf("frontend_api allowed_origins %q; expected https://, since anybody on the way could change "+
			"the pages of this origin and act for whoever looks at them; http:// is for localhost", origin)
	}
	return nil
}

// checkSDKFiles knows addresses from directories; a directory is looked up later.
func checkSDKFiles(place string) error {
	if hasPlaceholder(place) || !strings.Contains(place, "://") {
		return nil
	}
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("frontend_api sdk_files %q; expected a directory, or https:// and a host", place)
	}
	return nil
}

func checkBackendPath(p string) error {
	if checkBasePath(p) != nil {
		return fmt.Errorf("backend_api base_path %q; expected a plain path such as /admin-api", p)
	}
	return nil
}

// plainName is what keys may be called.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// checkKeyName does not quote the name: it may be a key in the wrong place.
func checkKeyName(name string) error {
	if !plainName.MatchString(name) || len(name) >= minSecretKey {
		return errors.New("backend_api secret_key: the name; expected fewer than 32 letters, digits, - and _, such as deploy")
	}
	return nil
}

// checkPrograms reports what is wrong about the interfaces for programs.
func (c *Config) checkPrograms() error {
	return first(
		c.checkFrontend(), c.checkBackend(), c.checkTemplates(), c.checkTemplateUse(), given(c.TestMode, checkTestMode), c.checkTokenKind(),
	)
}

func (c *Config) checkFrontend() error {
	f := c.FrontendAPI
	if f == nil {
		return nil
	}
	return first(
		given(f.PublishableKey, checkPublishableKey),
		each("frontend_api allowed_origins", f.AllowedOrigins, checkAllowed),
		given(f.Enumeration, checkEnumeration),
		given(f.MultiSession, checkSwitch("frontend_api multi_session")),
		given(f.Native, checkSwitch("frontend_api native")),
		given(f.SDKFiles, checkSDKFiles),
	)
}

// checkTokenKind refuses keys that Clerk's SDKs cannot read.
func (c *Config) checkTokenKind() error {
	if c.FrontendAPI != nil && c.Token != nil && c.Token.Algorithm == session.ES256 {
		return errors.New("token algorithm ES256, but frontend_api is on, and Clerk's backend SDKs read keys for RS256 alone; " +
			"write algorithm RS256, or leave the line out")
	}
	return nil
}

func (c *Config) checkBackend() error {
	b := c.BackendAPI
	if b == nil {
		return nil
	}
	if err := given(b.BasePath, checkBackendPath); err != nil {
		return err
	}
	if len(b.SecretKeys) == 0 {
		return errNoSecretKey
	}
	var names []string
	for _, k := range b.SecretKeys {
		if k.Value == "" {
			return errEmptySecretKey
		}
		names = append(names, k.name())
	}
	if err := each("backend_api secret_key", names, checkKeyName); err != nil {
		return err
	}
	return c.checkBackendPlace()
}

var (
	errNoSecretKey = errors.New("backend_api needs at least one secret_key, " +
		"for example secret_key {env.GATELATCH_SECRET_KEY}")
	errEmptySecretKey = errors.New("backend_api secret_key is empty")
)

// checkBackendPlace keeps the two prefixes from meaning one path.
func (c *Config) checkBackendPlace() error {
	base, place := c.basePath(), c.backendPath()
	if place == base || strings.HasPrefix(base, place+"/") {
		return fmt.Errorf("backend_api base_path %s collides with base_path %s, whose paths would be below both; "+
			"write another, such as %s/backend", place, base, base)
	}
	below, inside := strings.CutPrefix(place, base+"/")
	if word, _, _ := strings.Cut(below, "/"); inside && slices.Contains(ownWords, word) {
		return fmt.Errorf("backend_api base_path %s collides with %s/%s, which the gate serves itself; "+
			"write another, such as %s/backend", place, base, word, base)
	}
	for _, pattern := range c.Public {
		if pattern == place || strings.HasPrefix(pattern, place+"/") {
			return fmt.Errorf("backend_api base_path %s holds the public path %s, which would never reach the app", place, pattern)
		}
	}
	return nil
}

// ownWords are the first words of paths that the gate serves below its base.
var ownWords = []string{
	"v1", "npm", "openapi.json", ".well-known", "sign-in", "sign-up", "sign-out", "signed-out", "forget.css", "outbox",
	"assets", "link", "not-me", "verify", "tasks", "account",
}

// checkTemplateUse refuses templates that nothing could ask for.
func (c *Config) checkTemplateUse() error {
	if len(c.TokenTemplates) == 0 || c.FrontendAPI != nil || c.BackendAPI != nil {
		return nil
	}
	name := slices.Sorted(maps.Keys(c.TokenTemplates))[0]
	return fmt.Errorf("token_template %s, but neither frontend_api nor backend_api is on, and only programs that call one of them "+
		"ask for tokens of a template; write one of the two, or leave the template out", name)
}

func (c *Config) checkTemplates() error {
	for _, name := range slices.Sorted(maps.Keys(c.TokenTemplates)) {
		if err := checkTemplate(name, c.TokenTemplates[name]); err != nil {
			return err
		}
	}
	return nil
}

func checkTemplate(name string, t *TokenTemplate) error {
	if t == nil || len(t.Claims) == 0 {
		return fmt.Errorf("token_template %s needs a block with at least one line: <claim> <value>", name)
	}
	if t.Lifetime != 0 {
		if err := checkTemplateLife(name, t.Lifetime); err != nil {
			return err
		}
	}
	_, err := session.ReadTemplate(name, time.Duration(t.Lifetime), t.Claims)
	return err
}

func checkTemplateLife(name string, v caddy.Duration) error {
	return lasting("token_template "+name, v, session.MinTemplateLife, session.MaxTemplateLife)
}

// checkClaim reports what is wrong about one line of a template.
func checkClaim(template, claim, value string) error {
	_, err := session.ReadTemplate(template, 0, map[string]string{claim: value})
	return err
}
