// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"slices"

	"github.com/gatelatch/gatelatch"
)

const (
	issues    = "IssueSession"
	issuesNew = "IssueSession, Notify"
)

// SignInRows are the edges of the sign-in machine. A pair of status and input
// that has no row is refused with client_state_invalid, or with
// verification_already_verified when the sign-in is complete.
func SignInRows() []Row {
	return slices.Concat(
		beginRows(), firstRows(), passwordRows(), resetRows(),
		secondRows(), trustRows(),
	)
}

func beginRows() []Row {
	const fresh, first, second, complete = string(NeedsIdentifier), string(NeedsFirstFactor), string(NeedsSecondFactor), string(SignInComplete)
	return []Row{
		{fresh, InputIdentify, "a user holds the address", first + ", bound to the stored form of the address", "", ""},
		{fresh, InputIdentify, "a user keeps the number for the second step", first + ", a decoy", "", ""},
		{fresh, InputIdentify, "nobody holds it, and the rules let it sign up or wait", first, "", ""},
		{fresh, InputIdentify, "nobody holds it, and the rules refuse it", first + ", a decoy", "", ""},
		{fresh, InputAdopt, "the address is not proven, or nobody holds it, or it is kept for the second step", fresh, "", gatelatch.CodeStateInvalid},
		{fresh, InputAdopt, "its owner is banned", fresh, "", gatelatch.CodeBanned},
		{fresh, InputAdopt, "its owner is locked", fresh, "", gatelatch.CodeUserLocked},
		{fresh, InputAdopt, "its owner takes a second step", second, "", ""},
		{fresh, InputAdopt, "the client is new to its owner", complete, issuesNew, ""},
		{fresh, InputAdopt, "an operator has given the address to its owner, unproven", complete, "MarkVerified, " + issues, ""},
		{fresh, InputAdopt, "the address is proven and has an owner", complete, issues, ""},
		{fresh, InputPasskey, "nobody is known by it", fresh, "", gatelatch.CodeStateInvalid},
		{fresh, InputPasskey, "its owner is banned", fresh, "", gatelatch.CodeBanned},
		{fresh, InputPasskey, "its owner is locked", fresh, "", gatelatch.CodeUserLocked},
		{fresh, InputPasskey, "the client is new to its owner", complete, issuesNew, ""},
		{fresh, InputPasskey, "verified, also where a second step is set up", complete, issues, ""},
		{fresh, InputTicket, "its user is unknown", fresh, "", gatelatch.CodeStateInvalid},
		{fresh, InputTicket, "its user is banned", fresh, "", gatelatch.CodeBanned},
		{fresh, InputTicket, "its user is locked", fresh, "", gatelatch.CodeUserLocked},
		{fresh, InputTicket, "its user takes a second step", second, "", ""},
		{fresh, InputTicket, "the client is new to its user", complete, issuesNew, ""},
		{fresh, InputTicket, "the ticket is good", complete, issues, ""},
		{fresh, InputAgain, "the session or its user is unknown", fresh, "", gatelatch.CodeStateInvalid},
		{fresh, InputAgain, "the user is banned", fresh, "", gatelatch.CodeBanned},
		{fresh, InputAgain, "the user is locked", fresh, "", gatelatch.CodeUserLocked},
		{fresh, InputAgain, "a second step is asked for, and there is none", fresh, "", gatelatch.CodeStrategyInvalid},
		{fresh, InputAgain, "only the second step is asked for", second, "", ""},
		{fresh, InputAgain, "the first step is asked for, or both", first, "", ""},
	}
}

func firstRows() []Row {
	const first, second, complete = string(NeedsFirstFactor), string(NeedsSecondFactor), string(SignInComplete)
	return []Row{
		{first, InputPrepare, "the strategy is not one of the factors, or sends nothing", first, "", gatelatch.CodeStrategyInvalid},
		{first, InputPrepare, "the holder of a session is asked, and the address is no more theirs", first, "", gatelatch.CodeNotFound},
		{first, InputPrepare, "the address is proven already", first, "", gatelatch.CodeAlreadyVerified},
		{first, InputPrepare, "all guesses are spent", first, "", gatelatch.CodeFailed},
		{first, InputPrepare, "another way than the one under way", first + ", a new code, the guesses still counted", "SendCode", ""},
		{first, InputPrepare, "the last message is younger than resend_after", first, "", gatelatch.CodeResendTooSoon},
		{first, InputPrepare, "a decoy", first + ", counted as sent", "", ""},
		{first, InputPrepare, "no code yet, or the last one has expired", first + ", a new code with its full lifetime", "SendCode", ""},
		{first, InputPrepare, "the code still lives", first + ", the same code, no more time and no more guesses", "SendCode", ""},
		{first, InputAttempt, "the holder of a session is asked, and the address is no more theirs", first, "", gatelatch.CodeNotFound},
		{first, InputAttempt, "a passkey, where nobody is known yet", first, "", gatelatch.CodeStrategyInvalid},
		{first, InputAttempt, "a passkey of the holder of a session, wrong", first + ", one guess fewer", "", gatelatch.CodePasskeyInvalid},
		{first, InputAttempt, "a passkey of the holder of a session, right", complete + ", both steps proven", "MarkProven", ""},
		{first, InputAttempt, "no code was asked for", first, "", gatelatch.CodeNotSent},
		{first, InputAttempt, "the address is proven already", first, "", gatelatch.CodeAlreadyVerified},
		{first, InputAttempt, "all guesses are spent", first, "", gatelatch.CodeFailed},
		{first, InputAttempt, "the code has expired", first, "", gatelatch.CodeExpired},
		{first, InputAttempt, "another strategy than the code's", first, "", gatelatch.CodeStrategyInvalid},
		{first, InputAttempt, "wrong, a decoy, or a number kept for the second step, the last guess", first + ", failed", "", gatelatch.CodeFailed},
		{first, InputAttempt, "wrong, a decoy, or a number kept for the second step", first + ", one guess fewer", "", gatelatch.CodeIncorrect},
		{first, InputAttempt, "right, the owner is banned", first + ", one guess fewer", "", gatelatch.CodeBanned},
		{first, InputAttempt, "right, the owner is locked", first + ", one guess fewer", "", gatelatch.CodeUserLocked},
		{first, InputAttempt, "right, nobody holds the address", first + ", transferable", "", ""},
		{first, InputAttempt, "right, in order to set a new password", string(NeedsNewPassword), "", ""},
		{first, InputAttempt, "right, the holder of a session owes only this step", complete, "MarkProven", ""},
		{first, InputAttempt, "right, the owner takes a second step", second, "", ""},
		{first, InputAttempt, "right, the client is new to the owner", complete, issuesNew, ""},
		{first, InputAttempt, "right, an operator has given the address to its owner, unproven", complete, "MarkVerified, " + issues, ""},
		{first, InputAttempt, "right, somebody holds the address", complete, issues, ""},
	}
}

func passwordRows() []Row {
	const first, second, complete = string(NeedsFirstFactor), string(NeedsSecondFactor), string(SignInComplete)
	return []Row{
		{first, InputCount, "no password is taken here", first, "", gatelatch.CodeStrategyInvalid},
		{first, InputCount, "the address is proven already", first, "", gatelatch.CodeAlreadyVerified},
		{first, InputCount, "all guesses are spent", first, "", gatelatch.CodeFailed},
		{first, InputCount, "a guess is left", first + ", one guess fewer, not yet looked at", "", ""},
		{first, InputPassword, "no guess was counted", first, "", gatelatch.CodeStateInvalid},
		{first, InputPassword, "the holder of a session is asked, and it is somebody else's", first, "", gatelatch.CodeNotFound},
		{first, InputPassword, "the address was proven meanwhile", first, "", gatelatch.CodeAlreadyVerified},
		{first, InputPassword, "right, the owner is banned", first, "", gatelatch.CodeBanned},
		{first, InputPassword, "right, the owner is locked", first, "", gatelatch.CodeUserLocked},
		{first, InputPassword, "right, the holder of a session owes only this step", complete, "MarkProven", ""},
		{first, InputPassword, "right, the owner takes a second step", second + ", the guess given back", "", ""},
		{first, InputPassword, "right, on a client that is new to the owner", string(NeedsClientTrust) + ", new, the guess given back", "", ""},
		{first, InputPassword, "right, on a new client, where no client is trusted", complete, issuesNew, ""},
		{first, InputPassword, "right, on a client that is the owner's", complete + ", known", issues, ""},
		{first, InputPassword, "wrong, a decoy, or nobody's, the last guess", first, "", gatelatch.CodeFailed},
		{first, InputPassword, "wrong, a decoy, or nobody's", first, "", gatelatch.CodePasswordIncorrect},
	}
}

func resetRows() []Row {
	const owes, second, complete = string(NeedsNewPassword), string(NeedsSecondFactor), string(SignInComplete)
	return []Row{
		{owes, InputReset, "the code was right too long ago", owes, "", gatelatch.CodeNotFound},
		{owes, InputReset, "no password, or the user is gone", owes, "", gatelatch.CodeStateInvalid},
		{owes, InputReset, "the owner is banned", owes, "", gatelatch.CodeBanned},
		{owes, InputReset, "the owner is locked", owes, "", gatelatch.CodeUserLocked},
		{owes, InputReset, "the owner takes a second step", second + ", the new password kept until it is taken", "", ""},
		{owes, InputReset, "on a client that is new to the owner", complete, "ReplacePassword, Notify, " + issuesNew, ""},
		{owes, InputReset, "on a client that is the owner's", complete, "ReplacePassword, Notify, " + issues, ""},
	}
}

// proofRows are the edges of a status that waits for a second proof. The label
// says which it is.
func proofRows(status, label string) []Row {
	const complete = string(SignInComplete)
	rows := []Row{
		{status, InputPrepare, "the strategy is not one of the second factors, or sends nothing", status, "", gatelatch.CodeStrategyInvalid},
		{status, InputPrepare, "the address or number is no more the user's", status, "", gatelatch.CodeNotFound},
		{status, InputPrepare, "all guesses at the code are spent", status, "", gatelatch.CodeFailed},
		{status, InputPrepare, "another way, or another number, than the one under way", status + ", a new code, the guesses still counted", "SendCode", ""},
		{status, InputPrepare, "the last message is younger than resend_after", status, "", gatelatch.CodeResendTooSoon},
		{status, InputPrepare, "no code yet, or the last one has expired", status + ", a new code with its full lifetime", "SendCode", ""},
		{status, InputPrepare, "the code still lives", status + ", the same code, no more time and no more guesses", "SendCode", ""},
		{status, InputAttempt, "the user is gone, or it is somebody else", status, "", gatelatch.CodeNotFound},
		{status, InputAttempt, "the strategy is not one of the second factors", status, "", gatelatch.CodeStrategyInvalid},
		{status, InputAttempt, "that way is no more the user's", status, "", gatelatch.CodeNotFound},
		{status, InputAttempt, "no code was asked for", status, "", gatelatch.CodeNotSent},
		{status, InputAttempt, "all guesses are spent", status, "", gatelatch.CodeFailed},
		{status, InputAttempt, "the code has expired", status, "", gatelatch.CodeExpired},
		{status, InputAttempt, "another way than the code's", status, "", gatelatch.CodeStrategyInvalid},
		{status, InputAttempt, "wrong, the last guess", status, "", gatelatch.CodeFailed},
		{status, InputAttempt, "wrong", status + ", one guess fewer", "", gatelatch.CodeIncorrect},
		{status, InputAttempt, "right, the user is banned", status + ", one guess fewer", "", gatelatch.CodeBanned},
		{status, InputAttempt, "right, the user is locked", status + ", one guess fewer", "", gatelatch.CodeUserLocked},
		{status, InputAttempt, "right, an address that an operator has given, unproven", complete, "MarkVerified, " + issues, ""},
		{status, InputAttempt, "right, on a client that is new to the user", complete, issuesNew, ""},
		{status, InputAttempt, "right, on a client that is the user's", complete, issues, ""},
	}
	for i := range rows {
		rows[i].Guard = label + ": " + rows[i].Guard
	}
	return rows
}

func secondRows() []Row {
	return insert(proofRows(string(NeedsSecondFactor), "second step"), Row{
		string(NeedsSecondFactor), InputAttempt, "second step: right, the holder of a session was asked", string(SignInComplete), "MarkProven", "",
	})
}

func trustRows() []Row {
	return insert(proofRows(string(NeedsClientTrust), "new device"), Row{
		string(NeedsClientTrust), InputAttempt, "new device: right, the user has set up a second step meanwhile", string(NeedsSecondFactor), "", "",
	})
}

// insert puts a row before the three that end a sign-in.
func insert(rows []Row, r Row) []Row { return slices.Insert(rows, len(rows)-3, r) }
