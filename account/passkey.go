// SPDX-License-Identifier: Apache-2.0

package account

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/device"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/passkey"
)

const (
	// registers is the purpose of a challenge for a new passkey. It is bound to the
	// session.
	registers = "register"
	// maxPasskeys is how many a user may have: browsers are sent the list.
	maxPasskeys = 20
)

func (s *Service) challenges() passkey.Challenges {
	return passkey.Challenges{Key: s.Flow.Keys.Factor}
}

// PasskeyOptions are what a browser needs to make a passkey, as JSON.
func (s *Service) PasskeyOptions(ctx context.Context, a Actor) ([]byte, *gatelatch.Refusal, error) {
	var options []byte
	r, err := s.act(ctx, a, looks, factors, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, r, err := s.roomForPasskey(ctx, act)
		if r != nil || err != nil {
			return r, err
		}
		challenge := s.challenges().New(registers, act.session.ID, act.Now())
		options, err = s.Flow.Passkeys.RegistrationOptions(challenge, act.user, c.Passkeys)
		if err != nil {
			return nil, fmt.Errorf("asking for a passkey: %w", err)
		}
		return nil, nil
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return options, nil, nil
}

func (s *Service) roomForPasskey(ctx context.Context, act *acting) (gatelatch.Credentials, *gatelatch.Refusal, error) {
	if s.Flow.Passkeys == nil {
		return gatelatch.Credentials{}, refuse(gatelatch.CodeForbidden, "", "Passkeys cannot be used on this site."), nil
	}
	c, err := act.credentials(ctx)
	if err == nil && len(c.Passkeys) >= maxPasskeys {
		return c, refuse(gatelatch.CodeForbidden, "", "There are too many passkeys. Remove one first."), nil
	}
	return c, nil, err
}

// AddPasskey adds what the browser has made. An empty name becomes the device's.
func (s *Service) AddPasskey(ctx context.Context, a Actor, credential, name string) (*gatelatch.Refusal, error) {
	_, r, err := s.addPasskey(ctx, a, "", credential, name)
	return r, err
}

// addPasskey is AddPasskey that returns the new key. With an id the challenge must be
// the one that the id was made of, and the key keeps it.
func (s *Service) addPasskey(ctx context.Context, a Actor, id, credential, name string) (gatelatch.Passkey, *gatelatch.Refusal, error) {
	var added gatelatch.Passkey
	name, misnamed := readName(cmp.Or(name, device.Name(a.UserAgent)))
	r, err := s.act(ctx, a, "add_passkey", factors, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, r, err := s.roomForPasskey(ctx, act)
		if r == nil && err == nil {
			r = misnamed
		}
		if r != nil || err != nil {
			return r, err
		}
		added, r, err = s.register(ctx, act, id, credential, name)
		if r != nil || err != nil {
			return r, err
		}
		if slices.ContainsFunc(c.Passkeys, func(k gatelatch.Passkey) bool { return bytes.Equal(k.CredentialID, added.CredentialID) }) {
			return refuse(gatelatch.CodeExists, "", "You have this passkey already."), nil
		}
		had := hasSecond(act.user)
		c.Passkeys = append(c.Passkeys, added)
		if err := act.keep(ctx, c, act.user); err != nil {
			return nil, err
		}
		if err := act.markSecond(ctx, had, gatelatch.PasskeyStrategy); err != nil {
			return nil, err
		}
		return nil, act.notify(ctx, delivery.NoticePasskeyAdded, added.Name)
	})
	return added, r, err
}

// register checks what the browser has made. A challenge is taken once.
func (s *Service) register(ctx context.Context, act *acting, id, credential, name string) (gatelatch.Passkey, *gatelatch.Refusal, error) {
	made, r := passkey.ReadRegistration(credential)
	if r != nil {
		return gatelatch.Passkey{}, r, nil
	}
	if id != "" && id != passkeyID(made.Challenge) {
		return gatelatch.Passkey{}, refuseUnknown(), nil
	}
	until, ok := s.challenges().Check(made.Challenge, registers, act.session.ID, act.Now())
	if !ok {
		return gatelatch.Passkey{}, refuseStale(), nil
	}
	if again, err := act.takeChallenge(ctx, made.Challenge, until); again || err != nil {
		return gatelatch.Passkey{}, refuseStale(), err
	}
	added, r := s.Flow.Passkeys.Register(made, name, act.Now())
	added.ID = cmp.Or(id, added.ID)
	return added, r, nil
}

func refuseStale() *gatelatch.Refusal {
	return refuse(gatelatch.CodePasskeyInvalid, "", "That took too long. Try again.")
}

func (a *acting) takeChallenge(ctx context.Context, challenge []byte, until time.Time) (again bool, err error) {
	sum := sha256.Sum256(challenge)
	key := "passkey " + base64.RawURLEncoding.EncodeToString(sum[:])
	taken, err := a.Tx().Counter(ctx, key)
	if err != nil {
		return false, fmt.Errorf("looking for a challenge: %w", err)
	}
	if taken != nil {
		return true, nil
	}
	if err := a.Tx().PutCounter(ctx, key, []byte("1"), until); err != nil {
		return false, fmt.Errorf("taking a challenge: %w", err)
	}
	return false, nil
}

// readName understands the name of a passkey.
func readName(typed string) (string, *gatelatch.Refusal) {
	name, r := flow.ReadName(typed, "name")
	if r == nil && name == "" {
		r = refuse(gatelatch.CodeMissing, "name", "Enter a name.")
	}
	return name, r
}

// RenamePasskey gives a passkey another name.
func (s *Service) RenamePasskey(ctx context.Context, a Actor, id, name string) (*gatelatch.Refusal, error) {
	name, misnamed := readName(name)
	return s.act(ctx, a, "rename_passkey", plain, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, i, err := act.passkey(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case i < 0:
			return refuseUnknown(), nil
		case misnamed != nil:
			return misnamed, nil
		}
		c.Passkeys[i].Name = name
		return nil, act.keep(ctx, c, act.user)
	})
}

// RemovePasskey forgets a passkey.
func (s *Service) RemovePasskey(ctx context.Context, a Actor, id string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "remove_passkey", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, i, err := act.passkey(ctx, id)
		if err != nil {
			return nil, err
		}
		if i < 0 {
			return refuseUnknown(), nil
		}
		name := c.Passkeys[i].Name
		c.Passkeys = slices.Delete(c.Passkeys, i, i+1)
		if err := act.keep(ctx, c, act.user); err != nil {
			return nil, err
		}
		return nil, act.notify(ctx, delivery.NoticePasskeyRemoved, name)
	})
}

// passkey returns the credentials and where the passkey of an id is in them; -1
// when the user has none of that id.
func (a *acting) passkey(ctx context.Context, id string) (gatelatch.Credentials, int, error) {
	c, err := a.credentials(ctx)
	return c, slices.IndexFunc(c.Passkeys, func(k gatelatch.Passkey) bool { return k.ID == id }), err
}
