// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// PasskeyBegun is a passkey that a browser is asked to make.
type PasskeyBegun struct {
	// ID names it already; nothing is stored under it before the browser has answered.
	ID string
	// Options are the publicKey member of navigator.credentials.create, as JSON.
	Options []byte
}

// BeginPasskey is [Service.PasskeyOptions] with a name for what is to come.
func (s *Service) BeginPasskey(ctx context.Context, a Actor) (*PasskeyBegun, *gatelatch.Refusal, error) {
	options, r, err := s.PasskeyOptions(ctx, a)
	if r != nil || err != nil {
		return nil, r, err
	}
	var asked struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		return nil, nil, fmt.Errorf("reading a challenge: %w", err)
	}
	challenge, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
	if err != nil {
		return nil, nil, fmt.Errorf("reading a challenge: %w", err)
	}
	return &PasskeyBegun{ID: passkeyID(challenge), Options: options}, nil, nil
}

// FinishPasskey adds what the browser has made of [Service.BeginPasskey], under the
// name that was given then. It is called as the device is.
func (s *Service) FinishPasskey(ctx context.Context, a Actor, id, credential string) (gatelatch.Passkey, *gatelatch.Refusal, error) {
	if id == "" {
		return gatelatch.Passkey{}, refuseUnknown(), nil
	}
	return s.addPasskey(ctx, a, id, credential, "")
}

// passkeyID is the id of the passkey that answers a challenge: whoever answers
// another one has none of that name.
func passkeyID(challenge []byte) string {
	sum := sha256.Sum256(challenge)
	name := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	return gatelatch.PrefixPasskey + "_" + strings.ToLower(name)
}
