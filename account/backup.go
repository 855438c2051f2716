// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// NewBackupCodes replaces the backup codes, shown this once. They stand in for
// another second factor, so there must be one.
func (s *Service) NewBackupCodes(ctx context.Context, a Actor) ([]gatelatch.Secret, *gatelatch.Refusal, error) {
	var codes []gatelatch.Secret
	r, err := s.act(ctx, a, "new_backup_codes", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		codes = nil
		if !act.hasSecond() {
			return refuse(gatelatch.CodeStateInvalid, "", "Set up a second step first. Backup codes stand in for it."), nil
		}
		c, err := act.credentials(ctx)
		if err != nil {
			return nil, err
		}
		codes = act.backup(&c)
		if err := act.keep(ctx, c, act.user); err != nil {
			return nil, err
		}
		return nil, act.notify(ctx, delivery.NoticeBackupCodes, "")
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return codes, nil, nil
}

// backup puts a fresh set in the place of the old one.
func (a *acting) backup(c *gatelatch.Credentials) []gatelatch.Secret {
	var codes []gatelatch.Secret
	codes, c.BackupCodes = secondfactor.NewBackupCodes(a.flow.Keys.Factor, a.user.ID)
	return codes
}

// firstBackup makes a set for a user who has none.
func (a *acting) firstBackup(c *gatelatch.Credentials) []gatelatch.Secret {
	if len(c.BackupCodes) > 0 {
		return nil
	}
	return a.backup(c)
}
