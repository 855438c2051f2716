// SPDX-License-Identifier: Apache-2.0

package gatelatch

import "time"

// Code is a reason for a refusal, as it stands on the wire. The values are
// Clerk's Frontend API error codes.
type Code string

// The closed list of reasons.
const (
	CodeIncorrect         Code = "form_code_incorrect"
	CodeFormat            Code = "form_param_format_invalid"
	CodeMissing           Code = "form_param_missing"
	CodeTooLong           Code = "form_param_max_length_exceeded"
	CodeDuplicate         Code = "form_param_duplicate"
	CodeValue             Code = "form_param_value_invalid"
	CodeExpired           Code = "verification_expired"
	CodeFailed            Code = "verification_failed"
	CodeAlreadyVerified   Code = "verification_already_verified"
	CodeNotSent           Code = "verification_not_sent"
	CodeStrategyInvalid   Code = "strategy_for_user_invalid"
	CodeStateInvalid      Code = "client_state_invalid"
	CodeNotFound          Code = "resource_not_found"
	CodeResendTooSoon     Code = "verification_code_too_many_requests"
	CodeTooManyRequests   Code = "too_many_requests"
	CodeSignUpClosed      Code = "sign_up_mode_restricted"
	CodeOriginInvalid     Code = "origin_invalid"
	CodeCountryNotAllowed Code = "unsupported_country_code"

	CodePasswordIncorrect Code = "form_password_incorrect"
	CodePasswordPwned     Code = "form_password_pwned"
	CodePasswordShort     Code = "form_password_length_too_short"
	CodePasswordLong      Code = "form_password_length_too_long"
	CodePasswordWeak      Code = "form_password_not_strong_enough"
	CodeBanned            Code = "user_banned"
	CodeNotAllowed        Code = "not_allowed_access"
	CodeReverify          Code = "session_reverification_required"
	CodeLastIdentifier    Code = "last_identification"
	CodePasskeyInvalid    Code = "passkey_invalid"
	CodeForbidden         Code = "action_forbidden"
	CodeExists            Code = "form_identifier_exists"
)

// Refusal is a domain "no": a code for programs, a sentence for people. It is
// a value and deliberately not an error: counters that a refused step changed
// are saved, while an error undoes everything.
type Refusal struct {
	Code Code
	// Message is a whole sentence, safe to show.
	Message string
	// Param is the wire name of the field at fault, or empty.
	Param string
	// RetryAfter is how long to wait before the same request can succeed; zero
	// when waiting does not help.
	RetryAfter time.Duration
}

// Status returns the HTTP status that carries the refusal.
func (r Refusal) Status() int {
	switch r.Code {
	case CodeTooManyRequests, CodeResendTooSoon:
		return 429
	case CodeNotFound:
		return 404
	case CodeSignUpClosed, CodeBanned, CodeNotAllowed, CodeReverify, CodeForbidden:
		return 403
	case CodeExpired, CodeFailed, CodeAlreadyVerified, CodeNotSent,
		CodeStrategyInvalid, CodeStateInvalid, CodeOriginInvalid:
		return 400
	default:
		return 422
	}
}
