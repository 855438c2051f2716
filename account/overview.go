// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// Overview returns the account. A nil one means that the session is over.
func (s *Service) Overview(ctx context.Context, a Actor) (*Overview, error) {
	var o *Overview
	_, err := s.act(ctx, a, shows, anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		var err error
		if o, err = act.overview(ctx); err != nil {
			return nil, err
		}
		o.Tasks = s.tasks(act.user)
		o.Fresh, o.Level = s.fresh(act.session, act.user, act.Now()), s.level(act.user)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

func (a *acting) overview(ctx context.Context) (*Overview, error) {
	c, err := a.credentials(ctx)
	if err != nil {
		return nil, err
	}
	o := &Overview{
		User: a.user, Current: a.session, Passkeys: c.Passkeys, BackupCodes: secondfactor.UnusedBackup(c.BackupCodes),
	}
	if c.Password != nil {
		o.PasswordAt = c.Password.SetAt
	}
	if o.Sessions, err = a.liveSessions(ctx); err != nil {
		return nil, err
	}
	o.Devices, err = a.devices(ctx)
	return o, err
}

// maxListed is how many sessions are read at once. No user has more live ones
// than flow.MaxSessions, but for those from before there was such a bound.
const maxListed = 200

// liveSessions returns the user's live sessions, the acting one first.
func (a *acting) liveSessions(ctx context.Context) ([]gatelatch.Session, error) {
	all, err := a.Tx().Sessions(ctx, a.user.ID, a.Now(), maxListed)
	if err != nil {
		return nil, fmt.Errorf("finding the sessions: %w", err)
	}
	live := []gatelatch.Session{a.session}
	for _, s := range all {
		if s.ID != a.session.ID {
			live = append(live, s)
		}
	}
	return live, nil
}

// devices returns the clients on which a password is enough now.
func (a *acting) devices(ctx context.Context) ([]gatelatch.ClientTrust, error) {
	all, err := a.Tx().ClientTrusts(ctx, a.user.ID)
	if err != nil {
		return nil, fmt.Errorf("finding the devices: %w", err)
	}
	var live []gatelatch.ClientTrust
	for _, t := range all {
		if t.LiveAt(a.Now(), a.Policy().ClientTrust) {
			live = append(live, t)
		}
	}
	return live, nil
}
