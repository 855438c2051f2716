// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// tagSize is how much of a MAC stands in a link, in bytes.
const tagSize = 16

// InvitationToken returns what the link of an invitation carries: the id and,
// behind a dot, a proof that this site has made the link. On the pages the address
// of the invitation is still to be proven; as the ticket of a sign-up, see
// [SignUpParams], the token proves it. It never signs in somebody who has an
// account.
func (s *Service) InvitationToken(id string) gatelatch.Secret {
	return gatelatch.Secret(id + "." + linkTag(s.Keys.Link, "invitation", id))
}

// linkTag is the first 128 bits of HMAC-SHA256 over parts, in base64url.
func linkTag(key gatelatch.Key, parts ...string) string {
	mac := hmac.New(sha256.New, key[:])
	for _, part := range parts {
		_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) //nolint:gosec // parts are short
		mac.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:tagSize])
}

// Invited returns the invitation that the token of a link is about, so that a
// page can fill its address in. One that is over, was followed, or was made up is
// refused in the same words.
func (s *Service) Invited(ctx context.Context, token string) (gatelatch.Invitation, *gatelatch.Refusal, error) {
	id, _, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(s.InvitationToken(id).Reveal()), []byte(token)) {
		return gatelatch.Invitation{}, refuseInvitation(), nil
	}
	var found *gatelatch.Invitation
	err := s.look(ctx, func(ctx context.Context, o *operation) error {
		inv, err := o.tx.Invitation(ctx, id)
		if errors.Is(err, gatelatch.ErrNotFound) || err == nil && !inv.LiveAt(o.env.Now) {
			found = nil
			return nil
		}
		if err != nil {
			return fmt.Errorf("finding an invitation: %w", err)
		}
		found = &inv
		return nil
	})
	if err != nil || found == nil {
		return gatelatch.Invitation{}, refuseInvitation(), err
	}
	return *found, nil, nil
}

// Doors says who may become a user now, as far as pages have to tell.
type Doors struct {
	Mode SignUpMode
	// Restricted says that lists keep some addresses out.
	Restricted bool
}

// Doors returns the mode and the lists in force: those of the configuration, and
// what operators have changed since.
func (s *Service) Doors(ctx context.Context) (Doors, error) {
	var d Doors
	err := s.look(ctx, func(ctx context.Context, o *operation) error {
		if err := o.setMode(ctx); err != nil {
			return err
		}
		lines, err := o.tx.Restrictions(ctx)
		if err != nil {
			return fmt.Errorf("reading who may sign up: %w", err)
		}
		d = Doors{Mode: o.env.Policy.SignUp, Restricted: o.Admission.With(lines).Restricts()}
		return nil
	})
	return d, err
}

// look runs fn in a transaction that nobody is told of.
func (s *Service) look(ctx context.Context, fn func(context.Context, *operation) error) error {
	_, err := s.view(ctx, Caller{}, func(ctx context.Context, o *operation) (Outcome, error) {
		return Outcome{}, fn(ctx, o)
	})
	return err
}

func refuseInvitation() *gatelatch.Refusal {
	return refusal(gatelatch.CodeNotFound, "", "This invitation is no longer good. Ask whoever sent it for another one.")
}
