// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/frontendapi"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/pages"
	"github.com/gatelatch/gatelatch/passkey"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
)

// outboxShown is how many messages the outbox page shows.
const outboxShown = 50

// running is a gate that serves. It does not change.
type running struct {
	routes        gate.Routes
	identity      *gate.Identity
	jar           session.Jar
	origins       []string // pages of these may open WebSockets
	sessions      *session.Manager
	idle          time.Duration
	minter        *session.Minter // nil when nobody gets a token
	flow          *flow.Service
	rules         session.Rules
	requirements  []*Requirement
	passwords     bool
	pages         *pages.Handler
	frontend      *frontendapi.Handler   // nil when off
	backend       *backendapi.Handler    // nil when off
	scripts       *session.ScriptCookies // nil when frontend is
	signIn        string                 // path of the sign-in page
	passPreflight bool
	report        func(*http.Request, error)
}

// newRunning puts the gate together and takes charge of its site in the queue.
func (g *Gate) newRunning() (*running, error) {
	senders, err := g.openSenders()
	if err != nil {
		return nil, err
	}
	keys := g.shared.keys
	lifetime, idle := g.lifetimes()
	run := &running{
		routes: gate.Routes{Base: g.basePath(), Other: g.otherPath(), Public: g.Public}, idle: idle, sessions: g.shared.sessions,
		jar: session.NewJar(g.site.https, g.cookieDomain(), g.cookieLife(lifetime)), signIn: g.basePath() + "/sign-in", origins: g.site.origins,
		passPreflight: g.CORSPreflight == wordPass, report: g.report,
	}
	run.scripts = g.scriptCookies()
	run.jar.Scripts = run.scripts
	run.identity = gate.NewIdentity(g.identityHeaders(), g.tokenHeader(), run.jar)
	minter := g.minter()
	if g.tokenHeader() != "" || g.FrontendAPI != nil {
		run.minter = minter
	}
	service := g.service(keys)
	run.flow, run.rules, run.requirements, run.passwords = service, service.SessionRules(), g.Requirements, g.Config.passwords()
	run.pages = g.pagesHandler(run, service, keys)
	run.frontend, run.backend = g.frontendHandler(run, minter, keys), g.backendHandler(run, minter, keys)
	g.shared.board.join(g, delivery.Site{Brand: g.site.brand, Senders: senders, Code: codeOf(service.Codes), Link: g.linkOf(service)})
	g.introduce()
	g.announce()
	return run, nil
}

func (g *Gate) cookieDomain() string {
	if g.Session == nil {
		return ""
	}
	return g.Session.CookieDomain
}

func (g *Gate) minter() *session.Minter {
	m := &session.Minter{Keys: g.shared.keyring, Algorithm: g.algorithm(), Issuer: g.site.origins[0]}
	if g.Token != nil {
		m.Audience = g.Token.Audience
	}
	if g.FrontendAPI != nil {
		m.Audience, m.Party = cmp.Or(m.Audience, m.Issuer), m.Issuer
		m.Issuer, m.Parties = g.programs.key.Issuer(), slices.Concat(g.site.origins, g.programs.allowed)
	}
	return m
}

func (g *Gate) service(keys *gatelatch.Keys) *flow.Service {
	policy := g.flowPolicy()
	return &flow.Service{
		Repo: g.shared.store, Codes: flow.Codes{Key: keys.Code, Length: policy.Code.Length},
		Identifiers: g.identifierPolicy(), Policy: policy, Limits: g.limits(),
		Tokens: session.Tokens{Key: keys.Token}, BudgetKey: keys.Budget, Site: g.site.key,
		Now: time.Now, Wake: g.shared.queue.Wake, Observer: g,
		Keys: *keys, Hasher: g.hasher(), PasswordRules: g.passwordRules(), Passkeys: g.passkeys(),
		Admission: g.admission, Sessions: g.shared.sessions,
	}
}

// hasher returns what hashes passwords, nil where there are none. One is shared
// by all sites of the process that ask for the same costs, so that cores and
// memory are bounded over all of them, and over reloads.
func (g *Gate) hasher() *password.Hasher {
	if !g.passwords() {
		return nil
	}
	costs := g.Password.params()
	h, _ := hashers.LoadOrStore(costs, password.NewHasher(costs, 0, 0))
	shared, _ := h.(*password.Hasher)
	return shared
}

// passkeys returns the site as browsers know it, nil where passkeys cannot work.
func (g *Gate) passkeys() *passkey.Site {
	id, ok := passkey.Possible(g.site.origins)
	if !ok {
		return nil
	}
	return &passkey.Site{ID: id, Name: g.site.pages.Name, Origins: g.site.origins}
}

// codeOf finds the code of a queued message again.
func codeOf(codes flow.Codes) func(delivery.Queued) gatelatch.Secret {
	return func(q delivery.Queued) gatelatch.Secret {
		v := flow.Verification{Factor: flow.Factor{Strategy: q.Strategy, To: q.To}, Nonce: q.Nonce}
		return codes.Code(q.AttemptID, flow.Purpose(q.Purpose), v)
	}
}

func (g *Gate) pagesHandler(run *running, service *flow.Service, keys *gatelatch.Keys) *pages.Handler {
	h := &pages.Handler{
		Site: g.site.pages, Renderer: g.renderer, Flow: service, Account: &account.Service{Flow: service}, Sessions: run.sessions, Idle: run.idle,
		Jar: run.jar, Tokens: session.Tokens{Key: keys.Token}, FormKey: keys.Form, Origins: g.site.origins,
		KeySet: g.shared.keyring.KeySet, ClientIP: clientIP, Now: time.Now, Report: g.report,
	}
	if g.FrontendAPI != nil {
		h.PublicKey = func() ([]byte, error) { return g.shared.keyring.PublicPEM(g.algorithm(), time.Now()) }
	}
	if files := g.outboxFiles(); len(files) > 0 {
		h.Outbox = func() ([]pages.OutboxEntry, error) { return outboxPage(files) }
	}
	return h
}

func outboxPage(files []string) ([]pages.OutboxEntry, error) {
	entries, err := readOutboxes(files, outboxShown)
	if err != nil {
		return nil, err
	}
	shown := make([]pages.OutboxEntry, 0, len(entries))
	for _, e := range entries {
		shown = append(shown, pages.OutboxEntry{
			To: e.To, Channel: string(e.Channel), Code: e.Code, Subject: e.Subject, Body: e.Body, At: e.At,
		})
	}
	return shown, nil
}

// clientIP returns the visitor's address as Caddy sees it, behind the proxies
// that it trusts.
func clientIP(r *http.Request) netip.Addr {
	text, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{} // counted with all others that are unknown
	}
	return ip
}
