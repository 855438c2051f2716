// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/wire"
)

// TOTP is an authenticator app. Secret and URI are told while it is being set up.
type TOTP struct {
	Object   string  `json:"object"` // "totp"
	ID       string  `json:"id"`
	Secret   *string `json:"secret"`
	URI      *string `json:"uri"`
	Verified bool    `json:"verified"`
	// BackupCodes are told once, to whoever has just set up the first factor.
	BackupCodes []string    `json:"backup_codes"`
	CreatedAt   wire.Millis `json:"created_at"`
	UpdatedAt   wire.Millis `json:"updated_at"`
}

// BackupCodes are a fresh set, told once.
type BackupCodes struct {
	Object    string      `json:"object"` // "backup_code"
	ID        string      `json:"id"`
	Codes     []string    `json:"codes"`
	CreatedAt wire.Millis `json:"created_at"`
	UpdatedAt wire.Millis `json:"updated_at"`
}

func (c *call) changePassword() {
	a, ok := c.acting()
	if !ok {
		return
	}
	const field = "new_password"
	if c.form.text(field) == "" {
		c.refuse(missing(field))
		return
	}
	r, err := c.Account.ChangePassword(c.r.Context(), a, account.PasswordChange{
		New: c.form.secret(field), Current: c.form.secret(account.FieldCurrentPassword),
		KeepOthers: !c.endsOthers(),
	})
	if c.went(asNew(r, field), err) {
		c.answerMe(a)
	}
}

// asNew has a refusal of a password name the field that it stood in.
func asNew(r *gatelatch.Refusal, field string) *gatelatch.Refusal {
	if r == nil || r.Param != "password" {
		return r
	}
	named := *r
	named.Param = field
	return &named
}

func (c *call) removePassword() {
	a, ok := c.acting()
	if !ok {
		return
	}
	if c.went(c.Account.RemovePasswordWith(c.r.Context(), a, c.form.secret(account.FieldCurrentPassword))) {
		c.answerMe(a)
	}
}

func (c *call) createTOTP() {
	a, ok := c.acting()
	if !ok {
		return
	}
	e, r, err := c.Account.StartTOTP(c.r.Context(), a)
	if !c.went(r, err) {
		return
	}
	c.answer(TOTP{
		Object: "totp", ID: e.ID, Secret: wire.Text(strings.ReplaceAll(e.Typed.Reveal(), " ", "")), URI: wire.Text(e.URI.Reveal()),
		CreatedAt: wire.At(e.CreatedAt), UpdatedAt: wire.At(e.CreatedAt),
	})
}

func (c *call) attemptTOTP() {
	a, ok := c.acting()
	if !ok {
		return
	}
	codes, r, err := c.Account.ConfirmTOTP(c.r.Context(), a, c.form.text("code"))
	if !c.went(r, err) {
		return
	}
	self, ok := c.self(a)
	if !ok {
		return
	}
	resource := TOTP{Object: "totp", Verified: true, BackupCodes: reveal(codes)}
	if app := self.Credentials.TOTP; app != nil {
		resource.ID, resource.CreatedAt, resource.UpdatedAt = app.ID, wire.At(app.CreatedAt), wire.At(app.ConfirmedAt)
	}
	c.answer(resource)
}

func (c *call) deleteTOTP() {
	a, ok := c.acting()
	if !ok {
		return
	}
	self, ok := c.self(a)
	if !ok {
		return
	}
	if self.Credentials.TOTP == nil {
		c.refuse(unknown())
		return
	}
	if c.went(c.Account.RemoveTOTP(c.r.Context(), a)) {
		c.answer(wire.Deleted{Object: "totp", ID: self.Credentials.TOTP.ID, Deleted: true})
	}
}

func (c *call) createBackupCodes() {
	a, ok := c.acting()
	if !ok {
		return
	}
	codes, r, err := c.Account.NewBackupCodes(c.r.Context(), a)
	if c.went(r, err) {
		now := wire.At(c.now)
		c.answer(BackupCodes{Object: "backup_code", ID: gatelatch.NewID("bkp", c.now), Codes: reveal(codes), CreatedAt: now, UpdatedAt: now})
	}
}
