// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/passkey"
)

func withPasskeys(s *setting) {
	s.passkeys = &passkey.Site{ID: "app.example.com", Name: "Acme", Origins: []string{origin}}
}

// authenticator holds one passkey of one user.
type authenticator struct {
	key     *ecdsa.PrivateKey
	userID  string
	counter uint32
}

var credentialID = []byte("credential-of-ada")

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// must gives a value back: nothing here fails.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// withPasskey gives a user a passkey.
func (w *world) withPasskey(userID string) *authenticator {
	w.t.Helper()
	d := &authenticator{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), userID: userID}
	point := must(d.key.PublicKey.Bytes())
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 32), point[33:]...)
	w.inTx(func(ctx context.Context, tx flow.Tx) error {
		c := gatelatch.Credentials{UserID: userID, Passkeys: []gatelatch.Passkey{{ID: "psk_1", CredentialID: credentialID, PublicKey: cose, Flags: 0x05}}}
		if err := tx.PutCredentials(ctx, c); err != nil {
			return err
		}
		u, err := tx.User(ctx, userID)
		if err != nil {
			return err
		}
		u.Factors = c.Factors()
		return tx.PutUser(ctx, u)
	})
	return d
}

// answer is what clerk-js sends for the nonce of a verification.
func (d *authenticator) answer(nonce string) string {
	const present, verified = 0x01, 0x04
	var asked struct{ Challenge string }
	_ = must(0, json.Unmarshal([]byte(nonce), &asked))
	d.counter++
	rp := sha256.Sum256([]byte("app.example.com"))
	data := binary.BigEndian.AppendUint32(append(rp[:], present|verified), d.counter)
	client := must(json.Marshal(map[string]any{"type": "webauthn.get", "challenge": asked.Challenge, "origin": origin, "crossOrigin": false}))
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature := must(ecdsa.SignASN1(rand.Reader, d.key, digest[:]))
	return string(must(json.Marshal(map[string]any{
		"id": b64(credentialID), "rawId": b64(credentialID), "type": "public-key", "authenticatorAttachment": "platform",
		"response": map[string]any{
			"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64([]byte(d.userID)),
		},
	})))
}

func TestPasskeySignIn(t *testing.T) {
	w := newWorld(t, withPasskeys)
	user := w.program().signUp("ada@example.com").str("response.created_user_id")
	device := w.withPasskey(user)
	p := w.program()
	a := p.post("/client/sign_ins", "strategy", "passkey").ok().want("response.status", "needs_first_factor")
	a.want("response.supported_first_factors", `[{"strategy":"passkey"}]`).want("response.first_factor_verification.strategy", "passkey")
	a.want("client.sign_in.id", a.str("response.id"))
	id := a.str("response.id")
	given := device.answer(a.str("response.first_factor_verification.nonce"))

	thief := w.program()
	thief.post("/client/sign_ins", "strategy", "passkey").ok()
	thief.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "passkey", "public_key_credential", given).refused(422, "passkey_invalid", "")

	a = p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "passkey", "public_key_credential", given).ok()
	a.want("response.status", "complete").want("client.sessions.0.user.id", user).want("client.sessions.0.factor_verification_age", "[0,0]")
	a.want("client.sessions.0.user.passkeys.0.id", "psk_1")
	p.signOut() // what has been shown once opens nothing again
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "passkey", "public_key_credential", given).refused(400, "verification_already_verified", "")
	p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "passkey", "public_key_credential", "{}").refused(422, "passkey_invalid", "public_key_credential")
}

func TestPasskeyThatIsPreparedAnew(t *testing.T) {
	w := newWorld(t, withPasskeys)
	device := w.withPasskey(w.program().signUp("ada@example.com").str("response.created_user_id"))
	p := w.program()
	id := p.post("/client/sign_ins", "strategy", "passkey").ok().str("response.id")
	a := p.post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "passkey").ok()
	p.post("/client/sign_ins/"+a.str("response.id")+"/attempt_first_factor", "strategy", "passkey", "public_key_credential",
		device.answer(a.str("response.first_factor_verification.nonce"))).ok().want("response.status", "complete")
}

func TestSiteWithoutPasskeys(t *testing.T) {
	p := newWorld(t).program()
	p.post("/client/sign_ins", "strategy", "passkey").refused(400, "strategy_for_user_invalid", "strategy")
	p.get("/environment").ok().want("user_settings.attributes.passkey.enabled", "false")
}
