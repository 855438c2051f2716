// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/flow"
)

// An account that its operator keeps is not offered to be deleted, nor is there a
// page for it.
func TestAnAccountThatAnOperatorKeeps(t *testing.T) {
	w := newWorld(t)
	b := w.browser().signUp("jo@example.com").open("/.auth/account").says(200, "Delete")
	u := w.known("jo@example.com")
	u.KeepsAccount = true
	w.change(func(ctx context.Context, tx flow.Tx) error { return tx.PutUser(ctx, u) })
	if b.open("/.auth/account").says(200); strings.Contains(b.text, "Delete") {
		t.Error("it is offered")
	}
	b.open("/.auth/account/delete").says(404)
}
