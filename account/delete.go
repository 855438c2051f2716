// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// Delete deletes the account at once, for a session that has proven lately whose it
// is. Everything ends as it does when a code has confirmed it, see
// [flow.DeleteAccount]: the sessions, whatever is only the user's, and a message
// that says so.
func (s *Service) Delete(ctx context.Context, a Actor) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "delete_account", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		if !act.mayDelete() {
			return refuseDeletion(), nil
		}
		return nil, act.delete(ctx)
	})
}

// mayDelete reports whether the site lets its users go, and the operator this one.
func (a *acting) mayDelete() bool { return a.Policy().DeleteSelf && !a.user.KeepsAccount }

func refuseDeletion() *gatelatch.Refusal {
	return refuse(gatelatch.CodeForbidden, "", "Accounts cannot be deleted here. Ask whoever runs this site.")
}

func (a *acting) delete(ctx context.Context) error {
	if err := a.EndSessions(ctx, a.user.ID, "", gatelatch.SessionRevoked); err != nil {
		return err
	}
	if err := a.Tx().DeleteUser(ctx, a.user.ID); err != nil {
		return fmt.Errorf("deleting the user: %w", err)
	}
	a.Changed(a.user.ID)
	err := a.Notify(ctx, flow.Notice{Purpose: delivery.NoticeDeleted, About: a.session.ID, To: flow.Recipients(a.user)})
	if err != nil {
		return fmt.Errorf("telling the user: %w", err)
	}
	return nil
}
