// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch/limit"
)

// Config holds the options of a gate. All are optional on a localhost site.
type Config struct {
	// BasePath is the prefix of the gate's own paths. Default: /.auth
	BasePath string `json:"base_path,omitempty"`

	// Name is the site's name on pages and in messages. Default: the host of
	// the first origin.
	Name string `json:"name,omitempty"`

	// Origins are where browsers reach the site, such as
	// https://app.example.com. Tokens are issued in the name of the first, and
	// forms and WebSocket handshakes are taken from pages of these only.
	// Default: the site's own addresses.
	Origins []string `json:"origins,omitempty"`

	// Store keeps users and sessions. Default: SQLite in the file
	// gatelatch/gatelatch.db of Caddy's data directory.
	StoreRaw json.RawMessage `json:"store,omitempty" caddy:"namespace=gatelatch.stores inline_key=driver"`

	// Secret is the site secret: at least 32 bytes, as 64 or more hexadecimal
	// digits, as base64, or as text of at least 32 characters. Placeholders such as
	// {env.GATELATCH_SECRET} are resolved. Default: 32 random bytes made at the
	// first start and kept in Caddy's storage under gatelatch/secret. Required
	// with the store postgres.
	Secret string `json:"secret,omitempty"`

	// Identifiers are the kinds of address that identify people: email, phone.
	// Default: email
	Identifiers []string `json:"identifiers,omitempty"`

	// SignUp says who may make an account, and what is asked for.
	SignUp *SignUp `json:"sign_up,omitempty"`

	// Region is the country of phone numbers typed without a country code, as
	// ISO 3166 alpha-2. Default: none, numbers must begin with + or 00.
	Region string `json:"region,omitempty"`

	// Allow lists whose addresses may sign up: addresses, domains, *.domains, phone
	// numbers, countries. Default: all that Block does not name
	Allow []string `json:"allow,omitempty"`

	// Block lists whose addresses may not sign up, in the same forms. It wins over
	// Allow. Default: nobody
	Block []string `json:"block,omitempty"`

	// BlockDisposable is a file of domains whose addresses are thrown away after
	// use, one a line; they may not sign up. It is read at the start. Placeholders
	// are resolved. Default: none
	BlockDisposable string `json:"block_disposable,omitempty"`

	// Password says whether passwords are used, and rules them.
	Password *Password `json:"password,omitempty"`

	// SecondFactor says whether people may, or must, set up a second step: off,
	// optional, required. Default: off
	SecondFactor string `json:"second_factor,omitempty"`

	// ClientTrust is how long, from its last use, a browser that has proven an
	// address is spared a code after a right password: a duration from 1h to 400d,
	// or off, which never asks for one. It needs passwords. Default: 30d
	ClientTrust string `json:"client_trust,omitempty"`

	// Terms are what everybody has to accept. Default: none
	Terms *Terms `json:"terms,omitempty"`

	// DeleteAccount says whether people may delete their own account: on or off.
	// Default: on
	DeleteAccount string `json:"delete_account,omitempty"`

	// Requirements are what some paths ask for beside a session. All that match a
	// request must be met. Default: none
	Requirements []*Requirement `json:"require,omitempty"`

	// Code rules one-time codes.
	Code *Code `json:"code,omitempty"`

	// Session rules sessions.
	Session *Session `json:"session,omitempty"`

	// Senders carry codes to people, by channel: email and sms. Default on a
	// localhost site: a development outbox in Caddy's data directory, also shown
	// in the log and at <base_path>/outbox. Any other site must name its own.
	SendersRaw map[string]json.RawMessage `json:"senders,omitempty" caddy:"namespace=gatelatch.senders inline_key=sender"`

	// SMSCountries are the countries whose numbers may be texted, as ISO 3166
	// alpha-2. Default: that of region alone, or every country without a region.
	SMSCountries []string `json:"sms_countries,omitempty"`

	// Public lists paths that need no session: exact, or a prefix that ends in
	// "*". Identity headers are taken from these requests too. Default: none
	Public []string `json:"public,omitempty"`

	// Headers maps names of request headers to what they tell the upstream:
	// user.id, user.email, user.phone, user.name, session.id. Default: Remote-User,
	// Remote-Email, Remote-Phone and Remote-Name with the fields of the user.
	Headers map[string]string `json:"headers,omitempty"`

	// Token rules the signed token for the upstream.
	Token *Token `json:"token,omitempty"`

	// Limits bound what may be tried and sent.
	Limits *limit.Policy `json:"limits,omitempty"`

	// FrontendAPI serves programs written with Clerk's SDKs for browsers and phones.
	// Tokens are then signed with RS256. Default: off
	FrontendAPI *FrontendAPI `json:"frontend_api,omitempty"`

	// BackendAPI serves the operator's programs, such as Clerk's SDKs for servers.
	// Default: off
	BackendAPI *BackendAPI `json:"backend_api,omitempty"`

	// TokenTemplates are claims of the operator's own by the name under which
	// programs ask for a token with them. Default: none
	TokenTemplates map[string]*TokenTemplate `json:"token_templates,omitempty"`

	// TestMode has test addresses (+clerk_test in an e-mail address, a phone number
	// of 555-0100 to 555-0199) take the code 424242, and sends them nothing: on, for
	// a site on this machine alone, public for any, or off. Default: off
	TestMode string `json:"test_mode,omitempty"`

	// Branding changes how the pages look.
	Branding *Branding `json:"branding,omitempty"`

	// CORSPreflight says what becomes of CORS preflights, which never carry a
	// session: pass lets them through to the upstream, deny answers 403.
	// Default: deny
	CORSPreflight string `json:"cors_preflight,omitempty"`
}

// SignUp says who may make an account, and what a sign-up asks for.
type SignUp struct {
	// Mode is open (anybody with a proven address), invite (who was invited),
	// waitlist (who was invited; others prove an address and wait) or closed. A
	// command may change it at run time. Default: open
	Mode string `json:"mode,omitempty"`
	// Email is required, optional or off. Default: required when e-mail is the
	// only identifier, else optional; when neither address is required, one of
	// them is enough.
	Email string `json:"email,omitempty"`
	// Phone is required, optional or off. Default: as for email.
	Phone string `json:"phone,omitempty"`
	// FirstName is required, optional or off. Default: off
	FirstName string `json:"first_name,omitempty"`
	// LastName is required, optional or off. Default: off
	LastName string `json:"last_name,omitempty"`
}

// Password rules passwords.
type Password struct {
	// Mode is off, optional or required: whether a sign-up may, or must, choose
	// one. Default: off
	Mode string `json:"mode,omitempty"`
	// MinLength in characters, 8 to 64. Default: 8, or 15 (which is then also the
	// least) where a password alone lets somebody in: with client_trust off, and
	// second_factor not required.
	MinLength int `json:"min_length,omitempty"`
	// Breached says who is asked for passwords known from breaches: hibp, which
	// learns five hexadecimal digits of a hash, or off. Default: off
	Breached string `json:"breached,omitempty"`
	// HIBPURL is where that list is asked. Default: the public service
	HIBPURL string `json:"hibp_url,omitempty"`
	// Memory of one hash (argon2id), such as 19MiB; 7MiB to 256MiB. Default: 19MiB
	Memory string `json:"memory,omitempty"`
	// Iterations of one hash, 1 to 20. Default: 2
	Iterations int `json:"iterations,omitempty"`
	// Parallelism of one hash, 1 to 16. Default: 1
	Parallelism int `json:"parallelism,omitempty"`
}

// Terms are what everybody has to accept before anything else.
type Terms struct {
	// URL is where they stand: https://, or a path of this site, which must be
	// public.
	URL string `json:"url,omitempty"`
	// Version is any word. Another one is to be accepted anew.
	Version string `json:"version,omitempty"`
}

// Requirement is what some paths ask for beside a session. Who does not meet it
// is asked again, at the very address.
type Requirement struct {
	// MatcherSetsRaw pick the requests, by the address as the browser sent it or
	// as rewrites have made it. Default: all
	MatcherSetsRaw caddyhttp.RawMatcherSets `json:"match,omitempty" caddy:"namespace=http.matchers"`
	// Fresh is how long ago the last proof may be, 1m to 30d. Default: any time
	Fresh caddy.Duration `json:"fresh,omitempty"`
	// SecondFactor asks for a second factor, within Fresh if that is given.
	SecondFactor bool `json:"second_factor,omitempty"`

	matchers caddyhttp.MatcherSets
}

// Code rules one-time codes.
type Code struct {
	// Length in digits, 6 to 10. Default: 6
	Length int `json:"length,omitempty"`
	// Lifetime is how long a code is good, 1m to 10m. Default: 10m
	Lifetime caddy.Duration `json:"lifetime,omitempty"`
	// Attempts is how many guesses are judged, 1 to 10. Default: 5
	Attempts int `json:"attempts,omitempty"`
	// ResendAfter is the least time between two messages of one attempt, from
	// 1s to the lifetime of the code. Default: 30s
	ResendAfter caddy.Duration `json:"resend_after,omitempty"`
}

// Session rules sessions.
type Session struct {
	// Lifetime is when a session ends however much it is used, 5m to 400d.
	// Default: 7d
	Lifetime caddy.Duration `json:"lifetime,omitempty"`
	// Idle is when an unused session ends, from 5m to the lifetime. Default:
	// 24h, or the lifetime when that is shorter.
	Idle caddy.Duration `json:"idle,omitempty"`
	// CookieDomain shares the cookies with the subdomains of a domain. Default:
	// none, cookies are bound to the host.
	CookieDomain string `json:"cookie_domain,omitempty"`
}

// Token rules the signed token (JWT) for the upstream.
type Token struct {
	// Algorithm is ES256 or RS256. Default: ES256, or RS256 with the Frontend API,
	// which needs it
	Algorithm string `json:"algorithm,omitempty"`
	// Audience is the claim aud. Default: the first origin
	Audience string `json:"audience,omitempty"`
	// Header is the request header that carries "Bearer <token>", or off. What
	// the client sends under that name never arrives. Default: Authorization
	Header string `json:"header,omitempty"`
}

// Branding changes how the pages look.
type Branding struct {
	// Logo is the path of an image on this site, such as /logo.svg. The path
	// must be public.
	Logo string `json:"logo,omitempty"`
	// Accent is the colour of buttons and links, as #rrggbb.
	Accent string `json:"accent,omitempty"`
	// Stylesheet is the path of one more stylesheet on this site. The path must
	// be public.
	Stylesheet string `json:"stylesheet,omitempty"`
	// Templates is a directory with replacements for templates of the pages.
	Templates string `json:"templates,omitempty"`
	// Help is where people who are stuck can ask: mailto: or https://.
	Help string `json:"help,omitempty"`
}
