// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// welcome refuses to write to somebody whom the message would lead nowhere: who
// has a user already or is blocked, and anybody while nobody new is let in.
func (s *Service) welcome(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	if no, err := nobodyHas(ctx, tx, id); no != nil || err != nil {
		return no, err
	}
	return s.open(ctx, tx, id)
}

// open refuses to write to somebody who is blocked, and to anybody while nobody
// new is let in.
func (s *Service) open(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	at, err := tx.Settings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	if cmp.Or(at.SignUp, s.Flow.Policy.SignUp) == flow.SignUpClosed {
		return refuse(gatelatch.CodeSignUpClosed, "", "New accounts are closed, so nobody could follow the message. Change who may sign up first."), nil
	}
	lines, err := tx.Restrictions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading who may sign up: %w", err)
	}
	one := []gatelatch.Identifier{id}
	if !s.Flow.Admission.With(lines).Judge(one, one) {
		return refuse(gatelatch.CodeNotAllowed, paramAddress, "A line of the block list holds for that address."), nil
	}
	return nil, nil
}
