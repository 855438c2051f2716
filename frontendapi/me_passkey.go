// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/wire"
)

func (c *call) listPasskeys() {
	a, ok := c.acting()
	if !ok {
		return
	}
	if self, ok := c.self(a); ok {
		c.read(c.me(self).Passkeys)
	}
}

// createPasskey asks the browser for one. The options stand in the verification's
// nonce, as SDKs look for them there.
func (c *call) createPasskey() {
	a, ok := c.acting()
	if !ok {
		return
	}
	begun, r, err := c.Account.BeginPasskey(c.r.Context(), a)
	if !c.went(r, err) {
		return
	}
	st, now := gatelatch.PasskeyStrategy, wire.At(c.now)
	c.answer(wire.Passkey{
		ID: begun.ID, Object: "passkey", CreatedAt: now, UpdatedAt: now,
		Verification: &wire.Verification{
			Object: "verification", Status: wire.Text("unverified"), Strategy: &st, Nonce: wire.Text(string(begun.Options)),
		},
	})
}

func (c *call) finishPasskey() {
	a, ok := c.acting()
	if !ok {
		return
	}
	added, r, err := c.Account.FinishPasskey(c.r.Context(), a, c.value("id"), c.form.text("public_key_credential"))
	if c.went(r, err) {
		c.answer(wire.NewPasskey(added))
	}
}

func (c *call) renamePasskey() {
	a, ok := c.acting()
	if !ok {
		return
	}
	id := c.value("id")
	if !c.went(c.Account.RenamePasskey(c.r.Context(), a, id, c.form.text("name"))) {
		return
	}
	self, ok := c.self(a)
	if !ok {
		return
	}
	keys := c.me(self).Passkeys
	i := slices.IndexFunc(keys, func(k wire.Passkey) bool { return k.ID == id })
	if i < 0 {
		c.refuse(unknown())
		return
	}
	c.answer(keys[i])
}

func (c *call) deletePasskey() {
	a, ok := c.acting()
	if !ok {
		return
	}
	if id := c.value("id"); c.went(c.Account.RemovePasskey(c.r.Context(), a, id)) {
		c.answer(wire.Deleted{Object: "passkey", ID: id, Deleted: true})
	}
}
