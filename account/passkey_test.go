// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/passkey"
)

// withPasskeys is a site on a host name.
func withPasskeys(s *flow.Service) {
	s.Passkeys = &passkey.Site{ID: "example.com", Name: "Acme", Origins: []string{"https://example.com"}}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// makes answers the options as a browser with an authenticator does (W3C Web
// Authentication, sections 5.1.3 and 6.5). The credential is named by name.
func (p person) makes(name string, options []byte) string {
	p.test.Helper()
	var asked struct{ Challenge string }
	must(p, json.Unmarshal(options, &asked))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(p, err)
	point, err := key.PublicKey.Bytes()
	must(p, err)
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	must(p, err)
	rp := sha256.Sum256([]byte("example.com"))
	data := append(rp[:], 0x45, 0, 0, 0, 0) // present, verified, with a credential; no signatures yet
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(name)))
	data = append(append(data, name...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	must(p, err)
	client := fmt.Sprintf(`{"type":"webauthn.create","challenge":%q,"origin":"https://example.com","crossOrigin":false}`, asked.Challenge)
	return fmt.Sprintf(`{"id":%[1]q,"rawId":%[1]q,"type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":%[2]q,"attestationObject":%[3]q,"transports":["internal"]}}`,
		b64([]byte(name)), b64([]byte(client)), b64(object))
}

func must(p person, err error) {
	p.test.Helper()
	if err != nil {
		p.test.Fatalf("%v", err)
	}
}

// passkey adds one.
func (p person) passkey(credential, name string) gatelatch.Passkey {
	p.test.Helper()
	options, r, err := p.w.PasskeyOptions(ctx(), p.Actor)
	p.fine(r, err)
	r, err = p.w.AddPasskey(ctx(), p.Actor, p.makes(credential, options), name)
	p.fine(r, err)
	all := p.credentials().Passkeys
	return all[len(all)-1]
}

func TestAPasskeyIsAdded(t *testing.T) {
	w := newWorld(t, withPasskeys)
	p := w.person(t, ada)
	added := p.passkey("credential-1", "")
	s := p.session()
	if added.Name != "Chrome on Linux" || !p.user().Factors.Passkey || s.Second != gatelatch.PasskeyStrategy {
		t.Errorf("named %q, second %q", added.Name, s.Second)
	}
	w.told(t, delivery.NoticePasskeyAdded, ada)
	named := p.passkey("credential-2", "My key")
	if named.Name != "My key" || len(p.credentials().Passkeys) != 2 {
		t.Errorf("named %q", named.Name)
	}
}

func TestAPasskeyDoesTheTask(t *testing.T) {
	w := newWorld(t, withPasskeys, owing(gatelatch.TaskSetupMFA))
	p := w.person(t, ada)
	p.passkey("credential-1", "")
	if o, err := w.Overview(ctx(), p.Actor); err != nil || len(o.Tasks) > 0 || len(o.Passkeys) != 1 {
		t.Errorf("still owes something: %v", err)
	}
}

func TestAnAnswerWithAPasskeyIsTakenOnce(t *testing.T) {
	w := newWorld(t, withPasskeys)
	p := w.person(t, ada)
	options, r, err := w.PasskeyOptions(ctx(), p.Actor)
	p.fine(r, err)
	answer := p.makes("credential-1", options)
	r, err = w.AddPasskey(ctx(), p.Actor, answer, "One")
	p.fine(r, err)
	r, err = w.RemovePasskey(ctx(), p.Actor, p.credentials().Passkeys[0].ID)
	p.fine(r, err)
	r, err = w.AddPasskey(ctx(), p.Actor, answer, "One")
	p.wants(gatelatch.CodePasskeyInvalid, r, err)
}

func TestPasskeysThatAreRefused(t *testing.T) {
	w := newWorld(t, withPasskeys)
	p, stranger := w.person(t, ada), w.person(t, bob)
	options, r, err := w.PasskeyOptions(ctx(), stranger.Actor)
	p.fine(r, err)
	r, err = w.AddPasskey(ctx(), p.Actor, p.makes("credential-1", options), "Theirs")
	p.wants(gatelatch.CodePasskeyInvalid, r, err) // a challenge is for one session

	options, r, err = w.PasskeyOptions(ctx(), p.Actor)
	p.fine(r, err)
	r, err = w.AddPasskey(ctx(), p.Actor, p.makes("credential-1", options), "bad\x00name")
	p.wants(gatelatch.CodeFormat, r, err)
	r, err = w.AddPasskey(ctx(), p.Actor, "{}", "One")
	p.wants(gatelatch.CodePasskeyInvalid, r, err)

	w.g.Clock.Advance(passkey.ChallengeLifetime)
	p.again()
	r, err = w.AddPasskey(ctx(), p.Actor, p.makes("credential-1", options), "Late")
	p.wants(gatelatch.CodePasskeyInvalid, r, err)

	p.passkey("credential-1", "One")
	options, r, err = w.PasskeyOptions(ctx(), p.Actor)
	p.fine(r, err)
	r, err = w.AddPasskey(ctx(), p.Actor, p.makes("credential-1", options), "Again")
	p.wants(gatelatch.CodeExists, r, err)
}

func TestTooManyPasskeys(t *testing.T) {
	w := newWorld(t, withPasskeys)
	p := w.person(t, ada)
	p.tx(func(tx flow.Tx) error {
		c := gatelatch.Credentials{UserID: p.id}
		for i := range 20 {
			c.Passkeys = append(c.Passkeys, gatelatch.Passkey{ID: fmt.Sprint(i), CredentialID: []byte{byte(i)}})
		}
		return tx.PutCredentials(ctx(), c)
	})
	_, r, err := w.PasskeyOptions(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
}

func TestWherePasskeysCannotWork(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	_, r, err := w.PasskeyOptions(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
	r, err = w.AddPasskey(ctx(), p.Actor, "{}", "One")
	p.wants(gatelatch.CodeForbidden, r, err)
}

func TestPasskeysAreRenamedAndRemoved(t *testing.T) {
	w := newWorld(t, withPasskeys)
	p := w.person(t, ada)
	key := p.passkey("credential-1", "One")
	w.notices()
	w.g.Clock.Advance(time.Hour) // a name needs no young authentication
	r, err := w.RenamePasskey(ctx(), p.Actor, key.ID, " Kitchen  tablet ")
	p.fine(r, err)
	r, err = w.RenamePasskey(ctx(), p.Actor, key.ID, " ")
	p.wants(gatelatch.CodeMissing, r, err)
	if name := p.credentials().Passkeys[0].Name; name != "Kitchen tablet" {
		t.Errorf("named %q", name)
	}
	p.again()
	r, err = w.RemovePasskey(ctx(), p.Actor, key.ID)
	p.fine(r, err)
	if len(p.credentials().Passkeys) > 0 || p.user().Factors.Passkey {
		t.Error("still there")
	}
	w.told(t, delivery.NoticePasskeyRemoved, ada)
}
