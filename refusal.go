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

	// For programs, see packages frontendapi and backendapi.
	CodeIdentifierUnknown Code = "form_identifier_not_found"
	CodeUnknownParam      Code = "form_param_unknown"
	CodeNoData            Code = "form_data_missing"
	CodeUserLocked        Code = "user_locked"
	CodeSessionExists     Code = "session_exists"
	CodeTicketInvalid     Code = "ticket_invalid_code"
	CodeTicketExpired     Code = "ticket_expired_code"
	CodeSignedOut         Code = "signed_out"
	CodeUnauthenticated   Code = "authentication_invalid"
	CodeOriginWithKey     Code = "origin_authorization_headers_conflict"
	CodeNativeDisabled    Code = "native_api_disabled"
	CodeNotOffered        Code = "feature_not_enabled"
	CodeKeyInvalid        Code = "clerk_key_invalid"
	CodeDuplicateRecord   Code = "duplicate_record"
	CodeNoPassword        Code = "no_password_set"
	CodePasswordWrong     Code = "incorrect_password"
	CodeTOTPWrong         Code = "totp_incorrect_code"
	CodeMetadata          Code = "form_param_invalid_metadata"
	CodeUnavailable       Code = "service_unavailable"
	CodeInternal          Code = "internal_clerk_error"
	CodeMethod            Code = "method_not_allowed"
	CodeSignedInAlready   Code = "identifier_already_signed_in"
	// CodeTransferable is said at a sign-in whose address was proven and has no user.
	CodeTransferable Code = "sign_up_if_missing_transfer"
	CodeWaitlisted   Code = "sign_up_restricted_waitlist"
	CodeBody         Code = "request_body_invalid"
	// CodeSignUpOver is said of a sign-up that is finished, and takes no more fields.
	CodeSignUpOver Code = "sign_up_cannot_be_updated"
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
	case CodeSignUpClosed, CodeBanned, CodeNotAllowed, CodeReverify, CodeForbidden, CodeUserLocked, CodeNotOffered,
		CodeWaitlisted, CodeSignUpOver:
		return 403
	case CodeSignedOut, CodeUnauthenticated, CodeKeyInvalid:
		return 401
	case CodeExpired, CodeFailed, CodeAlreadyVerified, CodeNotSent,
		CodeStrategyInvalid, CodeStateInvalid, CodeOriginInvalid, CodeOriginWithKey, CodeNativeDisabled,
		CodeSessionExists, CodeSignedInAlready, CodeTicketInvalid, CodeTicketExpired, CodeDuplicateRecord, CodeNoPassword:
		return 400
	case CodeMethod:
		return 405
	case CodeUnavailable:
		return 503
	case CodeInternal:
		return 500
	default:
		return 422
	}
}
