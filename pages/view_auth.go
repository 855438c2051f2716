// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// The pages of the steps beyond an address and its code. The value is the name
// of the template file without ".html".
const (
	PagePassword    Page = "password"     // asks for the password
	PageMethods     Page = "methods"      // chooses among the ways to take a step
	PageTOTP        Page = "totp"         // asks for the code of an authenticator app
	PageBackupCode  Page = "backup_code"  // asks for a backup code
	PagePasskey     Page = "passkey"      // has the device sign
	PageNewPassword Page = "new_password" // asks for a new password
	PageLink        Page = "link"         // a link in a mail, in the browser that asked: go on
	PageLinkCode    Page = "link_code"    // the same link elsewhere: the code to type
	PageLinkOver    Page = "link_over"    // a link that leads nowhere any more
	PageNotMe       Page = "not_me"       // ends a session that was somebody else's
	PageNotMeDone   Page = "not_me_done"  // after that: to a new password
	PageWaiting     Page = "waiting"      // proven, and waits to be let in
	PageVerify      Page = "verify"       // asks who is signed in once more
	PageSetUp       Page = "setup_mfa"    // a second step is missing: choose one
	PageTerms       Page = "accept_terms" // the terms are to be accepted
	PageTicket      Page = "ticket"       // signs in with the token of a link, at the press of a button
)

func authPages() []Page {
	return []Page{
		PagePassword, PageMethods, PageTOTP, PageBackupCode, PagePasskey, PageNewPassword, PageLink, PageLinkCode,
		PageLinkOver, PageNotMe, PageNotMeDone, PageWaiting, PageVerify, PageSetUp, PageTerms, PageTicket,
	}
}

// The names of their form fields.
const (
	ParamPassword   = "password"
	ParamWay        = "way"        // the way that a button of PageMethods stands for
	ParamFactor     = "factor"     // factorSecond at the second step, else empty
	ParamStrategy   = "strategy"   // what the page's code proves
	ParamAddress    = "address"    // the id of the address that it went to
	ParamCredential = "credential" // what a passkey has signed, as JSON
	ParamToken      = "t"          // the token of a link
	ParamLevel      = "level"      // what is to be proven once more
	ParamVersion    = "version"    // the version of the terms that was shown
	ParamInvitation = "invitation" // an invitation's id and token
	// ParamTicket is a sign-in token in an address, as Clerk calls it.
	ParamTicket = "__clerk_ticket"

	factorSecond = "second"
)

// What the button "step" sends on them.
const (
	StepPassword    = "password"
	StepPrepare     = "prepare" // goes another way: field "way"
	StepPasskey     = "passkey"
	StepNewPassword = "new_password"
	StepLink        = "link"
	StepDisown      = "disown"
	StepAgain       = "again"
	StepAccept      = "accept"
	StepTicket      = "ticket"
)

// What a code is for, beside PurposeSignIn and PurposeSignUp.
const (
	PurposeTrust  = string(flow.PurposeTrust)
	PurposeSecond = string(flow.PurposeSecond)
	PurposeReset  = string(flow.PurposeReset)
	PurposeAgain  = string(flow.PurposeAgain)
)

// Auth is what the pages of these steps show beside the rest of a [View]. It is
// part of it.
type Auth struct {
	// Second says that the page takes the second step.
	Second bool
	// Strategy is what the page's code proves, AddressID the address it went to.
	Strategy  gatelatch.Strategy
	AddressID string
	// Way is the way that was asked for by name, where there are several.
	Way gatelatch.Strategy
	// Methods are the ways to take the step; Others says that there is another one
	// than the page's.
	Methods []Method
	Others  bool
	// Passkey are the options of navigator.credentials.get as JSON; empty where
	// passkeys cannot be used.
	Passkey string
	// Passwords says that the site takes passwords, and MinLength how short a new
	// one may be.
	Passwords bool
	MinLength int
	// Waits says that the account which is offered has a waitlist before it.
	Waits bool
	// TrustDays is for how many days a device is remembered.
	TrustDays int
	// LinkToken goes into the hidden field "t" of the pages of links and tickets.
	LinkToken gatelatch.Secret
	// LinkCode is the code that a link shows elsewhere.
	LinkCode gatelatch.Secret
	// Level is what is to be proven once more.
	Level flow.Level
	// Terms are those to accept.
	Terms flow.Terms
	// SetUps are the second steps that can be set up here.
	SetUps []SetUp
	// Mode says who may sign up now; empty for what the site says.
	Mode flow.SignUpMode
	// Restricted says that lists keep some addresses out, beside what the site
	// says.
	Restricted bool
	// Task says that the page stands in the way of everything else: it offers to
	// sign out.
	Task bool
	// Busy words the error page when too much is asked at once.
	Busy bool
}

// Method is one way to take a step.
type Method struct {
	// Way is what its button sends: a strategy, and an address after a colon.
	Way string
	// Strategy words it, To is where a message goes, masked.
	Strategy gatelatch.Strategy
	To       string
}

// SetUp is a second step that can be set up.
type SetUp struct {
	// Name words it: totp, phone or passkey.
	Name string
	Href string
}

// Key is the key of the words on its button.
func (m Method) Key() string { return "method." + string(m.Strategy) }

// Key is the key of the words on its link.
func (s SetUp) Key() string { return "setup_mfa." + s.Name }
