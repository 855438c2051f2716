// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2"

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

	// Password says whether passwords are used. The only value is off.
	Password string `json:"password,omitempty"`

	// SecondFactor says whether a second proof is asked for. The only value is off.
	SecondFactor string `json:"second_factor,omitempty"`

	// ClientTrust is how long a browser that has proven an address is spared a
	// second proof: a duration from 1h to 400d, or off. It matters only with
	// passwords, and has no effect without them. Default: 30d
	ClientTrust string `json:"client_trust,omitempty"`

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

	// Branding changes how the pages look.
	Branding *Branding `json:"branding,omitempty"`

	// CORSPreflight says what becomes of CORS preflights, which never carry a
	// session: pass lets them through to the upstream, deny answers 403.
	// Default: deny
	CORSPreflight string `json:"cors_preflight,omitempty"`
}

// SignUp says who may make an account, and what a sign-up asks for.
type SignUp struct {
	// Mode is open (anybody with a proven address) or closed. Default: open
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
	// Algorithm is ES256 or RS256. Default: ES256
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
