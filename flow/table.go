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

// SignInRows are the edges of the sign-in machine. A pair of status and input
// that has no row is refused with client_state_invalid, or with
// verification_already_verified when the sign-in is complete.
func SignInRows() []Row {
	const fresh, first, complete = string(NeedsIdentifier), string(NeedsFirstFactor), string(SignInComplete)
	return []Row{
		{fresh, InputIdentify, "a user holds the address", first + ", bound to the stored form of the address", "", ""},
		{fresh, InputIdentify, "nobody holds it, sign-up is open", first, "", ""},
		{fresh, InputIdentify, "nobody holds it, sign-up is closed", first + ", a decoy", "", ""},
		{fresh, InputAdopt, "the address is not proven, or nobody holds it", fresh, "", gatelatch.CodeStateInvalid},
		{fresh, InputAdopt, "the address is proven and has an owner", complete, "IssueSession", ""},
		{first, InputPrepare, "the strategy is not one of the factors", first, "", gatelatch.CodeStrategyInvalid},
		{first, InputPrepare, "the address is proven already", first, "", gatelatch.CodeAlreadyVerified},
		{first, InputPrepare, "all guesses are spent", first, "", gatelatch.CodeFailed},
		{first, InputPrepare, "the last message is younger than resend_after", first, "", gatelatch.CodeResendTooSoon},
		{first, InputPrepare, "a decoy", first + ", counted as sent", "", ""},
		{first, InputPrepare, "no code yet, or the last one has expired", first + ", a new code with its full lifetime", "SendCode", ""},
		{first, InputPrepare, "the code still lives", first + ", the same code, no more time and no more guesses", "SendCode", ""},
		{first, InputAttempt, "no code was asked for", first, "", gatelatch.CodeNotSent},
		{first, InputAttempt, "the address is proven already", first, "", gatelatch.CodeAlreadyVerified},
		{first, InputAttempt, "all guesses are spent", first, "", gatelatch.CodeFailed},
		{first, InputAttempt, "the code has expired", first, "", gatelatch.CodeExpired},
		{first, InputAttempt, "another strategy than the code's", first, "", gatelatch.CodeStrategyInvalid},
		{first, InputAttempt, "wrong or a decoy, the last guess", first + ", failed", "", gatelatch.CodeFailed},
		{first, InputAttempt, "wrong or a decoy", first + ", one guess fewer", "", gatelatch.CodeIncorrect},
		{first, InputAttempt, "right, nobody holds the address", first + ", transferable", "", ""},
		{first, InputAttempt, "right, somebody holds the address", complete, "IssueSession", ""},
	}
}

// SignUpRows are the edges of the sign-up machine. A pair of status and input
// that has no row is refused with client_state_invalid, or with
// verification_already_verified when the sign-up is complete.
func SignUpRows() []Row {
	const missing, complete, gone = string(MissingRequirements), string(SignUpComplete), string(SignUpTransferred)
	const made = "CreateUser, IssueSession"
	const taken = "a proven address has a user (transferable)"
	return []Row{
		{missing, InputDetails, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputDetails, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputDetails, "something is still missing or unproven", missing + "; the proof of an address that changed is dropped", "", ""},
		{missing, InputDetails, "nothing is missing, every address is proven", complete, made, ""},
		{missing, InputPrepare, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputPrepare, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputPrepare, "the strategy proves no address that was given", missing, "", gatelatch.CodeStrategyInvalid},
		{missing, InputPrepare, "this address is proven already", missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputPrepare, "all guesses at this address are spent", missing, "", gatelatch.CodeFailed},
		{missing, InputPrepare, "the last message is younger than resend_after", missing, "", gatelatch.CodeResendTooSoon},
		{missing, InputPrepare, "no code yet, or the last one has expired", missing + ", a new code with its full lifetime", "SendCode", ""},
		{missing, InputPrepare, "the code still lives", missing + ", the same code, no more time and no more guesses", "SendCode", ""},
		{missing, InputAttempt, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputAttempt, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputAttempt, "the strategy proves no address that was given", missing, "", gatelatch.CodeStrategyInvalid},
		{missing, InputAttempt, "no code was asked for", missing, "", gatelatch.CodeNotSent},
		{missing, InputAttempt, "this address is proven already", missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputAttempt, "all guesses at this address are spent", missing, "", gatelatch.CodeFailed},
		{missing, InputAttempt, "the code has expired", missing, "", gatelatch.CodeExpired},
		{missing, InputAttempt, "wrong, the last guess", missing + ", failed", "", gatelatch.CodeFailed},
		{missing, InputAttempt, "wrong", missing + ", one guess fewer", "", gatelatch.CodeIncorrect},
		{missing, InputAttempt, "right, somebody holds the address", missing + ", transferable", "", ""},
		{missing, InputAttempt, "right, something is still missing or unproven", missing + ", this address verified", "", ""},
		{missing, InputAttempt, "right, nothing else is missing or unproven", complete, made, ""},
		{missing, InputAdopt, "sign-up is closed", missing, "", gatelatch.CodeSignUpClosed},
		{missing, InputAdopt, taken, missing, "", gatelatch.CodeAlreadyVerified},
		{missing, InputAdopt, "the address is not proven", missing, "", gatelatch.CodeStateInvalid},
		{missing, InputAdopt, "proven, something is still missing or unproven", missing + ", this address verified", "", ""},
		{missing, InputAdopt, "proven, nothing else is missing or unproven", complete, made, ""},
		{missing, InputYield, "no proven address has a user", missing, "", gatelatch.CodeStateInvalid},
		{missing, InputYield, taken, gone + ", naming the sign-in that took over", "", ""},
	}
}

// SignInStatuses returns every status of the sign-in machine, sorted;
// [SignIn.Allows] says which inputs each admits.
func SignInStatuses() []SignInStatus { return slices.Sorted(maps.Keys(signInTable)) }

// SignUpStatuses returns every status of the sign-up machine, sorted;
// [SignUp.Allows] says which inputs each admits.
func SignUpStatuses() []SignUpStatus { return slices.Sorted(maps.Keys(signUpTable)) }

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
