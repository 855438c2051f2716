// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"encoding/base32"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/network"
)

// Step opens a page, presses its button for a step, and goes where that leads.
func (v *Visitor) Step(path, step string, fields map[string]string) (*Page, error) {
	p, err := v.Follow(v.Open(path))
	if err != nil {
		return nil, err
	}
	return v.Follow(v.Submit(p, step, fields))
}

// AddAddress adds an e-mail address or a number to the account, and proves it.
func (v *Visitor) AddAddress(address string) error {
	path, field := "/.auth/account/addresses/add", "email_address"
	if strings.HasPrefix(address, "+") {
		path, field = "/.auth/account/numbers/add", "phone_number"
	}
	return v.prove(path, field, address)
}

// AddSecondNumber adds a number that is kept for the second step, and proves it.
func (v *Visitor) AddSecondNumber(number string) error {
	return v.prove("/.auth/account/second-number/add", "phone_number", number)
}

func (v *Visitor) prove(path, field, address string) error {
	n := len(v.Gate.Outbox.To(address))
	p, err := v.answered(v.Step(path, "save", map[string]string{field: address}))
	if err != nil {
		return err
	}
	m, err := v.Gate.Outbox.Find(address, n+1)
	if err != nil {
		return err
	}
	p, err = v.Follow(v.Submit(p, "verify", map[string]string{"code": m.Code}))
	if err == nil && (p.Status != http.StatusOK || p.Has("verify")) {
		err = fmt.Errorf("%s was not added: %d %.900s", address, p.Status, p.Body)
	}
	return err
}

// Link returns where the link with this text leads, empty when the page has
// none.
func (p *Page) Link(text string) string {
	for _, m := range anchor.FindAllStringSubmatch(p.Body, -1) {
		if strings.TrimSpace(tag.ReplaceAllString(m[2], "")) == text {
			return attributes(m[1])["href"]
		}
	}
	return ""
}

// Links returns where all links lead whose address begins in a way.
func (p *Page) Links(prefix string) []string {
	var list []string
	for _, m := range anchor.FindAllStringSubmatch(p.Body, -1) {
		if href := attributes(m[1])["href"]; strings.HasPrefix(href, prefix) {
			list = append(list, href)
		}
	}
	return list
}

var (
	anchor = regexp.MustCompile(`(?s)<a\b([^>]*)>(.*?)</a>`)
	tag    = regexp.MustCompile(`<[^>]*>`)
)

// Secret is the app's key as apps keep it.
func (a *App) Secret() string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(a.secret)
}

// Become gives the tab the cookies of a visitor, who is then the same browser.
func (tab *Tab) Become(v *Visitor) {
	tab.T.Helper()
	for _, c := range v.Cookies() {
		call(tab, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: tab.Gate.URL() + "/"})
	}
}
