// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/passkey"
)

// What the challenges of passkeys are for.
const (
	challengeSignIn  = "sign in"
	challengeAttempt = "attempt"
)

// Challenges makes the challenges of passkeys.
func (s *Service) Challenges() passkey.Challenges { return passkey.Challenges{Key: s.Keys.Factor} }

// PasskeyOptions are what a browser needs to sign in with a passkey, as JSON;
// nil where passkeys cannot work. They need no attempt and store nothing.
func (s *Service) PasskeyOptions(who Caller) ([]byte, error) {
	if s.Passkeys == nil {
		return nil, nil
	}
	challenge := s.Challenges().New(challengeSignIn, who.bond(""), s.Now())
	options, err := s.Passkeys.SignInOptions(challenge, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return options, nil
}

// bond binds a challenge to a client, and to what it is about.
func (c Caller) bond(about string) string {
	hash := c.Client.Hash()
	return base64.RawURLEncoding.EncodeToString(hash[:]) + " " + about
}

// SignInWithPasskey signs in whoever holds a passkey of this site.
func (s *Service) SignInWithPasskey(ctx context.Context, who Caller, credential, returnTo string) (Outcome, error) {
	shown, r := s.readPasskey(credential)
	if r != nil {
		return refuse(r)
	}
	return s.run(ctx, InputPasskey, who, func(ctx context.Context, o *operation) (Outcome, error) {
		expireAt, ok := o.Challenges().Check(shown.Challenge, challengeSignIn, who.bond(""), o.env.Now)
		if !ok {
			return Outcome{Refusal: refusePasskey()}, nil
		}
		c, r, err := o.start(ctx)
		if r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		taken, err := o.tx.Counter(ctx, challengeKey(shown.Challenge))
		if err != nil {
			return Outcome{}, fmt.Errorf("looking for a challenge: %w", err)
		}
		if len(taken) > 0 {
			return o.repeatPasskey(ctx, string(taken))
		}
		return o.signInWithPasskey(ctx, c, *shown, expireAt, returnTo)
	})
}

func (s *Service) readPasskey(credential string) (*passkey.Assertion, *gatelatch.Refusal) {
	if s.Passkeys == nil {
		return nil, refuseStrategy()
	}
	shown, r := passkey.ReadAssertion(credential)
	if r == nil && shown == nil {
		r = refusePasskey()
	}
	return shown, r
}

// repeatPasskey answers a request that came twice with what the first one led to.
func (o *operation) repeatPasskey(ctx context.Context, id string) (Outcome, error) {
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil {
		return Outcome{Refusal: refusePasskey()}, err
	}
	return o.repeatSignIn(ctx, *si, doubleClick)
}

func (o *operation) signInWithPasskey(ctx context.Context, c gatelatch.Client, shown passkey.Assertion, expireAt time.Time, returnTo string) (Outcome, error) {
	u, err := o.userByID(ctx, shown.UserID)
	if err != nil || u == nil {
		return Outcome{Refusal: refusePasskey()}, err
	}
	if right, err := o.spendPasskey(ctx, shown, u.ID); err != nil || !right {
		return Outcome{Refusal: refusePasskey()}, err
	}
	owner, err := o.owner(ctx, u, c.ID, gatelatch.Identifier{})
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(o.newSignIn(c.ID, returnTo), ShowPasskey{Identifier: nameOf(*u), Owner: owner}, o.env)
	if err := o.takeChallenge(ctx, shown.Challenge, step.Next.ID, expireAt); err != nil {
		return Outcome{}, err
	}
	if step.Refusal != nil {
		return Outcome{Refusal: step.Refusal}, nil
	}
	return o.saveSignIn(ctx, step)
}

// nameOf is the address by which a user is named where none was typed.
func nameOf(u gatelatch.User) gatelatch.Identifier {
	for _, a := range NoticeAddresses(u) {
		return a.Identifier
	}
	return gatelatch.Identifier{}
}

// spendPasskey verifies a passkey of a user and keeps how often it was used.
func (o *operation) spendPasskey(ctx context.Context, shown passkey.Assertion, userID string) (bool, error) {
	creds, err := o.tx.Credentials(ctx, userID)
	if err != nil {
		return false, fmt.Errorf("reading the credentials: %w", err)
	}
	if !o.verifyPasskey(shown, &creds) {
		return false, nil
	}
	if err := o.tx.PutCredentials(ctx, creds); err != nil {
		return false, fmt.Errorf("keeping a passkey's count: %w", err)
	}
	return true, nil
}

// verifyPasskey checks an assertion with the key it names, and puts the key as it
// is to be saved into the credentials.
func (o *operation) verifyPasskey(shown passkey.Assertion, c *gatelatch.Credentials) bool {
	i := slices.IndexFunc(c.Passkeys, func(k gatelatch.Passkey) bool { return bytes.Equal(k.CredentialID, shown.CredentialID) })
	if i < 0 || shown.UserID != "" && shown.UserID != c.UserID {
		return false
	}
	used, r := o.Passkeys.Verify(&shown, c.Passkeys[i], o.env.Now)
	if r != nil {
		return false
	}
	c.Passkeys = slices.Clone(c.Passkeys)
	c.Passkeys[i] = used
	return true
}

// challengeKey names a challenge that was answered.
func challengeKey(challenge []byte) string {
	hash := sha256.Sum256(challenge)
	return "passkey " + base64.RawURLEncoding.EncodeToString(hash[:])
}

// takeChallenge remembers that a challenge was answered, and by which attempt.
func (o *operation) takeChallenge(ctx context.Context, challenge []byte, attemptID string, expireAt time.Time) error {
	if err := o.tx.PutCounter(ctx, challengeKey(challenge), []byte(attemptID), expireAt); err != nil {
		return fmt.Errorf("taking a challenge: %w", err)
	}
	return nil
}

// PasskeyOptionsFor are what a browser needs to take a step of an attempt with a
// passkey of its user; nil where there is none to take.
func (s *Service) PasskeyOptionsFor(ctx context.Context, who Caller, id string) ([]byte, error) {
	if s.Passkeys == nil {
		return nil, nil
	}
	var keys []gatelatch.Passkey
	_, err := s.view(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		var err error
		keys, err = o.passkeysFor(ctx, id)
		return Outcome{}, err
	})
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	challenge := s.Challenges().New(challengeAttempt, who.bond(id), s.Now())
	options, err := s.Passkeys.SignInOptions(challenge, keys)
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return options, nil
}

func (o *operation) passkeysFor(ctx context.Context, id string) ([]gatelatch.Passkey, error) {
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil || !si.takesPasskey() {
		return nil, err
	}
	creds, err := o.tx.Credentials(ctx, si.UserID)
	if err != nil {
		return nil, fmt.Errorf("reading the credentials: %w", err)
	}
	return creds.Passkeys, nil
}

// takesPasskey reports whether the next step can be taken with a passkey.
func (s SignIn) takesPasskey() bool {
	if !slices.Contains(s.Allows(), InputAttempt) {
		return false
	}
	ways, _ := s.step()
	_, ok := factorOf(ways, gatelatch.PasskeyStrategy, "")
	return ok
}

// AttemptPasskey takes a step of an attempt with a passkey.
func (s *Service) AttemptPasskey(ctx context.Context, who Caller, id, credential string) (Outcome, error) {
	shown, r := s.readPasskey(credential)
	if r != nil {
		return s.refuseOn(ctx, who, id, r)
	}
	return s.run(ctx, InputAttempt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		expireAt, ok := o.Challenges().Check(shown.Challenge, challengeAttempt, who.bond(id), o.env.Now)
		if !ok {
			return Outcome{SignIn: si, Refusal: refusePasskey()}, nil
		}
		taken, err := o.tx.Counter(ctx, challengeKey(shown.Challenge))
		if err != nil {
			return Outcome{}, fmt.Errorf("looking for a challenge: %w", err)
		}
		switch {
		case len(taken) > 0:
			return o.repeatAttemptPasskey(ctx, *si)
		case !si.takesPasskey():
			return o.pastFirst(*si)
		}
		if err := o.takeChallenge(ctx, shown.Challenge, id, expireAt); err != nil {
			return Outcome{}, err
		}
		return o.attemptPasskey(ctx, *si, *shown)
	})
}

// repeatAttemptPasskey answers a challenge that was answered before.
func (o *operation) repeatAttemptPasskey(ctx context.Context, si SignIn) (Outcome, error) {
	if si.Status == SignInComplete && si.SecondBy == gatelatch.PasskeyStrategy {
		return o.repeatSignIn(ctx, si, doubleClick)
	}
	return Outcome{SignIn: &si, Refusal: refusePasskey()}, nil
}

func (o *operation) attemptPasskey(ctx context.Context, si SignIn, shown passkey.Assertion) (Outcome, error) {
	u, err := o.stillTheirs(ctx, si)
	if err != nil || u == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	return o.attemptSecond(ctx, si, *u, gatelatch.PasskeyStrategy, func(c *gatelatch.Credentials) (bool, error) {
		return o.verifyPasskey(shown, c), nil
	})
}
