// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
)

// VerificationStatus is Clerk's word for where a challenge stands.
type VerificationStatus string

// The statuses. Expired is computed from the time and never stored.
const (
	Unverified   VerificationStatus = "unverified"
	Verified     VerificationStatus = "verified"
	Transferable VerificationStatus = "transferable"
	Failed       VerificationStatus = "failed"
	Expired      VerificationStatus = "expired"
)

// Factor is a strategy bound to one address.
type Factor struct {
	Strategy gatelatch.Strategy `json:"strategy"`
	// AddressID names the address on the wire.
	AddressID string               `json:"address_id"`
	To        gatelatch.Identifier `json:"to"`
	// Display is where the message goes: the stored form for a known user, the
	// typed one for somebody new.
	Display string `json:"display"`
}

// Verification is one challenge's life. It holds nothing from which a code
// could be found: the code is derived from Nonce with a key that is not in the
// database.
type Verification struct {
	Factor
	Status VerificationStatus `json:"status"`
	Nonce  []byte             `json:"nonce"`
	// Attempts counts judged guesses over the whole attempt: neither a resend
	// nor a new code after expiry starts it again (NIST SP 800-63B-4 3.1.3.2).
	Attempts   int       `json:"attempts"`
	Sends      int       `json:"sends"`
	SentAt     time.Time `json:"sent_at"`
	ExpireAt   time.Time `json:"expire_at"`
	VerifiedAt time.Time `json:"verified_at"`
}

// StatusAt returns the status as of now: an unanswered challenge whose time
// is over is expired.
func (v Verification) StatusAt(now time.Time) VerificationStatus {
	if v.Status == Unverified && !now.Before(v.ExpireAt) {
		return Expired
	}
	return v.Status
}

// Proven reports whether the address was proven, whatever follows from it.
func (v *Verification) Proven() bool {
	return v != nil && (v.Status == Verified || v.Status == Transferable)
}

// ResendAt is when another message may be asked for.
func (v Verification) ResendAt(p CodePolicy) time.Time { return v.SentAt.Add(p.ResendAfter) }

// prepare starts a challenge or sends its code once more. The same code goes
// out again while it lives, so that a late message still works; it gains
// neither time nor guesses by that.
func prepare(old *Verification, f Factor, env Env) (Verification, *gatelatch.Refusal) {
	if old == nil {
		return renew(Verification{Factor: f, Status: Unverified}, env), nil
	}
	v := *old
	switch {
	case v.Proven():
		return v, refuseAlreadyVerified()
	case v.Status == Failed:
		return v, refuseFailed()
	case v.Strategy != f.Strategy || v.To != f.To:
		// Another way is another code at once; the guesses stay counted.
		v.Factor = f
		return renew(v, env), nil
	case env.Now.Before(v.ResendAt(env.Policy.Code)):
		return v, refuseResend(v.ResendAt(env.Policy.Code).Sub(env.Now))
	case v.StatusAt(env.Now) == Expired:
		return renew(v, env), nil
	}
	v.Sends++
	v.SentAt = env.Now
	return v, nil
}

func renew(v Verification, env Env) Verification {
	v.Nonce = env.Fresh.Nonce
	v.Sends++
	v.SentAt = env.Now
	v.ExpireAt = env.Now.Add(env.Policy.Code.Lifetime)
	return v
}

// judge counts a guess and then looks at it. correct is what the shell found
// by a comparison in constant time; it is not looked at unless a guess is left.
func judge(v Verification, correct bool, env Env) (Verification, *gatelatch.Refusal) {
	if r := judgeable(&v, env); r != nil {
		return v, r
	}
	v.Attempts++
	if correct {
		v.Status, v.VerifiedAt = Verified, env.Now
		return v, nil
	}
	if v.Attempts >= env.Policy.Code.Attempts {
		v.Status = Failed
		return v, refuseFailed()
	}
	return v, refuseIncorrect(env.Policy.Code.Attempts - v.Attempts)
}

// judgeable says why a guess would not be looked at, or nil.
func judgeable(v *Verification, env Env) *gatelatch.Refusal {
	switch {
	case v == nil:
		return refusal(gatelatch.CodeNotSent, "", "Ask for a code first.")
	case v.Proven():
		return refuseAlreadyVerified()
	case v.Status == Failed || v.Attempts >= env.Policy.Code.Attempts:
		return refuseFailed()
	case v.StatusAt(env.Now) == Expired:
		return refusal(gatelatch.CodeExpired, "code", "This code has expired. Ask for a new one.")
	}
	return nil
}

func refusal(code gatelatch.Code, param, message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: code, Param: param, Message: message}
}

func refuseAlreadyVerified() *gatelatch.Refusal {
	return refusal(gatelatch.CodeAlreadyVerified, "", "This has been confirmed already.")
}

func refuseFailed() *gatelatch.Refusal {
	return refusal(gatelatch.CodeFailed, "code", "Too many wrong codes. Start over to get a new one.")
}

// refuseIncorrect keeps the words "is incorrect": programs written for Clerk
// show and match them.
func refuseIncorrect(left int) *gatelatch.Refusal {
	if left == 1 {
		return refusal(gatelatch.CodeIncorrect, "code", "That code is incorrect. You have one more try.")
	}
	return refusal(gatelatch.CodeIncorrect, "code", fmt.Sprintf("That code is incorrect. You have %d more tries.", left))
}

func refuseResend(wait time.Duration) *gatelatch.Refusal {
	r := refusal(gatelatch.CodeResendTooSoon, "", "A code was sent a moment ago. You can ask for another one shortly.")
	r.RetryAfter = wait
	return r
}
