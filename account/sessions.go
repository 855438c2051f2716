// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// EndSession ends one session of the user, which may be the acting one.
func (s *Service) EndSession(ctx context.Context, a Actor, id string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "end_session", anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		other, err := act.Tx().Session(ctx, id)
		if missing(err) || err == nil && other.UserID != act.user.ID {
			return refuseUnknown(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("finding a session: %w", err)
		}
		return nil, act.Work.EndSession(ctx, id, gatelatch.SessionRevoked)
	})
}

// EndOthers ends all sessions of the user but the acting one.
func (s *Service) EndOthers(ctx context.Context, a Actor) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "end_others", anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		return nil, act.EndSessions(ctx, act.user.ID, act.session.ID, gatelatch.SessionRevoked)
	})
}

// RevokeDevice ends the trust of a client, and the user's sessions there but the
// acting one.
func (s *Service) RevokeDevice(ctx context.Context, a Actor, clientID string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "revoke_device", anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		_, err := act.Tx().ClientTrust(ctx, act.user.ID, clientID)
		if missing(err) {
			return refuseUnknown(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("finding a device: %w", err)
		}
		if err := act.Tx().DeleteClientTrust(ctx, act.user.ID, clientID); err != nil {
			return nil, fmt.Errorf("forgetting a device: %w", err)
		}
		return nil, act.endOn(ctx, clientID)
	})
}

// endOn ends the user's sessions on a client.
func (a *acting) endOn(ctx context.Context, clientID string) error {
	live, err := a.liveSessions(ctx)
	if err != nil {
		return err
	}
	for _, other := range live {
		if other.ClientID != clientID || other.ID == a.session.ID {
			continue
		}
		if err := a.Work.EndSession(ctx, other.ID, gatelatch.SessionRevoked); err != nil {
			return err
		}
	}
	return nil
}
