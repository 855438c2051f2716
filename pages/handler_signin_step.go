// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// signInStep takes one step of a sign-in: what somebody knows, has, or was
// sent, another way to show it, or the account that the visitor has agreed to.
func (v *visit) signInStep() {
	f, client, ok := v.post()
	if !ok {
		return
	}
	who := v.caller(client)
	out, err := v.stepSignIn(who, f)
	if err != nil {
		v.down(err)
		return
	}
	v.goOn(who, out, f)
}

// goOn leads to where a step of a sign-in has led.
func (v *visit) goOn(who flow.Caller, out flow.Outcome, f form) {
	if out.Refusal == nil && out.SignIn != nil && out.Issued == nil {
		var err error
		if out, err = v.ahead(who, *out.SignIn); err != nil {
			v.down(err)
			return
		}
	}
	switch {
	case out.Issued != nil:
		v.finish(out)
	case gone(out):
		v.over(false)
	case out.SignIn != nil && out.SignIn.Status == flow.SignInComplete && out.Refusal == nil:
		v.leave(out.SignIn.ReturnTo) // a session that was asked once more
	case out.Refusal != nil && out.SignIn != nil && out.SignIn.Status == flow.SignInComplete:
		v.afterwards(out.SignIn.ReturnTo)
	case out.Refusal != nil:
		v.refuse(v.attemptView(out), out.Refusal)
	default:
		v.proceed(out, resent(f))
	}
}

// ahead sends the message of a step that has just come up, when that is the
// first way to take it: nobody has to ask for what they need in any case.
func (v *visit) ahead(who flow.Caller, si flow.SignIn) (flow.Outcome, error) {
	ctx := v.r.Context()
	switch {
	case v.way != "" || v.choose: // another way was asked for
	case (si.Status == flow.NeedsSecondFactor || si.Status == flow.NeedsClientTrust) && si.Second == nil && sentFirst(si.SecondFactors):
		first := si.SecondFactors[0]
		return v.Flow.PrepareSecondFactor(ctx, who, si.ID, first.Strategy, first.AddressID)
	case si.Again != nil && si.Status == flow.NeedsFirstFactor && si.First == nil && sentFirst(si.Factors):
		return v.Flow.PrepareFirstFactor(ctx, who, si.ID, si.Factors[0].Strategy, "")
	}
	return flow.Outcome{SignIn: &si}, nil
}

func sentFirst(ways []flow.Factor) bool { return len(ways) > 0 && isSent(ways[0].Strategy) }

// stepSignIn does what a button stands for. A page that a refusal is shown on is
// the one the button was on: v.way says so.
func (v *visit) stepSignIn(who flow.Caller, f form) (flow.Outcome, error) {
	ctx, st := v.r.Context(), gatelatch.Strategy(f[ParamStrategy])
	step, err := v.stepOf(who, f)
	if err != nil {
		return flow.Outcome{}, err
	}
	switch step {
	case StepPrepare:
		return v.prepareWay(who, f)
	case StepResend:
		return v.prepare(who, f, st, f[ParamAddress])
	case StepVerify:
		return v.attempt(who, f, st)
	case StepPassword:
		return v.refusedAt(gatelatch.PasswordStrategy)(v.Flow.AttemptPassword(ctx, who, v.id, gatelatch.Secret(f[ParamPassword])))
	case StepPasskey:
		return v.refusedAt(gatelatch.PasskeyStrategy)(v.Flow.AttemptPasskey(ctx, who, v.id, f[ParamCredential]))
	case StepNewPassword:
		// Whoever has forgotten a password may have lost it to somebody: nobody else
		// stays signed in.
		return v.Flow.ResetPassword(ctx, who, v.id, gatelatch.Secret(f[ParamPassword]), true)
	case StepCreate:
		return v.Flow.TransferToSignUp(ctx, who, v.id, flow.SignUpParams{})
	}
	return v.unknownStep()
}

// stepOf is the button that a form stands for. Programs that post a form without
// any, when Enter is pressed, mean its only one, which what else it holds tells.
func (v *visit) stepOf(who flow.Caller, f form) (string, error) {
	_, password := f[ParamPassword]
	switch {
	case f[ParamStep] != "":
		return f[ParamStep], nil
	case f[ParamWay] != "":
		return StepPrepare, nil
	case !password:
		return StepVerify, nil
	}
	out, err := v.Flow.SignIn(v.r.Context(), who, v.id)
	if err == nil && out.SignIn != nil && out.SignIn.Status == flow.NeedsNewPassword {
		return StepNewPassword, nil
	}
	return StepPassword, err
}

// refusedAt remembers the way whose page a refusal belongs on.
func (v *visit) refusedAt(st gatelatch.Strategy) func(flow.Outcome, error) (flow.Outcome, error) {
	return func(out flow.Outcome, err error) (flow.Outcome, error) {
		if out.Refusal != nil {
			v.way = st
		}
		return out, err
	}
}

// prepareWay goes another way. One that needs a message gets it; one under way
// already is only shown again.
func (v *visit) prepareWay(who flow.Caller, f form) (flow.Outcome, error) {
	st, address := readWay(f[ParamWay])
	if isOwn(st) {
		v.way = st
		return v.Flow.SignIn(v.r.Context(), who, v.id)
	}
	out, err := v.prepare(who, f, st, address)
	if out.Refusal != nil && out.Refusal.Code == gatelatch.CodeResendTooSoon && out.SignIn != nil && underWay(*out.SignIn, st, address) {
		out.Refusal = nil
	}
	if out.Refusal != nil && out.SignIn != nil && !underWay(*out.SignIn, st, address) {
		v.choose = true
	}
	return out, err
}

// isOwn reports the strategies that need no message.
func isOwn(st gatelatch.Strategy) bool {
	switch st {
	case gatelatch.PasswordStrategy, gatelatch.TOTPCode, gatelatch.BackupCode, gatelatch.PasskeyStrategy:
		return true
	default:
		return false
	}
}

// underWay reports whether the message of a way is the one that was last sent.
func underWay(si flow.SignIn, st gatelatch.Strategy, address string) bool {
	proof := si.First
	if si.Status == flow.NeedsSecondFactor || si.Status == flow.NeedsClientTrust {
		proof = si.Second
	}
	return proof != nil && proof.Strategy == st && (address == "" || proof.AddressID == address)
}

func (v *visit) prepare(who flow.Caller, f form, st gatelatch.Strategy, address string) (flow.Outcome, error) {
	if f[ParamFactor] == factorSecond {
		return v.Flow.PrepareSecondFactor(v.r.Context(), who, v.id, st, address)
	}
	return v.Flow.PrepareFirstFactor(v.r.Context(), who, v.id, st, "")
}

func (v *visit) attempt(who flow.Caller, f form, st gatelatch.Strategy) (flow.Outcome, error) {
	if f[ParamFactor] == factorSecond {
		return v.refusedAt(st)(v.Flow.AttemptSecondFactor(v.r.Context(), who, v.id, st, f[ParamCode]))
	}
	return v.Flow.AttemptFirstFactor(v.r.Context(), who, v.id, st, f[ParamCode])
}

func (v *visit) unknownStep() (flow.Outcome, error) {
	return flow.Outcome{Refusal: &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: ParamStep, Message: "That step is not known."}}, nil
}

func resent(f form) Notice {
	if f[ParamStep] == StepResend {
		return NoticeResent
	}
	return NoticeNone
}
