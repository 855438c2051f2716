// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/url"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// mode says who may sign up, as the page has to tell it.
func (v *View) mode(s *Site) flow.SignUpMode {
	switch {
	case v.Mode != "":
		return v.Mode
	case s.SignUp:
		return flow.SignUpOpen
	}
	return flow.SignUpClosed
}

// secretive reports that some addresses are sent nothing, so that the page must
// not claim of any that a message is on its way.
func (d *document) secretive() bool {
	mode := d.mode(d.Site)
	if d.Purpose == PurposeSignUp {
		return d.restricted() || mode == flow.SignUpInvite
	}
	return d.restricted() || mode != flow.SignUpOpen
}

func (d *document) restricted() bool { return d.Site.Restricted || d.Restricted }

// SignInLead is the key of what follows after the address.
func (d *document) SignInLead() string {
	if d.Passwords {
		return "sign_in.lead_password"
	}
	return "sign_in.lead"
}

// SignUpLead is the key of who may make an account, and how.
func (d *document) SignUpLead() string {
	switch mode := d.mode(d.Site); {
	case mode == flow.SignUpInvite:
		return "sign_up.lead_invite"
	case mode == flow.SignUpWaitlist && d.Notice != NoticeInvited:
		return "sign_up.lead_waitlist"
	case d.restricted():
		return "sign_up.lead_restricted"
	}
	return "sign_up.lead"
}

func (d *document) signUpTitle() string {
	if d.mode(d.Site) == flow.SignUpWaitlist && d.Notice != NoticeInvited {
		return "sign_up.title.waitlist"
	}
	return "sign_up.title"
}

// Resume is where the step that is showing can be asked for again, for the script,
// which shows it at other addresses; empty for a page that is no step of an attempt.
func (d *document) Resume() string {
	switch {
	case d.Attempt == "":
		return ""
	case d.Page == PageMethods:
		return d.Action + "?" + paramWays + "=1"
	case d.Way != "":
		return d.Action + "?" + url.Values{paramWay: {string(d.Way)}}.Encode()
	}
	return d.Action
}

// createTitle offers an account, or the waitlist to whom that is not open yet.
func (d *document) createTitle() string {
	if d.Waits {
		return "create.waitlist.title"
	}
	return "create.title"
}

// codeTitle says where to look; on a new device it says what this is about.
func (d *document) codeTitle() string {
	if d.Purpose == PurposeTrust {
		return "code.title.trust"
	}
	return "code.title." + d.channel()
}

// CodeLead is the key of the sentence that says where the code went, and what
// for. Where strangers get no code, it must not claim that one was sent: the
// sentence is then the same true one for known and unknown addresses.
func (d *document) CodeLead() string {
	link := d.Strategy == gatelatch.EmailLink
	switch {
	case d.Purpose == PurposeTrust && link:
		return "code.lead_trust_link"
	case d.Purpose == PurposeTrust:
		return "code.lead_trust"
	case d.Purpose == PurposeSecond:
		return "code.lead_second"
	case d.Purpose == PurposeAgain:
		return "code.lead_again"
	case d.Purpose == PurposeSignUp && d.secretive():
		return "code.lead_sign_up_closed"
	case d.Purpose == PurposeReset && d.secretive():
		return "code.lead_reset_closed"
	case d.Purpose == PurposeReset:
		return "code.lead_reset"
	case link && d.secretive():
		return "code.lead_link_closed"
	case link:
		return "code.lead_link"
	case d.secretive() && d.Purpose != PurposeSignUp:
		return "code.lead_closed"
	}
	return "code.lead"
}

// ResendLabel is the key of the button that asks for another message.
func (d *document) ResendLabel() string {
	if d.Purpose == PurposeTrust {
		return "code.resend_new"
	}
	return "code.resend"
}

// PasswordLead is the key of whose password is asked for, and what for.
func (d *document) PasswordLead() string {
	if d.Purpose == PurposeAgain {
		return "password.lead_again"
	}
	return "password.lead"
}

// MethodsLead is the key of what the choice is for.
func (d *document) MethodsLead() string {
	switch d.Purpose {
	case PurposeTrust:
		return "methods.lead_trust"
	case PurposeSecond:
		return "methods.lead_second"
	case PurposeAgain:
		return "methods.lead_again"
	}
	return "methods.lead"
}

// NewPasswordLead is the key of why a new password is asked for.
func (d *document) NewPasswordLead() string {
	switch {
	case d.Task:
		return "new_password.lead_task"
	case d.Identifier == "":
		return "new_password.lead_bare"
	}
	return "new_password.lead"
}

// VerifyLead is the key of why somebody who is signed in is asked once more.
func (d *document) VerifyLead() string {
	if d.Level == flow.LevelSecond || d.Level == flow.LevelMulti {
		return "verify.lead_second"
	}
	return "verify.lead"
}

// LinkText and LinkDigits are the secrets of a link's page in the clear.
func (d *document) LinkText() string { return d.LinkToken.Reveal() }

// LinkDigits is the code that a link shows in another browser.
func (d *document) LinkDigits() string { return d.LinkCode.Reveal() }

// beside is a way that the password page offers right at the field.
type beside struct{ Way, Label string }

// Beside are the first way to be sent a code, and the first to set a new
// password.
func (d *document) Beside() []beside {
	var list []beside
	for _, of := range [][]gatelatch.Strategy{{gatelatch.EmailCode, gatelatch.PhoneCode}, {gatelatch.ResetByEmail, gatelatch.ResetByPhone}} {
		if m, ok := firstMethod(d.Methods, of); ok {
			list = append(list, beside{m.Way, "password." + string(m.Strategy)})
		}
	}
	return list
}

func firstMethod(methods []Method, of []gatelatch.Strategy) (Method, bool) {
	for _, m := range methods {
		for _, st := range of {
			if m.Strategy == st {
				return m, true
			}
		}
	}
	return Method{}, false
}
