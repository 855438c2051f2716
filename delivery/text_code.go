// SPDX-License-Identifier: Apache-2.0

package delivery

// codeWords is how a code for one purpose is worded.
type codeWords struct {
	// Does and At stand around the site's name in a mail, How behind it: "to sign in"
	// "to" Acme "on a new device".
	Does, At, How string
	// Advice is what to do if it was not asked for.
	Advice string
	// kind is what a text calls the code, and unasked what it says of one that was
	// not asked for.
	kind, unasked string
}

const (
	ignoreMail = "If you did not ask for this code, ignore this message: without the code nobody gets in. " +
		"Do not give it to anybody, whoever asks."
	ignoreSMS = "If you did not ask for it, ignore this."
	keepSMS   = "If this is not you, give it to nobody."
)

// neutral words a purpose that has no words of its own.
var neutral = codeWords{At: "for", Advice: ignoreMail, kind: "code", unasked: ignoreSMS}

// codes are the words of each purpose of a code, as package flow names them.
// Behind a right password or inside a session, a code that its owner did not ask
// for tells of somebody else who has come that far.
var codes = map[string]codeWords{
	"sign_in": {Does: "to sign in", At: "to", Advice: ignoreMail, kind: "sign-in code", unasked: ignoreSMS},
	"sign_up": {Does: "to sign up", At: "for", Advice: ignoreMail, kind: "sign-up code", unasked: ignoreSMS},
	"client_trust": {
		Does: "to sign in", At: "to", How: "on a new device",
		Advice: "If you are not signing in, somebody else knows your password. Without this code they do not get in. " +
			"Set a new password, and do not give the code to anybody, whoever asks.",
		kind: "sign-in code", unasked: keepSMS,
	},
	"second_factor": {
		Does: "for the second step of signing in", At: "to",
		Advice: "If you are not signing in, somebody else has passed the first step. Without this code they do not get in. " +
			"Do not give it to anybody, whoever asks; if you have a password, set a new one.",
		kind: "sign-in code", unasked: keepSMS,
	},
	"reset_password": {
		Does: "to set a new password", At: "for",
		Advice: "If you did not ask for this code, ignore this message: your password stays as it is. " +
			"Do not give the code to anybody, whoever asks.",
		kind: "code for a new password", unasked: ignoreSMS,
	},
	"reverify": {
		Does: "to confirm that it is you", At: "at", Advice: strangerInside,
		kind: "code to confirm it is you", unasked: keepSMS,
	},
	"add_address": {
		Does: "to add this address to your account", At: "at",
		Advice: "If you did not ask for this code, ignore this message: without the code the address is added to no account. " +
			"Do not give it to anybody, whoever asks.",
		kind: "code to add this number", unasked: ignoreSMS,
	},
	"delete_account": {
		Does: "to delete your account", At: "at", Advice: strangerInside,
		kind: "code to delete your account", unasked: keepSMS,
	},
}

const strangerInside = "If you did not ask for this code, somebody else may be signed in to your account. " +
	"Do not give the code to anybody, whoever asks. End the sessions that you do not know on your account page."

func wordsOf(purpose string) codeWords {
	if w, ok := codes[purpose]; ok {
		return w
	}
	return neutral
}
