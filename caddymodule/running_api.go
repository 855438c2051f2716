// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/frontendapi"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
)

// scriptCookies returns the cookies that Clerk's SDKs read, nil without the
// Frontend API.
func (g *Gate) scriptCookies() *session.ScriptCookies {
	if g.FrontendAPI == nil {
		return nil
	}
	return &session.ScriptCookies{Suffix: g.programs.key.Suffix(), Domain: g.cookieDomain(), Secure: g.site.https}
}

// frontendHandler returns what serves the Frontend API, nil when that is off.
func (g *Gate) frontendHandler(run *running, minter *session.Minter, keys *gatelatch.Keys) *frontendapi.Handler {
	if g.FrontendAPI == nil {
		return nil
	}
	return &frontendapi.Handler{
		Site: g.frontendSite(), Flow: run.flow, Account: &account.Service{Flow: run.flow}, Sessions: run.sessions,
		Rules: run.rules, Idle: run.idle, Jar: run.jar, Cookies: *run.scripts, Tokens: session.Tokens{Key: keys.Token}, Minter: minter,
		Templates: g.templates(), KeySet: g.shared.keyring.KeySet, ClientIP: clientIP, Now: time.Now, Report: g.report,
	}
}

func (g *Gate) frontendSite() frontendapi.Site {
	s := frontendapi.Site{
		Name: g.site.pages.Name, Base: g.basePath(), Origins: g.site.origins, Allowed: g.programs.allowed,
		Email: g.identifies(wordEmail), Phone: g.identifies(wordPhone),
		PasswordMin: cmp.Or(g.passwordRules().MinLength, password.DefaultMinLength), Logo: g.site.pages.Logo, Help: g.site.pages.Help,
		MultiSession: !g.oneSession(), Native: g.FrontendAPI.Native != wordOff, Scripts: g.programs.scripts,
	}
	if g.Terms != nil {
		s.Terms = g.Terms.URL
	}
	return s
}

// backendHandler returns what serves the Backend API, nil when that is off.
func (g *Gate) backendHandler(run *running, minter *session.Minter, keys *gatelatch.Keys) *backendapi.Handler {
	if g.BackendAPI == nil {
		return nil
	}
	own := g.site.origins[0] + g.basePath()
	h := &backendapi.Handler{
		Base: g.backendPath(), SignUpURL: own + "/sign-up", SignInURL: own + "/sign-in", Keys: g.programs.secrets, Admin: run.operator(g),
		Sessions: run.sessions, Idle: run.idle, Tokens: session.Tokens{Key: keys.Token}, Minter: minter, Templates: g.templates(),
		KeySet: g.shared.keyring.KeySet, Allowed: g.programs.allowed, PublishableKey: g.programs.key, ClientIP: clientIP, Now: time.Now,
		Limits: g.shared.backendLimits(g.site.key), Observe: g.observeChange, Report: g.report,
	}
	if g.FrontendAPI != nil {
		h.FrontendURL = own + "/v1"
	}
	return h
}
