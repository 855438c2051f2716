// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/session"
)

// FrontendAPI rules the interface that programs use which were written with Clerk's
// SDKs for browsers and phones. It is served below <base_path>/v1.
type FrontendAPI struct {
	// PublishableKey is what programs are configured with: pk_live_ and the host of
	// the API with "$" behind it in base64. It is no secret. Placeholders are
	// resolved. Default: made from the host of the first origin, and in the log at
	// every start
	PublishableKey string `json:"publishable_key,omitempty"`
	// AllowedOrigins are other origins whose pages may call the API, each scheme
	// and host; https, but for this machine. Placeholders are resolved. Default: none
	AllowedOrigins []string `json:"allowed_origins,omitempty"`
	// Enumeration says whether answers tell who has an account: strict, which tells
	// no more than the pages do, or reveal, which answers as Clerk does by default.
	// Default: strict
	Enumeration string `json:"enumeration,omitempty"`
	// MultiSession lets one browser hold several sessions: on or off. Default: off
	MultiSession string `json:"multi_session,omitempty"`
	// Native lets apps for phones in, which send a token in place of cookies: on or
	// off. Default: on
	Native string `json:"native,omitempty"`
	// SDKFiles is where the scripts below <base_path>/npm come from: a directory that
	// holds @clerk, such as node_modules, or the https:// address of a network that
	// serves npm packages, to which is redirected. Placeholders are resolved.
	// Default: none, such requests are answered 404
	SDKFiles string `json:"sdk_files,omitempty"`
}

// BackendAPI rules the operator's interface over HTTP, in the shape of Clerk's
// Backend API.
type BackendAPI struct {
	// SecretKeys let their holders in. At least one.
	SecretKeys []SecretKey `json:"secret_keys,omitempty"`
	// BasePath is the prefix of the API, which is served below it at /v1. Default:
	// backend, below the gate's own base path
	BasePath string `json:"base_path,omitempty"`
}

// SecretKey lets its holder do everything that the Backend API offers.
type SecretKey struct {
	// Name stands in the log beside what was done with the key. Default: default
	Name string `json:"name,omitempty"`
	// Value has at least 32 characters. Placeholders such as
	// {env.GATELATCH_SECRET_KEY} are resolved.
	Value string `json:"value,omitempty"`
}

// TokenTemplate is a set of claims of the operator's own, for programs that ask for
// a token by its name.
type TokenTemplate struct {
	// Lifetime of a token, 30s to 1d. Default: 60s
	Lifetime caddy.Duration `json:"lifetime,omitempty"`
	// Claims are values by name. They may hold {user.id}, {user.email}, {user.phone},
	// {user.name}, {user.first_name}, {user.last_name}, {user.external_id},
	// {user.public_metadata}, {user.unsafe_metadata}, the two also with .key behind
	// them, {session.id} and {site.origin}. A value that is an object or a list in
	// JSON becomes one. At least one.
	Claims map[string]string `json:"claims,omitempty"`
}

// templates returns the templates of tokens by their names, nil for none. They have
// been checked.
func (c *Config) templates() map[string]session.Template {
	if len(c.TokenTemplates) == 0 {
		return nil
	}
	all := make(map[string]session.Template, len(c.TokenTemplates))
	for name, t := range c.TokenTemplates {
		all[name] = session.Template{Name: name, Lifetime: timeOf(t.Lifetime), Claims: t.Claims}
	}
	return all
}

// backendPath returns the prefix of the Backend API, empty when it is off.
func (c *Config) backendPath() string {
	if c.BackendAPI == nil {
		return ""
	}
	return cmp.Or(c.BackendAPI.BasePath, c.basePath()+"/backend")
}

// otherPath returns the prefix of the Backend API when it lies elsewhere than below
// the gate's own base path.
func (c *Config) otherPath() string {
	place := c.backendPath()
	if strings.HasPrefix(place, c.basePath()+"/") {
		return ""
	}
	return place
}

// oneSession reports whether a browser holds one session at most.
func (c *Config) oneSession() bool {
	return c.FrontendAPI == nil || c.FrontendAPI.MultiSession != wordOn
}

// cookieLife is how long a browser keeps its session cookie. Where it may hold
// several sessions, that of one that has expired shows which of the others are its
// own, and the last of those began no later.
func (c *Config) cookieLife(session time.Duration) time.Duration {
	if c.oneSession() {
		return session
	}
	return 2 * session
}

func (c *Config) reveals() bool {
	return c.FrontendAPI != nil && c.FrontendAPI.Enumeration == wordReveal
}

// testMode reports whether test addresses take the one code that everybody knows.
func (c *Config) testMode() bool { return c.TestMode == wordOn || c.TestMode == wordPublic }
