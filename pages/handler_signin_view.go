// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// signInView is the page that a sign-in has come to.
func (v *visit) signInView(si flow.SignIn) View {
	view := View{
		Purpose: purposeOf(si), Attempt: si.ID, Action: v.Site.Base + "/sign-in/" + si.ID,
		Return: si.ReturnTo, Identifier: si.Identifier.Value, To: identifier.Mask(si.Identifier), Auth: v.auth(),
	}
	if si.Again != nil {
		view.Level = si.Again.Level
	}
	switch {
	case si.Transferable():
		view.Page, view.Waits = PageCreate, v.waits(si)
		return view
	case si.Status == flow.NeedsNewPassword:
		view.Page, view.Purpose = PageNewPassword, PurposeReset
		return view
	case si.Status == flow.NeedsSecondFactor || si.Status == flow.NeedsClientTrust:
		view.Second = true
		return v.stepView(view, si.SecondFactors, si.Second)
	}
	return v.stepView(view, si.Factors, si.First)
}

// waits reports whether the account that is offered has a waitlist before it. When
// that cannot be told, the page after this one says so.
func (v *visit) waits(si flow.SignIn) bool {
	if v.doors().Mode != flow.SignUpWaitlist {
		return false
	}
	waits, err := v.Flow.Waits(v.r.Context(), si)
	if err != nil && v.Report != nil {
		v.Report(v.r, err)
	}
	return waits
}

// auth is what many pages say of the site.
func (v *visit) auth() Auth {
	doors := v.doors()
	return Auth{
		Passwords: v.takesPasswords(), MinLength: v.minPassword(), Mode: doors.Mode, Restricted: doors.Restricted,
	}
}

// purposeOf says what the step that is due is for.
func purposeOf(si flow.SignIn) string {
	switch {
	case si.Again != nil:
		return PurposeAgain
	case si.Status == flow.NeedsClientTrust:
		return PurposeTrust
	case si.Status == flow.NeedsSecondFactor:
		return PurposeSecond
	case si.First != nil && isReset(si.First.Strategy):
		return PurposeReset
	}
	return PurposeSignIn
}

func isReset(st gatelatch.Strategy) bool {
	return st == gatelatch.ResetByEmail || st == gatelatch.ResetByPhone
}

// isSent reports the strategies that begin with a message.
func isSent(st gatelatch.Strategy) bool {
	switch st {
	case gatelatch.EmailCode, gatelatch.PhoneCode, gatelatch.EmailLink:
		return true
	default:
		return isReset(st)
	}
}

// stepView is the page of one step: of the way that was asked for, or else of
// the message under way, or else of the first way there is.
func (v *visit) stepView(view View, ways []flow.Factor, proof *flow.Verification) View {
	view.Methods = methodsOf(ways, view.Second)
	if len(view.Methods) == 0 {
		return v.codeView(view, proof, gatelatch.EmailCode)
	}
	view.Others = len(view.Methods) > 1
	st := v.way
	switch {
	case v.choose:
		view.Page = PageMethods
		return view
	case isOwn(st) && hasWay(ways, st): // asked for by name
	case proof != nil:
		return v.codeView(view, proof, proof.Strategy)
	default:
		st = ways[0].Strategy
	}
	return v.ownView(view, st)
}

// ownView is the page of a way that needs no message. A way that needs one,
// which was not sent, is left to be chosen.
func (v *visit) ownView(view View, st gatelatch.Strategy) View {
	view.Strategy = st
	switch st {
	case gatelatch.PasswordStrategy:
		view.Page, view.Strategy = PagePassword, ""
	case gatelatch.TOTPCode:
		view.Page = PageTOTP
	case gatelatch.BackupCode:
		view.Page = PageBackupCode
	case gatelatch.PasskeyStrategy:
		return v.passkeyView(view)
	default:
		view.Page, view.Strategy = PageMethods, ""
	}
	return view
}

// passkeyView is the page that has the device sign for this attempt.
func (v *visit) passkeyView(view View) View {
	view.Page, view.Strategy = PagePasskey, ""
	options, err := v.Flow.PasskeyOptionsFor(v.r.Context(), v.caller(v.client()), view.Attempt)
	if err != nil && v.Report != nil {
		v.Report(v.r, err)
	}
	view.Passkey = string(options)
	return view
}

// methodsOf lists ways as buttons. At the second step there may be several
// numbers to send to; at the first a strategy stands for one address.
func methodsOf(ways []flow.Factor, second bool) []Method {
	list := make([]Method, 0, len(ways))
	for _, f := range ways {
		m := Method{Way: string(f.Strategy), Strategy: f.Strategy, To: identifier.Mask(f.To)}
		if second && f.AddressID != "" {
			m.Way += ":" + f.AddressID
		}
		list = append(list, m)
	}
	return list
}

func hasWay(ways []flow.Factor, st gatelatch.Strategy) bool {
	return slices.ContainsFunc(ways, func(f flow.Factor) bool { return f.Strategy == st })
}

// codeView adds what the code page says of a challenge.
func (v *visit) codeView(view View, proof *flow.Verification, st gatelatch.Strategy) View {
	view.Page, view.Channel, view.Strategy = PageCode, string(delivery.Email), st
	if st == gatelatch.PhoneCode || st == gatelatch.ResetByPhone {
		view.Channel = string(delivery.SMS)
	}
	if view.Purpose == PurposeTrust {
		view.TrustDays = int(v.Flow.Policy.ClientTrust / (24 * time.Hour))
	}
	if proof == nil {
		return view
	}
	view.To = identifier.Mask(proof.To)
	if view.Second {
		view.AddressID = proof.AddressID // there may be several
	}
	view.ExpireAt, view.ResendAt = proof.ExpireAt, proof.ResendAt(v.Flow.Policy.Code)
	if proof.Status == flow.Failed {
		view.Refusal = &gatelatch.Refusal{
			Code: gatelatch.CodeFailed, Param: ParamCode,
			Message: "Too many wrong codes. Start over to get a new one.",
		}
	}
	return view
}

// readWay reads the value of a button that stands for a way.
func readWay(text string) (gatelatch.Strategy, string) {
	st, address, _ := strings.Cut(text, ":")
	return gatelatch.Strategy(st), address
}
