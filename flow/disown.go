// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// Disown ends all sessions of a user on a client and the trust of that client,
// and says so to nobody: for the link "this wasn't me" in a notice. about is what
// the notice was about, in either form, and token the link's. It does not tell whether there was
// anything to end, and may be repeated.
func (s *Service) Disown(ctx context.Context, who Caller, about string, token gatelatch.Secret) (*gatelatch.Refusal, error) {
	userID, meant, ok := readAbout(about)
	if !ok || !same(s.DisownToken(about), token) {
		return refuseAbandoned(), nil
	}
	ctx, cancel := detach(ctx)
	defer cancel()
	_, err := s.transact(ctx, who, func(ctx context.Context, o *operation) (Outcome, error) {
		return o.disown(ctx, userID, meant)
	})
	return nil, err
}

func (o *operation) disown(ctx context.Context, userID string, meant func(clientID string) bool) (Outcome, error) {
	sessions, err := o.tx.Sessions(ctx, userID, o.env.Now, math.MaxInt32)
	if err != nil {
		return Outcome{}, fmt.Errorf("finding the user's sessions: %w", err)
	}
	out := Outcome{changed: userID}
	for _, held := range sessions {
		if !meant(held.ClientID) {
			continue
		}
		if err := o.tx.EndSession(ctx, held.ID, gatelatch.SessionRevoked, o.env.Now); err != nil {
			return Outcome{}, fmt.Errorf("ending a session: %w", err)
		}
		out.ended = append(out.ended, held.ID)
	}
	return out, o.distrust(ctx, userID, meant, sessions)
}

// distrust ends the trust of some clients of a user. They are found among those that are
// trusted, of which a store tells the last used ones, and those that are signed in.
func (o *operation) distrust(ctx context.Context, userID string, meant func(clientID string) bool, sessions []gatelatch.Session) error {
	trusts, err := o.tx.ClientTrusts(ctx, userID)
	if err != nil {
		return fmt.Errorf("finding the trusted clients: %w", err)
	}
	for _, held := range sessions {
		trusts = append(trusts, gatelatch.ClientTrust{ClientID: held.ClientID})
	}
	for _, trust := range trusts {
		if !meant(trust.ClientID) {
			continue
		}
		if err := o.tx.DeleteClientTrust(ctx, userID, trust.ClientID); err != nil {
			return fmt.Errorf("ending the trust of the client: %w", err)
		}
	}
	return nil
}

// DisownLink is what the link "this wasn't me" in a notice about a new device says it
// is about, and its token: short, where the ids take it.
func (s *Service) DisownLink(about string) (string, gatelatch.Secret) {
	if short, ok := ShortArrival(about); ok {
		return short, s.DisownToken(short)
	}
	return about, s.DisownToken(about)
}

// DisownToken is the token of that link, for either form of about.
func (s *Service) DisownToken(about string) gatelatch.Secret {
	if strings.Contains(about, ".") {
		return s.links().Disown(about)
	}
	return s.links().disownShort(about)
}

// arrivalOf names what a notice of a new device is about: the session, its user
// and its client. The link in the notice may be followed when the session has
// long been swept, and the trust of the client is still there.
func arrivalOf(sessionID, userID, clientID string) string {
	return sessionID + "." + userID + "." + clientID
}

func readArrival(about string) (sessionID, userID, clientID string, ok bool) {
	sessionID, rest, _ := strings.Cut(about, ".")
	userID, clientID, ok = strings.Cut(rest, ".")
	return sessionID, userID, clientID, ok && sessionID != "" && userID != "" && clientID != ""
}
