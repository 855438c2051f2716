// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/passkey"
)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// device is an authenticator with one key.
type device struct {
	key     *ecdsa.PrivateKey
	id      []byte
	userID  string
	counter uint32
}

// must gives a value back: nothing here fails.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// stored is the key as a site keeps it (COSE, RFC 9052).
func (d *device) stored() gatelatch.Passkey {
	point := must(d.key.PublicKey.Bytes())
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 32), point[33:]...)
	return gatelatch.Passkey{ID: "psk_1", CredentialID: d.id, PublicKey: cose, Flags: 0x05}
}

// answer is what a browser gives back for options; flags say who was there.
func (d *device) answer(options []byte, flags byte) string {
	var asked struct{ Challenge string }
	_ = must(0, json.Unmarshal(options, &asked))
	d.counter++
	rp := sha256.Sum256([]byte("app.example.com"))
	data := binary.BigEndian.AppendUint32(append(rp[:], flags), d.counter)
	client := must(json.Marshal(map[string]any{
		"type": "webauthn.get", "challenge": asked.Challenge, "origin": "https://app.example.com", "crossOrigin": false,
	}))
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature := must(ecdsa.SignASN1(rand.Reader, d.key, digest[:]))
	return string(must(json.Marshal(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64([]byte(d.userID)),
		},
	})))
}

const there, verified = 0x01, 0x05

func withPasskeys(s *flow.Service) {
	s.Passkeys = &passkey.Site{ID: "app.example.com", Name: "Acme", Origins: []string{"https://app.example.com"}}
}

// keyed is a person with a passkey.
type keyed struct {
	careful
	device *device
}

func newKeyed(t testing.TB) keyed {
	t.Helper()
	p := keyed{newCareful(t, withPasskeys), &device{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), id: []byte("credential-of-ada")}}
	p.device.userID = p.user.ID
	p.ChangeCredentials(p.user.ID, func(c *gatelatch.Credentials) { c.Passkeys = []gatelatch.Passkey{p.device.stored()} })
	return p
}

func (p keyed) options(t testing.TB, who flow.Caller) []byte {
	t.Helper()
	return must(p.PasskeyOptions(who))
}

func (p keyed) show(t testing.TB, who flow.Caller, credential string) flow.Outcome {
	t.Helper()
	return check(t)(p.SignInWithPasskey(ctx(), who, credential, "/there"))
}

// TestAPasskeyIsBothSteps: also for somebody with a second step, and on a device
// that is new.
func TestAPasskeyIsBothSteps(t *testing.T) {
	p := newKeyed(t)
	who := p.Browser()
	mark := p.Store.Mark()
	options := p.options(t, who)
	if len(p.Store.Since(mark)) != 0 {
		t.Error("asking for a passkey wrote something")
	}
	given := p.device.answer(options, verified)
	out := p.show(t, who, given)
	wantStatus(t, out, flow.SignInComplete)
	s := out.Issued.Session
	if s.Strategy != gatelatch.PasskeyStrategy || s.Second != gatelatch.PasskeyStrategy || s.SecondAt.IsZero() || out.SignIn.ReturnTo != "/there" {
		t.Errorf("session %+v", s)
	}
	if kept := p.Credentials(p.user.ID).Passkeys[0]; kept.SignCount != p.device.counter || kept.LastUsedAt.IsZero() {
		t.Errorf("kept %+v", kept)
	}
	if again := p.show(t, who, given); again.Issued == nil || again.Issued.Session.ID != s.ID {
		t.Errorf("a click that came twice is not answered: %+v", again.Refusal)
	}
	p.Clock.Advance(10 * time.Second)
	if late := p.show(t, who, given); late.Issued != nil {
		t.Error("answered long after")
	}
}

func TestPasskeysThatAreRefused(t *testing.T) {
	p := newKeyed(t)
	who, other := p.Browser(), p.Browser()
	stranger := *p.device
	stranger.key = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	unknown := *p.device
	unknown.userID = "user_0"
	for name, given := range map[string]string{
		"another browser's challenge": p.device.answer(p.options(t, other), verified),
		"nobody verified":             p.device.answer(p.options(t, who), there),
		"another key":                 stranger.answer(p.options(t, who), verified),
		"nobody's":                    unknown.answer(p.options(t, who), verified),
		"no challenge of ours":        p.device.answer([]byte(`{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`), verified),
		"nonsense":                    "{}",
	} {
		if out := p.show(t, who, given); out.Issued != nil || code(out.Refusal) != gatelatch.CodePasskeyInvalid {
			t.Errorf("%s: %+v", name, out.Refusal)
		}
	}
	late := p.device.answer(p.options(t, who), verified)
	p.Clock.Advance(passkey.ChallengeLifetime)
	if out := p.show(t, who, late); out.Issued != nil {
		t.Error("a challenge lives for ever")
	}
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.Banned = true })
	wantCode(t, p.show(t, who, p.device.answer(p.options(t, who), verified)), gatelatch.CodeBanned)
}

// TestAPasskeyAtOnce: fifty requests with one answer, one session.
func TestAPasskeyAtOnce(t *testing.T) {
	p := newKeyed(t)
	unlimited(p.Service)
	given := p.device.answer(p.options(t, p.home), verified)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { p.show(t, p.home, given) })
	}
	wg.Wait()
	if n := p.Store.Count("CreateSession"); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestAPasskeyAsTheSecondStep(t *testing.T) {
	p := newKeyed(t)
	id, other := p.toSecond(t, p.home), p.toSecond(t, p.home)
	options := must(p.PasskeyOptionsFor(ctx(), p.home, id))
	elsewhere := p.device.answer(must(p.PasskeyOptionsFor(ctx(), p.home, other)), verified)
	wantCode(t, check(t)(p.AttemptPasskey(ctx(), p.home, id, elsewhere)), gatelatch.CodePasskeyInvalid)
	wantCode(t, check(t)(p.AttemptPasskey(ctx(), p.home, id, p.device.answer(options, there))), gatelatch.CodePasskeyInvalid)
	given := p.device.answer(must(p.PasskeyOptionsFor(ctx(), p.home, id)), verified)
	out := check(t)(p.AttemptPasskey(ctx(), p.home, id, given))
	wantStatus(t, out, flow.SignInComplete)
	if s := out.Issued.Session; s.Strategy != gatelatch.PasswordStrategy || s.Second != gatelatch.PasskeyStrategy {
		t.Errorf("session %+v", s)
	}
	if again := check(t)(p.AttemptPasskey(ctx(), p.home, id, given)); again.Issued == nil {
		t.Errorf("a click that came twice is not answered: %+v", again.Refusal)
	}
	wantCode(t, check(t)(p.AttemptPasskey(ctx(), p.home, other, given)), gatelatch.CodePasskeyInvalid)
}

// TestPasskeysTellNobodyWhoExists: an attempt that has proven nothing has none.
func TestPasskeysTellNobodyWhoExists(t *testing.T) {
	p := newKeyed(t)
	id := begin(t, p.Gate, p.home, ada)
	if options := must(p.PasskeyOptionsFor(ctx(), p.home, id)); options != nil {
		t.Errorf("told %s", options)
	}
	given := p.device.answer(p.options(t, p.home), verified)
	if out := check(t)(p.AttemptPasskey(ctx(), p.home, id, given)); out.Issued != nil || out.Refusal == nil {
		t.Error("a challenge for one thing was taken for another")
	}
}

func TestAskingAgainForAPasskey(t *testing.T) {
	p := newKeyed(t)
	held := p.show(t, p.home, p.device.answer(p.options(t, p.home), verified)).Issued.Session
	p.Clock.Advance(time.Hour)
	id := askAgain(t, p.Gate, p.home, held.ID, flow.LevelMulti).SignIn.ID
	out := check(t)(p.AttemptPasskey(ctx(), p.home, id, p.device.answer(must(p.PasskeyOptionsFor(ctx(), p.home, id)), verified)))
	s := storedSession(p.Gate, held.ID)
	if code(out.Refusal) != "" || out.SignIn.Status != flow.SignInComplete || out.Issued != nil || !s.FirstAt.Equal(p.Clock.Now()) || !s.SecondAt.Equal(p.Clock.Now()) {
		t.Errorf("%+v, session %+v", out.Refusal, s)
	}
}
