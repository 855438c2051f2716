// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
)

// Authenticator is Chromium's virtual authenticator: a device in the machine that
// keeps passkeys.
type Authenticator struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// NewAuthenticator gives the tab a device with a fingerprint reader that always
// knows its owner. Without it the tab has none.
func (tab *Tab) NewAuthenticator() *Authenticator {
	tab.T.Helper()
	call(tab, webauthn.Enable, webauthn.EnableParams{})
	made := call(tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
		AutomaticPresenceSimulation: true, IsUserVerified: true,
	}})
	return &Authenticator{tab, made.AuthenticatorID}
}

// Present says whether somebody touches the device when it asks.
func (a *Authenticator) Present(yes bool) {
	a.tab.T.Helper()
	call(a.tab, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: a.id, Enabled: yes})
}

// Verified says whether the device knows who touches it.
func (a *Authenticator) Verified(yes bool) {
	a.tab.T.Helper()
	call(a.tab, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes})
}

// Passkeys returns what the device keeps.
func (a *Authenticator) Passkeys() []*webauthn.Credential {
	a.tab.T.Helper()
	return call(a.tab, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id}).Credentials
}

// Put gives the device a passkey, as a copy of a device would have.
func (a *Authenticator) Put(c *webauthn.Credential) {
	a.tab.T.Helper()
	var p addCredential
	p.AuthenticatorID = a.id
	p.Credential.CredentialID, p.Credential.RpID, p.Credential.UserHandle = c.CredentialID, c.RpID, c.UserHandle
	p.Credential.IsResidentCredential, p.Credential.PrivateKey, p.Credential.SignCount = true, c.PrivateKey, c.SignCount
	call(a.tab, cdp.Command[addCredential, cdp.Empty]{Method: webauthn.CommandAddCredential}, p)
}

// addCredential leaves out what the device cannot take: it refuses the library's
// form, which names that even when it is not wanted.
type addCredential struct {
	AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
	Credential      struct {
		CredentialID         []byte  `json:"credentialId"`
		IsResidentCredential bool    `json:"isResidentCredential"`
		RpID                 string  `json:"rpId"`
		PrivateKey           []byte  `json:"privateKey"`
		UserHandle           []byte  `json:"userHandle"`
		SignCount            float64 `json:"signCount"`
	} `json:"credential"`
}

// Forget takes all passkeys from the device.
func (a *Authenticator) Forget() {
	a.tab.T.Helper()
	call(a.tab, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: a.id})
}
