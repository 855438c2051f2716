// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Identity is what the upstream was told of a visitor.
type Identity struct {
	User, Email, Phone, Name string
	// Session is the session's id, Methods and Ages how and how many minutes ago it
	// was proven (amr and fva), all from the token.
	Session string
	Methods []string
	Ages    []int
}

// Ask sends an address to the sign-in page at path and returns the code page.
func (v *Visitor) Ask(path, address string) (*Page, error) {
	p, err := v.Open(path)
	if err != nil {
		return nil, err
	}
	return v.answered(v.Follow(v.Submit(p, "identify", map[string]string{"identifier": address})))
}

// answered makes an error of a page that does not ask for a code.
func (v *Visitor) answered(p *Page, err error) (*Page, error) {
	if err == nil && !p.Has("verify") {
		err = fmt.Errorf("no page that asks for a code, but %d: %.900s", p.Status, p.Body)
	}
	return p, err
}

// Enter types a code and agrees to an account when one is offered. It returns
// the answer that lets the visitor in, before the redirect is followed.
func (v *Visitor) Enter(p *Page, code string) (*Page, error) {
	p, err := v.Submit(p, "verify", map[string]string{"code": code})
	if err != nil || v.admitted(p) {
		return p, err
	}
	if p, err = v.Follow(p, nil); err != nil {
		return p, err
	}
	if p.Has("create") {
		p, err = v.Submit(p, "create", nil)
	}
	if err == nil && !v.admitted(p) {
		err = fmt.Errorf("the code did not let the visitor in: %d %.900s", p.Status, p.Body)
	}
	return p, err
}

// admitted reports whether an answer gives a session.
func (v *Visitor) admitted(p *Page) bool {
	for _, c := range p.Header["Set-Cookie"] {
		if strings.HasPrefix(c, SessionCookie+"=") && !strings.HasPrefix(c, SessionCookie+"=;") {
			return p.Status == http.StatusSeeOther
		}
	}
	return false
}

// SignIn gets the visitor in with an address, from the first page to the last.
func (v *Visitor) SignIn(path, address string) error {
	n := len(v.Gate.Outbox.To(address))
	p, err := v.Ask(path, address)
	if err != nil {
		return err
	}
	m, err := v.Gate.Outbox.Find(address, n+1)
	if err != nil {
		return err
	}
	_, err = v.Enter(p, m.Code)
	return err
}

// SignOut ends the session by the app's own button.
func (v *Visitor) SignOut() (*Page, error) { return v.Post("/.auth/sign-out", "") }

// WhoAmI asks the upstream who the visitor is. A refused request returns nil
// and the status.
func (v *Visitor) WhoAmI() (*Identity, int, error) {
	p, err := v.Fetch("/who")
	if err != nil || p.Status != http.StatusOK {
		status := 0
		if p != nil {
			status = p.Status
		}
		return nil, status, err
	}
	var s Seen
	if err := json.Unmarshal([]byte(p.Body), &s); err != nil {
		return nil, p.Status, fmt.Errorf("the upstream's answer: %w", err)
	}
	id, err := IdentityOf(s.Header)
	return id, p.Status, err
}

// IdentityOf reads the identity headers of a request.
func IdentityOf(h http.Header) (*Identity, error) {
	id := &Identity{
		User: h.Get("Remote-User"), Email: h.Get("Remote-Email"), Phone: h.Get("Remote-Phone"), Name: h.Get("Remote-Name"),
	}
	token := strings.TrimPrefix(h.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return id, fmt.Errorf("no token in %q", h.Get("Authorization"))
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return id, fmt.Errorf("the token's claims: %w", err)
	}
	var claims struct {
		Sub, Sid string
		AMR      []string
		FVA      []int
	}
	if err := json.Unmarshal(body, &claims); err != nil {
		return id, fmt.Errorf("the token's claims: %w", err)
	}
	if claims.Sub != id.User {
		return id, fmt.Errorf("the token is for %q, the header for %q", claims.Sub, id.User)
	}
	id.Session, id.Methods, id.Ages = claims.Sid, claims.AMR, claims.FVA
	return id, nil
}
