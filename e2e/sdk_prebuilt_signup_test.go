// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// Clerk's own <SignUp/> where it has to ask for more than an address, or must not
// let everybody in.

func TestSDKPrebuiltSignUpBoth(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password required\nsign_up open {\nemail required\nphone required\nfirst_name required\n}\n"})
	const jo, number = "jo@example.org", "+12025550123"
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "react", "prebuilt-sign-up")
	put(tab, "input[name=firstName]", "Jo")
	put(tab, "input[name=emailAddress]", jo)
	put(tab, "input[name=phoneNumber]", "2025550123")
	put(tab, "input[name=password]", horse)
	words(tab, "button", "Continue")
	tab.WaitText("Verify your email")
	digits(tab, s.Outbox.Code(t, jo, 1))
	tab.WaitText("Verify your phone")
	reloads(tab, func() { digits(tab, s.Outbox.Code(t, number, 1)) })
	passes(t, tab, who(tab))
	s.open(tab, "react", "account")
	who(tab)
	if got := tab.Eval("[clerk.user.firstName, clerk.user.primaryEmailAddress.emailAddress, clerk.user.primaryPhoneNumber.phoneNumber, clerk.user.passwordEnabled].join()"); got != "Jo,"+jo+","+number+",true" {
		t.Errorf("the user is %s", got)
	}
	flawless(t, s, tab)
}

// TestSDKPrebuiltSignUpInvited follows the link of an invitation to a page with
// <SignUp/>, which nobody else gets through.
func TestSDKPrebuiltSignUpInvited(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password required\nsign_up invite\n" + withBackend})
	out := runNode(t, map[string]any{"apiUrl": s.URL() + "/.auth/backend", "secretKey": backendSecret, "page": s.URL() + "/app/react/prebuilt-sign-up"}, "node/tickets.mjs")
	var made struct{ Token, Invitation string }
	if err := json.Unmarshal(out, &made); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	stranger := s.NewTab(t, harness.Look{})
	s.open(stranger, "react", "prebuilt-sign-up")
	stranger.WaitText("Access restricted")
	flawless(t, s, stranger)

	tab := s.NewTab(t, harness.Look{})
	tab.Open(made.Invitation)
	starts(tab)
	put(tab, "input[name=password]", horse)
	reloads(tab, func() { words(tab, "button", "Continue") })
	passes(t, tab, who(tab))
	flawless(t, s, tab)

	other := s.NewTab(t, harness.Look{})
	other.Open("/app/react/prebuilt-sign-in?__clerk_ticket=" + made.Token)
	passes(t, other, who(other))
	flawless(t, s, other, "POST /client/sign_ins 400") // the component may ask twice, and a ticket is good once
}

func TestSDKPrebuiltSignUpWaitlist(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "sign_up waitlist\n"})
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "react", "prebuilt-sign-up")
	words(tab, "a, button", "Join waitlist")
	tab.WaitFor("#email_address") // of the gate's own page, which proves the address first
	flawless(t, s, tab)
}

func TestSDKPrebuiltSignUpClosed(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "sign_up closed\n"})
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "react", "prebuilt-sign-up")
	tab.WaitText("Access restricted")
	flawless(t, s, tab)
}
