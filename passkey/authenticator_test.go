// SPDX-License-Identifier: Apache-2.0

package passkey_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Flags of authenticator data (W3C, section 6.1).
const (
	present        = 0x01
	verified       = 0x04
	backupEligible = 0x08
	backedUp       = 0x10
	attested       = 0x40
)

// authenticator is a key with everything that a browser and its user could do
// wrong.
type authenticator struct {
	t       testing.TB
	signer  crypto.Signer
	id      []byte
	user    string
	rp      string
	origin  string
	kind    string // type of the client data
	flags   byte
	counter uint32
	// extra is put into the client data.
	extra map[string]any
}

func newAuthenticator(t testing.TB) *authenticator {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{
		t: t, signer: signer, id: []byte("credential-0123456789abcdef"), user: "user_1",
		rp: "example.com", origin: "https://app.example.com", flags: present | verified,
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) must(b []byte, err error) []byte {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// cose writes the public key (RFC 9052, section 7).
func (a *authenticator) cose() []byte {
	var key map[int]any
	switch public := a.signer.Public().(type) {
	case *ecdsa.PublicKey:
		point := a.must(public.Bytes())
		key = map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}
	case ed25519.PublicKey:
		key = map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(public)}
	case *rsa.PublicKey:
		key = map[int]any{1: 3, 3: -257, -1: public.N.Bytes(), -2: []byte{1, 0, 1}}
	}
	return a.must(cbor.Marshal(key))
}

func (a *authenticator) data(flags byte, more []byte) []byte {
	rp := sha256.Sum256([]byte(a.rp))
	b := append(rp[:], flags)
	return append(binary.BigEndian.AppendUint32(b, a.counter), more...)
}

func (a *authenticator) clientData(kind string, challenge []byte) []byte {
	if a.kind != "" {
		kind = a.kind
	}
	fields := map[string]any{"type": kind, "challenge": b64(challenge), "origin": a.origin, "crossOrigin": false}
	for name, value := range a.extra {
		fields[name] = value
	}
	return a.must(json.Marshal(fields))
}

func (a *authenticator) sign(data, clientData []byte) []byte {
	hash := sha256.Sum256(clientData)
	message := append(append([]byte{}, data...), hash[:]...)
	if _, ok := a.signer.Public().(ed25519.PublicKey); ok {
		return a.must(a.signer.Sign(rand.Reader, message, crypto.Hash(0)))
	}
	digest := sha256.Sum256(message)
	return a.must(a.signer.Sign(rand.Reader, digest[:], crypto.SHA256))
}

// register answers navigator.credentials.create.
func (a *authenticator) register(challenge []byte) string {
	credential := append(make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(a.id)))...)
	credential = append(append(credential, a.id...), a.cose()...)
	object := a.must(cbor.Marshal(map[string]any{
		"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(a.flags|attested, credential),
	}))
	return a.answer(map[string]any{
		"clientDataJSON": b64(a.clientData("webauthn.create", challenge)), "attestationObject": b64(object),
		"transports": []string{"internal", "hybrid", "<script>"},
	})
}

// assert answers navigator.credentials.get.
func (a *authenticator) assert(challenge []byte) string {
	data, clientData := a.data(a.flags, nil), a.clientData("webauthn.get", challenge)
	return a.answer(map[string]any{
		"clientDataJSON": b64(clientData), "authenticatorData": b64(data), "signature": b64(a.sign(data, clientData)),
		"userHandle": b64([]byte(a.user)),
	})
}

func (a *authenticator) answer(response map[string]any) string {
	return string(a.must(json.Marshal(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	})))
}
