// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/gatelatch/gatelatch"
)

// timeout is how long a browser waits for its user: five minutes, within the
// range that W3C recommends for ceremonies with user verification (section
// 15.1).
const timeout = 5 * time.Minute

// algorithms are what keys may sign with, the preferred one first: ES256, EdDSA
// and, for Windows Hello, RS256.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// SignInOptions are the publicKey member of navigator.credentials.get, as JSON
// for PublicKeyCredential.parseRequestOptionsFromJSON. Without allowed keys any
// discoverable one of the site will do.
func (s Site) SignInOptions(challenge []byte, allowed []gatelatch.Passkey) ([]byte, error) {
	return encode(protocol.PublicKeyCredentialRequestOptions{
		Challenge:          challenge,
		Timeout:            int(timeout.Milliseconds()),
		RelyingPartyID:     s.ID,
		AllowedCredentials: descriptors(allowed),
		UserVerification:   protocol.VerificationRequired,
	})
}

// RegistrationOptions are the publicKey member of navigator.credentials.create,
// as JSON for PublicKeyCredential.parseCreationOptionsFromJSON. The key shall be
// discoverable and verify its user; authenticators that hold one of have refuse.
// The user handle is the user's id.
func (s Site) RegistrationOptions(challenge []byte, u gatelatch.User, have []gatelatch.Passkey) ([]byte, error) {
	return encode(protocol.PublicKeyCredentialCreationOptions{
		RelyingParty:          protocol.RelyingPartyEntity{CredentialEntity: protocol.CredentialEntity{Name: s.Name}, ID: s.ID},
		User:                  entity(u),
		Challenge:             challenge,
		Parameters:            algorithms,
		Timeout:               int(timeout.Milliseconds()),
		CredentialExcludeList: descriptors(have),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), // for browsers of Level 1
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
		Attestation: protocol.PreferNoAttestation,
	})
}

// entity is how a browser shows the user among several.
func entity(u gatelatch.User) protocol.UserEntity {
	account, ok := u.Primary(gatelatch.EmailAddress)
	if !ok {
		account, _ = u.Primary(gatelatch.PhoneNumber)
	}
	display := u.Name()
	if display == "" {
		display = account.Display
	}
	return protocol.UserEntity{
		CredentialEntity: protocol.CredentialEntity{Name: account.Display},
		DisplayName:      display,
		ID:               protocol.URLEncodedBase64(u.ID),
	}
}

func descriptors(keys []gatelatch.Passkey) []protocol.CredentialDescriptor {
	var list []protocol.CredentialDescriptor
	for _, k := range keys {
		d := protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: k.CredentialID}
		for _, t := range k.Transports {
			d.Transport = append(d.Transport, protocol.AuthenticatorTransport(t))
		}
		list = append(list, d)
	}
	return list
}

func encode(options any) ([]byte, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("writing options for a passkey: %w", err)
	}
	return text, nil
}
