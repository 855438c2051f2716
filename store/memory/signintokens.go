// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// SignInToken implements [flow.Tx].
func (t *tx) SignInToken(ctx context.Context, id string) (gatelatch.SignInToken, error) {
	if err := t.ready(ctx); err != nil {
		return gatelatch.SignInToken{}, err
	}
	s, ok := t.m.signInTokens[id]
	if !ok {
		return gatelatch.SignInToken{}, gatelatch.ErrNotFound
	}
	return s, nil
}

// PutSignInToken implements [flow.Tx].
func (t *tx) PutSignInToken(ctx context.Context, s gatelatch.SignInToken) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if !t.m.users.has(s.UserID) {
		return t.missing("user")
	}
	s.CreatedAt, s.ExpireAt = stored.Moment(s.CreatedAt), stored.Moment(s.ExpireAt)
	s.AcceptedAt, s.RevokedAt = stored.Moment(s.AcceptedAt), stored.Moment(s.RevokedAt)
	t.m.signInTokens.put(t.m, s.ID, s)
	return nil
}
