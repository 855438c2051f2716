// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/gatelatch/gatelatch"
)

// Registration is what a browser answers to RegistrationOptions, not yet
// verified.
type Registration struct {
	Challenge    []byte
	CredentialID []byte

	parsed *protocol.ParsedCredentialCreationData
}

// ReadRegistration reads what PublicKeyCredential.toJSON gives. Nothing in it is
// to be believed before Register.
func ReadRegistration(text string) (*Registration, *gatelatch.Refusal) {
	if no := readable(text); no != nil {
		return nil, no
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(text))
	if err != nil {
		return nil, refuse(unreadable)
	}
	challenge, ok := challengeOf(parsed.Response.CollectedClientData)
	if !ok {
		return nil, refuse(unreadable)
	}
	return &Registration{Challenge: challenge, CredentialID: parsed.RawID, parsed: parsed}, nil
}

// Register checks a registration (W3C, section 7.1) and returns the new key,
// with an id of ours. Where the authenticator attests itself, its statement must
// be sound, but whose it is does not matter. That the challenge is one of ours,
// and that nobody has registered the credential before, is the caller's to
// check.
func (s Site) Register(r *Registration, name string, now time.Time) (gatelatch.Passkey, *gatelatch.Refusal) {
	if r == nil || r.parsed == nil {
		return gatelatch.Passkey{}, refuse(unverified)
	}
	_, err := r.parsed.Verify(r.parsed.Response.CollectedClientData.Challenge, s.ID, s.Origins, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, nil, algorithms,
		protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	data := r.parsed.Response.AttestationObject.AuthData
	if err != nil || !backupConsistent(data.Flags) {
		return gatelatch.Passkey{}, refuse(unverified)
	}
	if _, err := webauthncose.ParsePublicKey(data.AttData.CredentialPublicKey); err != nil {
		return gatelatch.Passkey{}, refuse(unverified)
	}
	return gatelatch.Passkey{
		ID: gatelatch.NewID(gatelatch.PrefixPasskey, now), CredentialID: slices.Clone(data.AttData.CredentialID),
		PublicKey: slices.Clone(data.AttData.CredentialPublicKey), SignCount: data.Counter,
		Transports: transports(r.parsed.Response.Transports), AAGUID: slices.Clone(data.AttData.AAGUID),
		Flags: uint8(data.Flags), Name: name, CreatedAt: now, LastUsedAt: now,
	}, nil
}

// transports keeps what is known of how to reach the authenticator; the browser
// may say anything.
func transports(said []protocol.AuthenticatorTransport) []string {
	var known []string
	for _, t := range []protocol.AuthenticatorTransport{
		protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
	} {
		if slices.Contains(said, t) {
			known = append(known, string(t))
		}
	}
	return known
}
