// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// Row is one edge of a machine, told in words. The rows of a status and an
// input are tried from the top; the first whose guard holds is what happens.
// Every row is run by a test.
type Row struct {
	Status string
	Input  InputKind
	Guard  string
	// Next is the status afterwards, with what else has changed.
	Next string
	// Effects are what the shell does in the same transaction; empty is nothing.
	Effects string
	// Refusal is the code of a "no"; empty when the input is accepted.
	Refusal gatelatch.Code
}

// SignUpRows are the edges of the sign-up machine. A pair of status and input
// that has no row is refused with client_state_invalid, or with
// verification_already_verified when the sign-up is complete.
func SignUpRows() []Row {
	const missing, complete, gone = string(MissingRequirements), string(SignUpComplete), string(SignUpTransferred)
	const waits = string(SignUpWaiting) + ", the password forgotten"
	const made = "CreateUser, IssueSession"
	const taken = "a proven address has a user (transferable)"
	return []Row{
		{missing, InputDetails, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputDetails, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputDetails, "a ticket proves its address, and the rules refuse it", missing, "", gatelatch.CodeNotAllowed},
		{missing, InputDetails, "something is still missing or unproven", missing + "; the proof of an address that changed is dropped", "", ""},
		{missing, InputDetails, "nothing is missing, but the rules refuse", missing, "", gatelatch.CodeNotAllowed},
		{missing, InputDetails, "nothing is missing, but the address waits", waits, "Wait", ""},
		{missing, InputDetails, "a ticket proves its address, and nothing else is missing", complete, made, ""},
		{missing, InputDetails, "nothing is missing, every address is proven", complete, made, ""},
		{missing, InputPrepare, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputPrepare, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputPrepare, "the strategy proves no address that was given", missing, "", gatelatch.CodeStrategyInvalid},
		{missing, InputPrepare, "this address is proven already", missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputPrepare, "all guesses at this address are spent", missing, "", gatelatch.CodeFailed},
		{missing, InputPrepare, "the last message is younger than resend_after", missing, "", gatelatch.CodeResendTooSoon},
		{missing, InputPrepare, "the rules refuse the addresses", missing + ", counted as sent", "", ""},
		{missing, InputPrepare, "no code yet, or the last one has expired", missing + ", a new code with its full lifetime", "SendCode", ""},
		{missing, InputPrepare, "the code still lives", missing + ", the same code, no more time and no more guesses", "SendCode", ""},
		{missing, InputAttempt, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputAttempt, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputAttempt, "the strategy proves no address that was given", missing, "", gatelatch.CodeStrategyInvalid},
		{missing, InputAttempt, "no code was asked for", missing, "", gatelatch.CodeNotSent},
		{missing, InputAttempt, "this address is proven already", missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputAttempt, "all guesses at this address are spent", missing, "", gatelatch.CodeFailed},
		{missing, InputAttempt, "the code has expired", missing, "", gatelatch.CodeExpired},
		{missing, InputAttempt, "wrong, or the rules refuse, the last guess", missing + ", failed", "", gatelatch.CodeFailed},
		{missing, InputAttempt, "wrong, or the rules refuse", missing + ", one guess fewer", "", gatelatch.CodeIncorrect},
		{missing, InputAttempt, "right, somebody holds the address", missing + ", transferable", "", ""},
		{missing, InputAttempt, "right, the address waits", waits, "Wait", ""},
		{missing, InputAttempt, "right, something is still missing or unproven", missing + ", this address verified", "", ""},
		{missing, InputAttempt, "right, nothing else is missing or unproven", complete, made, ""},
		{missing, InputAdopt, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputAdopt, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputAdopt, "the address is not proven", missing, "", gatelatch.CodeStateInvalid},
		{missing, InputAdopt, "the rules refuse the address", missing, "", gatelatch.CodeNotAllowed},
		{missing, InputAdopt, "proven, the address waits", waits, "Wait", ""},
		{missing, InputAdopt, "proven, something is still missing or unproven", missing + ", this address verified", "", ""},
		{missing, InputAdopt, "proven, nothing else is missing or unproven", complete, made, ""},
		{missing, InputYield, "no proven address has a user", missing, "", gatelatch.CodeStateInvalid},
		{missing, InputYield, taken, gone + ", naming the sign-in that took over", "", ""},
	}
}

// ChangeRows are the edges of the machine of changes. A pair of status and input
// that has no row is refused with client_state_invalid, or with
// verification_already_verified when the change is complete.
func ChangeRows() []Row {
	const open, complete = string(ChangeOpen), string(ChangeComplete)
	const over = open + ", and over"
	return []Row{
		{open, InputPrepare, "deletes the account, and that is off", open, "", gatelatch.CodeForbidden},
		{open, InputPrepare, "all guesses are spent", open, "", gatelatch.CodeFailed},
		{open, InputPrepare, "the last message is younger than resend_after", open, "", gatelatch.CodeResendTooSoon},
		{open, InputPrepare, "no code yet, or the last one has expired", open + ", a new code with its full lifetime", "SendCode", ""},
		{open, InputPrepare, "the code still lives", open + ", the same code, no more time and no more guesses", "SendCode", ""},
		{open, InputConfirm, "deletes the account, and that is off", open, "", gatelatch.CodeForbidden},
		{open, InputConfirm, "of another user", open, "", gatelatch.CodeStateInvalid},
		{open, InputConfirm, "no code was asked for", open, "", gatelatch.CodeNotSent},
		{open, InputConfirm, "all guesses are spent", open, "", gatelatch.CodeFailed},
		{open, InputConfirm, "the code has expired", open, "", gatelatch.CodeExpired},
		{open, InputConfirm, "wrong, the last guess", open + ", failed", "", gatelatch.CodeFailed},
		{open, InputConfirm, "wrong", open + ", one guess fewer", "", gatelatch.CodeIncorrect},
		{open, InputConfirm, "right, somebody else holds the address", over, "", gatelatch.CodeExists},
		{open, InputConfirm, "right, an operator has given the user the address, unproven", complete, "ChangeUser", ""},
		{open, InputConfirm, "right, the user has the address already", over, "", gatelatch.CodeExists},
		{open, InputConfirm, "right, the number is the last that begins a sign-in", over, "", gatelatch.CodeLastIdentifier},
		{open, InputConfirm, "right, mail for the second step", over, "", gatelatch.CodeStateInvalid},
		{open, InputConfirm, "right, the account lost the address meanwhile", over, "", gatelatch.CodeStateInvalid},
		{open, InputConfirm, "right, a list refuses the address", over, "", gatelatch.CodeNotAllowed},
		{open, InputConfirm, "right, the user has too many of the kind", over, "", gatelatch.CodeForbidden},
		{open, InputConfirm, "right, adds an address", complete, "ChangeUser", ""},
		{open, InputConfirm, "right, adds a number for the second step", complete, "ChangeUser", ""},
		{open, InputConfirm, "right, reserves a number of the user", complete, "ChangeUser", ""},
		{open, InputConfirm, "right, deletes the account", complete, "RemoveUser", ""},
	}
}

// SignInStatuses returns every status of the sign-in machine, sorted;
// [SignIn.Allows] says which inputs each admits.
func SignInStatuses() []SignInStatus { return slices.Sorted(maps.Keys(signInTable)) }

// SignUpStatuses returns every status of the sign-up machine, sorted;
// [SignUp.Allows] says which inputs each admits.
func SignUpStatuses() []SignUpStatus { return slices.Sorted(maps.Keys(signUpTable)) }

// ChangeStatuses returns every status of the machine of changes, sorted;
// [Change.Allows] says which inputs each admits.
func ChangeStatuses() []ChangeStatus { return slices.Sorted(maps.Keys(changeTable)) }

// Table writes rows as a table in Markdown.
func Table(rows []Row) string {
	var b strings.Builder
	b.WriteString("| status | input | when | then | effects | refusal |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		refusal := cmp.Or(string(r.Refusal), "-")
		for _, cell := range []string{r.Status, string(r.Input), r.Guard, r.Next, cmp.Or(r.Effects, "-"), refusal} {
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}
