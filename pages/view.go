// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"io/fs"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Site is what the operator chose. It is fixed once a renderer is made.
type Site struct {
	// Name stands above the card, unless there is a logo, and in every title.
	Name string
	// Base is the prefix of the gate's own paths, without trailing slash: "/.auth".
	Base string
	// Logo is the same-origin path of an image, or empty.
	Logo string
	// Accent is the operator's colour as "#rrggbb", or empty for ink.
	Accent string
	// Stylesheet is the same-origin path of one more stylesheet, or empty.
	Stylesheet string
	// Help is where somebody stuck can ask, as mailto: or https:, or empty.
	Help string
	// Email and Phone say which kinds of identifier are on.
	Email, Phone bool
	// Region is the default region of phone numbers ("US"), or empty when a
	// number has to carry its country code.
	Region string
	// SignUp says that an account can be made at all.
	SignUp bool
	// Restricted says that not every address may make one: lists refuse some, or
	// only who was invited may. The pages then claim of no address that a code
	// was sent to it.
	Restricted bool
	// CodeLength is the number of digits of a code; zero means 6.
	CodeLength int
	// Templates holds the operator's own versions of files of templates/, by
	// the same names; nil for none.
	Templates fs.FS
}

// Page names one of the pages.
type Page string

// The pages. The value is the name of the template file without ".html".
const (
	PageSignIn    Page = "sign_in"    // asks for the identifier
	PageSignUp    Page = "sign_up"    // asks for the fields of a new account
	PageCode      Page = "code"       // asks for the code, at sign-in and sign-up
	PageCreate    Page = "create"     // address proven, no account: create it?
	PageExisting  Page = "existing"   // address proven, it has an account: continue
	PageDetails   Page = "details"    // address proven, fields still missing
	PageSignedOut Page = "signed_out" // after sign-out
	PageError     Page = "error"      // worded by View.StatusCode
	PageClosed    Page = "closed"     // sign-up is closed
	PageFrame     Page = "frame"      // inside an iframe: a way to the top level
	PageOutbox    Page = "outbox"     // development: messages that were not sent
)

// Pages lists every page.
func Pages() []Page {
	return append([]Page{
		PageSignIn, PageSignUp, PageCode, PageCreate, PageExisting, PageDetails,
		PageSignedOut, PageError, PageClosed, PageFrame, PageOutbox, PageChoose,
	}, append(authPages(), accountPages()...)...)
}

// The names of form fields and the values that the button "step" sends.
const (
	ParamStep       = "step"
	ParamFormToken  = "form_token"
	ParamAttempt    = "attempt"
	ParamReturnTo   = "return_to"
	ParamIdentifier = "identifier"
	ParamCode       = "code"

	StepIdentify = "identify" // PageSignIn
	StepSignUp   = "sign_up"  // PageSignUp
	StepVerify   = "verify"   // PageCode, the main button
	StepResend   = "resend"   // PageCode, the same code once more or a new one
	StepCreate   = "create"   // PageCreate
	StepContinue = "continue" // PageExisting
	StepDetails  = "details"  // PageDetails
	StepSignOut  = "sign_out" // PageAccount
)

// Notice is good or neutral news that a page begins with.
type Notice string

// The notices.
const (
	NoticeNone      Notice = ""
	NoticeResent    Notice = "resent"     // the code went out once more
	NoticePosted    Notice = "posted"     // the form that led here was not passed on
	NoticeEnded     Notice = "ended"      // the session is over, sign in again
	NoticeStale     Notice = "stale"      // the form was out of date, nothing was done
	NoticeCookies   Notice = "cookies"    // the browser sent no cookie back, nothing was done
	NoticeInvited   Notice = "invited"    // the address of an invitation was filled in
	NoticeSignedOut Notice = "signed_out" // signed out a moment ago
)

// What the code page is for, and the ways a code travels.
const (
	PurposeSignIn = "sign_in"
	PurposeSignUp = "sign_up"

	ChannelEmail = "email"
	ChannelSMS   = "sms"
)

// View is everything one page shows. The zero value of a field leaves the
// thing out.
type View struct {
	Page Page
	// Lang is a language that [Renderer.Lang] returned; empty for English.
	Lang string
	// Token goes into the hidden field "form_token" of every form.
	Token gatelatch.Secret
	// Action is the path the page's form posts to.
	Action string
	// Return is the same-origin path the visitor came for.
	Return string
	// Attempt is the id of the attempt.
	Attempt string
	// Identifier is what the visitor typed.
	Identifier string
	// Fields are what a sign-up asks for, in the order shown.
	Fields []Field
	// To is the masked destination of a code.
	To string
	// Channel is how the code travels: ChannelEmail or ChannelSMS.
	Channel string
	// ExpireAt is when the code dies, ResendAt when another may be asked for.
	ExpireAt, ResendAt time.Time
	// Now is the time the page is made at.
	Now time.Time
	// Refusal is shown in a summary and at the field that its Param names.
	Refusal *gatelatch.Refusal
	Notice  Notice
	// Purpose is what the attempt, or its code, is for: PurposeSignIn and so on.
	Purpose string
	// Auth is what only some steps show.
	Auth
	// Posted says that the document answers a native POST, so that reloading
	// it would post again. NoticePosted implies it.
	Posted bool
	// StatusCode words the error page.
	StatusCode int
	// ContinueURL is where a page's main link leads; empty for the page's default.
	ContinueURL string
	Entries     []OutboxEntry
	Account     *Account
	// Choice is what PageChoose shows.
	Choice *Choice
	// Beside says that the browser holds other accounts than the one the page is about.
	Beside bool
	// OfAll says that signing out is of several accounts.
	OfAll bool
}

// Field is one thing a sign-up asks for.
type Field struct {
	// Name is email_address, phone_number, first_name or last_name.
	Name     string
	Value    string
	Required bool
}

// OutboxEntry is a message of a development site. Its code is plain text here
// because showing it is what the page is for.
type OutboxEntry struct {
	To, Channel, Code, Subject, Body string
	At                               time.Time
}
