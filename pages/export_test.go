// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/passkey"
)

// AccountExhibit makes account pages from an account alone, for the gallery.
type AccountExhibit struct {
	Site     Site
	Policy   flow.Policy
	Passkeys bool
	Overview *account.Overview
}

func (e AccountExhibit) tenant(path string) *tenant {
	service := &flow.Service{Policy: e.Policy}
	if e.Passkeys {
		service.Passkeys = &passkey.Site{}
	}
	r := httptest.NewRequest(http.MethodGet, e.Site.Base+path, nil)
	v := &visit{Handler: &Handler{Site: e.Site, Flow: service}, r: r, id: path[strings.LastIndexByte(path, '/')+1:]}
	t := &tenant{visit: v}
	t.scene = scene{Overview: e.Overview, site: e.Site, policy: e.Policy, passkeys: e.Passkeys, href: t.path}
	return t
}

// View is the page at a path below the base.
func (e AccountExhibit) View(path string) View {
	t := e.tenant(path)
	p, ok := places()[path]
	if !ok {
		p = places()[strings.TrimSuffix(path, t.id)]
	}
	view, ok := p.view(t)
	if !ok {
		panic("there is no page at " + path)
	}
	return t.furnish(view)
}

// Code is the page that asks for the code of a change.
func (e AccountExhibit) Code(c flow.Change) View {
	t := e.tenant("/account/change/" + c.ID)
	return t.furnish(t.changeView(c))
}

// Codes is the page that shows backup codes.
func (e AccountExhibit) Codes(codes ...gatelatch.Secret) View {
	t := e.tenant("/account/backup-codes")
	return t.furnish(t.codesView(codes))
}

// AccountKinds are the words that a page is worded by.
func AccountKinds(p Page) []string { return kinds[p] }

// AccountPaths are the places of the account below the base.
func AccountPaths() (paths []string) {
	for path := range places() {
		paths = append(paths, path)
	}
	return paths
}
