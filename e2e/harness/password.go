// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"strings"
)

// Register makes an account with an address and a password, and leaves the
// visitor signed in.
func (v *Visitor) Register(address, password string) error {
	n := len(v.Gate.Outbox.To(address))
	p, err := v.Open("/.auth/sign-up?return_to=%2Fhome")
	if err != nil {
		return err
	}
	field := "email_address"
	if strings.HasPrefix(address, "+") {
		field = "phone_number"
	}
	p, err = v.answered(v.Follow(v.Submit(p, "sign_up", map[string]string{field: address, "password": password})))
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

// AtPassword sends an address to the sign-in page at path and returns the page
// that asks for the password.
func (v *Visitor) AtPassword(path, address string) (*Page, error) {
	p, err := v.Open(path)
	if err != nil {
		return nil, err
	}
	p, err = v.Follow(v.Submit(p, "identify", map[string]string{"identifier": address}))
	if err == nil && !p.Has("password") {
		err = fmt.Errorf("no page that asks for a password, but %d: %.900s", p.Status, p.Body)
	}
	return p, err
}

// Password gives an address and a password, and returns the answer before any
// redirect is followed.
func (v *Visitor) Password(path, address, password string) (*Page, error) {
	p, err := v.AtPassword(path, address)
	if err != nil {
		return nil, err
	}
	return v.Submit(p, "password", map[string]string{"password": password})
}

// AskCode asks for a code where a site takes passwords first, and returns the
// page for it.
func (v *Visitor) AskCode(path, address string) (*Page, error) {
	p, err := v.AtPassword(path, address)
	if err != nil {
		return nil, err
	}
	return v.answered(v.Follow(v.Choose(p, way(address))))
}

func way(address string) string {
	if strings.HasPrefix(address, "+") {
		return "phone_code"
	}
	return "email_code"
}

// Choose presses the button of another way to take a step.
func (v *Visitor) Choose(p *Page, way string) (*Page, error) {
	for _, f := range p.Forms {
		for _, w := range f.Ways {
			if w != way && !strings.HasPrefix(w, way+":") {
				continue
			}
			values := f.Values()
			values.Set("way", w)
			return v.Post(f.Action, values.Encode())
		}
	}
	return nil, fmt.Errorf("no button for %q on %s (%d): %.900s", way, p.URL.Path, p.Status, p.Body)
}

// Ways lists the ways to take a step that have a button on the page.
func (p *Page) Ways() []string {
	var list []string
	for _, f := range p.Forms {
		list = append(list, f.Ways...)
	}
	return list
}

// Admitted reports whether an answer has given a session.
func (v *Visitor) Admitted(p *Page) bool { return v.admitted(p) }
