// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// Rename changes the name. What a sign-up must give cannot be emptied. A site
// that does not ask for a name takes one all the same from who wants to give it.
func (s *Service) Rename(ctx context.Context, a Actor, first, last string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "rename", plain, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		u, fields := act.user, act.Policy().Fields
		if r := rename(&u.FirstName, first, flow.FieldFirstName, fields.FirstName); r != nil {
			return r, nil
		}
		if r := rename(&u.LastName, last, flow.FieldLastName, fields.LastName); r != nil {
			return r, nil
		}
		if u.FirstName == act.user.FirstName && u.LastName == act.user.LastName {
			return nil, nil
		}
		return nil, act.save(ctx, u)
	})
}

func rename(name *string, typed, param string, need flow.Need) *gatelatch.Refusal {
	read, r := flow.ReadName(typed, param)
	if r == nil && read == "" && need == flow.Required {
		r = refuse(gatelatch.CodeMissing, param, "Enter a name.")
	}
	if r == nil {
		*name = read
	}
	return r
}

// AcceptTerms records that the user has accepted the terms in force. version is
// the one that was shown.
func (s *Service) AcceptTerms(ctx context.Context, a Actor, version string) (*gatelatch.Refusal, error) {
	asks := ask{does: gatelatch.TaskAcceptTerms}
	return s.act(ctx, a, "accept_terms", asks, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		terms := act.Policy().Terms
		if terms.Version == "" || version != terms.Version {
			return refuse(gatelatch.CodeValue, "version", "These are not the terms in force. Read them again."), nil
		}
		u := act.user
		if u.TermsVersion == version {
			return nil, nil
		}
		u.TermsVersion, u.TermsAcceptedAt = version, act.Now()
		return nil, act.save(ctx, u)
	})
}
