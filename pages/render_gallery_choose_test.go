// SPDX-License-Identifier: Apache-2.0

package pages_test

import "github.com/gatelatch/gatelatch/pages"

// chooseRoom is a browser with several accounts.
func chooseRoom() []exhibit {
	choice := func(change func(*pages.View)) pages.View {
		return view(pages.PageChoose, func(v *pages.View) {
			v.Action, v.ContinueURL = "/.auth/accounts", "/.auth/account"
			v.Choice = &pages.Choice{Add: "/.auth/sign-in?return_to=%2Freports&account=another", Items: []pages.ChoiceItem{
				{ID: "sess_1", Name: "Ada Lovelace", Address: "ada@example.com", Current: true},
				{ID: "sess_2", Name: "bob@example.com"},
				{ID: "sess_3", Name: "+1 201 555 0123"},
			}}
			if change != nil {
				change(v)
			}
		})
	}
	return []exhibit{
		{"choose", acme(), choice(nil)},
		{"choose_left", acme(), choice(func(v *pages.View) { v.Notice, v.Choice.Items = pages.NoticeAccountLeft, v.Choice.Items[:1] })},
		{"choose_over", acme(), choice(func(v *pages.View) {
			v.Notice, v.ContinueURL, v.Choice.Items = pages.NoticeAccountOver, "", v.Choice.Items[1:]
		})},
		{"sign_in_beside", acme(), view(pages.PageSignIn, func(v *pages.View) { v.Beside = true })},
	}
}
