// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"
	"strconv"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func exportPage(t *tenant) (View, bool) {
	view := t.confirm(confirmExport, "", "/account")
	view.Account.Danger, view.Account.Download, view.Account.BackLabel = false, true, "way.account"
	return view, true
}

// export answers with a file.
func export(t *tenant) result {
	body, r, err := t.Account.Export(t.ctx(), t.Actor)
	if err != nil || r != nil {
		return result{err: err, refusal: r}
	}
	h := t.w.Header()
	t.protect(h, pagePolicy)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="account.json"`)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	t.w.WriteHeader(http.StatusOK)
	_, _ = t.w.Write(body) //nolint:gosec // JSON, as a file; and the visitor may be gone
	return result{done: true}
}

// deletePage says what is lost, and where the code goes that confirms it.
func deletePage(t *tenant) (View, bool) {
	if !t.mayDelete() {
		return t.nowhere()
	}
	view := t.confirm(confirmDelete, "", "/account")
	if to := t.primaryAddress(); to != "" {
		view.Account.Facts = []Words{{Key: "account_confirm.delete.code", Text: to}}
	}
	return view, true
}

// primaryAddress is the e-mail address, else the number, that messages about
// the account go to.
func (t *tenant) primaryAddress() string {
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		if a, ok := t.User.Primary(kind); ok {
			return a.Display
		}
	}
	return ""
}

func beginDelete(t *tenant) result {
	if !t.mayDelete() {
		return result{refusal: notYours()}
	}
	return t.begin(flow.DeleteAccount, "")
}
