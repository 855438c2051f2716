// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// overtaken locks a user who is about to be signed in. Until here the user was
// read without a lock, and a store may let an operator ban, lock or delete them
// meanwhile: gatelatch.ErrConflict then has everything done again, which sees it.
// A session made beside a ban would come to life when the ban is lifted.
func (o *operation) overtaken(ctx context.Context, userID string) error {
	u, err := o.tx.User(ctx, userID)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return fmt.Errorf("the user is gone meanwhile: %w", gatelatch.ErrConflict)
	case err != nil:
		return fmt.Errorf("locking the user: %w", err)
	case u.Banned, u.LockedAt(o.env.Now):
		return fmt.Errorf("the user was barred meanwhile: %w", gatelatch.ErrConflict)
	}
	return nil
}
