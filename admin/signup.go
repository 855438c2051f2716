// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// SignUp says who may become a user.
type SignUp struct {
	// Mode is in force, Configured what the configuration says.
	Mode       flow.SignUpMode `json:"mode"`
	Configured flow.SignUpMode `json:"configured"`
	// Source is config, or command when a command has set the mode.
	Source string `json:"source"`
}

var modes = []flow.SignUpMode{flow.SignUpOpen, flow.SignUpInvite, flow.SignUpWaitlist, flow.SignUpClosed}

// SignUp returns the mode in force.
func (s *Service) SignUp(ctx context.Context) (SignUp, error) {
	return s.settings(ctx, func(*flow.Settings) bool { return false })
}

// SetSignUp sets the mode for all sites that share the store, until
// [Service.ResetSignUp].
func (s *Service) SetSignUp(ctx context.Context, mode flow.SignUpMode) (SignUp, *gatelatch.Refusal, error) {
	if !slices.Contains(modes, mode) {
		return SignUp{}, refuse(gatelatch.CodeValue, "mode", "The modes are %s.", words(modes)), nil
	}
	set, err := s.settings(ctx, func(at *flow.Settings) bool { at.SignUp = mode; return true })
	return set, nil, err
}

// ResetSignUp has the mode of the configuration in force again.
func (s *Service) ResetSignUp(ctx context.Context) (SignUp, error) {
	return s.settings(ctx, func(at *flow.Settings) bool { at.SignUp = ""; return true })
}

func (s *Service) settings(ctx context.Context, change func(*flow.Settings) (save bool)) (SignUp, error) {
	var at flow.Settings
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		if at, err = tx.Settings(ctx); err != nil || !change(&at) {
			return err
		}
		return tx.PutSettings(ctx, at)
	})
	if err != nil {
		return SignUp{}, fmt.Errorf("the settings: %w", err)
	}
	view := SignUp{Mode: cmp.Or(at.SignUp, s.Flow.Policy.SignUp), Configured: s.Flow.Policy.SignUp, Source: fromConfig}
	if at.SignUp != "" {
		view.Source = fromCommand
	}
	return view, nil
}

func words[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
