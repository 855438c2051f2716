// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"time"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/gatelatch/gatelatch"
)

// Assertion is what a browser answers to SignInOptions, not yet verified.
type Assertion struct {
	Challenge    []byte
	CredentialID []byte
	UserID       string // empty when the browser did not say

	parsed *protocol.ParsedCredentialAssertionData
}

// ReadAssertion reads what PublicKeyCredential.toJSON gives. Nothing in it is to
// be believed before Verify.
func ReadAssertion(text string) (*Assertion, *gatelatch.Refusal) {
	if no := readable(text); no != nil {
		return nil, no
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(text))
	if err != nil {
		return nil, refuse(unreadable)
	}
	challenge, ok := challengeOf(parsed.Response.CollectedClientData)
	if !ok {
		return nil, refuse(unreadable)
	}
	return &Assertion{
		Challenge: challenge, CredentialID: parsed.RawID, UserID: string(parsed.Response.UserHandle), parsed: parsed,
	}, nil
}

// Verify checks an assertion with the key it names (W3C, section 7.2):
// signature, origin, relying party, that the user was there and was verified,
// that the key is as much or as little backed up as it can be, and that the
// counter went on. It returns the key as it is to be saved. That the challenge
// is one of ours, and that the key belongs to UserID where it is given, is the
// caller's to check.
func (s Site) Verify(a *Assertion, k gatelatch.Passkey, now time.Time) (gatelatch.Passkey, *gatelatch.Refusal) {
	if a == nil || a.parsed == nil || string(a.CredentialID) != string(k.CredentialID) {
		return gatelatch.Passkey{}, refuse(unverified)
	}
	err := a.parsed.Verify(a.parsed.Response.CollectedClientData.Challenge, s.ID, "", s.Origins, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, k.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return gatelatch.Passkey{}, refuse(unverified)
	}
	data := a.parsed.Response.AuthenticatorData
	if !backupConsistent(data.Flags) || data.Flags.HasBackupEligible() != protocol.AuthenticatorFlags(k.Flags).HasBackupEligible() {
		return gatelatch.Passkey{}, refuse(unverified)
	}
	if !wentOn(k.SignCount, data.Counter) {
		return gatelatch.Passkey{}, refuse("This passkey seems to have a copy, and was refused. Use another way to sign in.")
	}
	k.SignCount, k.Flags, k.LastUsedAt = data.Counter, uint8(data.Flags), now
	return k, nil
}

// wentOn compares counters (W3C, section 6.1.1). Keys that are synchronised
// have none and always say nought.
func wentOn(before, after uint32) bool {
	return after > before || before == 0 && after == 0
}

// backupConsistent refuses keys that say they are backed up and cannot be (W3C,
// section 6.1.3).
func backupConsistent(f protocol.AuthenticatorFlags) bool {
	return f.HasBackupEligible() || !f.HasBackupState()
}
