// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
)

// What operations take. Page fields are those of [admin.Page].
type (
	pageInput struct {
		After string `json:"after"`
		Limit int    `json:"limit"`
	}
	userInput struct {
		User string `json:"user"` // id or address; empty for all, where that makes sense
		pageInput
	}
	usersInput struct {
		Search string `json:"search"`
		Banned *bool  `json:"banned"`
		pageInput
	}
	exportInput struct {
		Secrets bool `json:"secrets"`
		pageInput
	}
	waitlistInput struct {
		All bool `json:"all"`
		pageInput
	}
	idInput struct {
		ID string `json:"id"`
	}
	addressInput struct {
		Address string         `json:"address"`
		Expires caddy.Duration `json:"expires"`
	}
	lineInput struct {
		Pattern string `json:"pattern"`
	}
	modeInput struct {
		Mode flow.SignUpMode `json:"mode"`
	}
	nothing struct{}
)

func (p pageInput) page() admin.Page { return admin.Page{After: p.After, Limit: p.Limit} }

// restrictions are the lines of one list.
type restrictions struct {
	Restrictions []admin.Restriction `json:"restrictions"`
}

// imports tells what became of each line of a part of an import.
type imports struct {
	Lines []admin.Imported `json:"lines"`
}

// adminOperations are the operations by their paths below /gatelatch/.
var adminOperations = map[string]adminOperation{
	"users/list": reading(operation(func(ctx context.Context, s *admin.Service, in usersInput) (admin.UserPage, *gatelatch.Refusal, error) {
		list, err := s.ListUsers(ctx, admin.UserQuery{Page: in.page(), Search: in.Search, Banned: in.Banned})
		return list, nil, err
	})),
	"users/show": reading(onUser((*admin.Service).ShowUser)),
	"users/create": operation(func(ctx context.Context, s *admin.Service, p admin.Person) (*admin.UserView, *gatelatch.Refusal, error) {
		return s.Create(ctx, p)
	}),
	"users/import":         {lines: true, run: importLines},
	"users/ban":            onUser((*admin.Service).Ban),
	"users/unban":          onUser((*admin.Service).Unban),
	"users/delete":         onUser((*admin.Service).Delete),
	"users/sign-out":       onUser((*admin.Service).SignOut),
	"users/reset-password": onUser((*admin.Service).RequirePassword),
	"users/lock":           onUser((*admin.Service).Lock),
	"users/unlock":         onUser((*admin.Service).Unlock),
	"users/reset-mfa":      onUser((*admin.Service).ResetMFA),
	"users/export": operation(func(ctx context.Context, s *admin.Service, in exportInput) (admin.People, *gatelatch.Refusal, error) {
		people, err := s.Export(ctx, in.Secrets, in.page())
		return people, nil, err
	}),

	"invitations/create": sending(operation(func(ctx context.Context, s *admin.Service, in addressInput) (*admin.InvitationView, *gatelatch.Refusal, error) {
		return s.Invite(ctx, in.Address, timeOf(in.Expires))
	})),
	"invitations/list": reading(operation(func(ctx context.Context, s *admin.Service, in pageInput) (admin.InvitationPage, *gatelatch.Refusal, error) {
		list, err := s.ListInvitations(ctx, in.page())
		return list, nil, err
	})),
	"invitations/revoke": operation(func(ctx context.Context, s *admin.Service, in idInput) (*admin.InvitationView, *gatelatch.Refusal, error) {
		return s.RevokeInvitation(ctx, in.ID)
	}),

	"waitlist/list": reading(operation(func(ctx context.Context, s *admin.Service, in waitlistInput) (admin.WaitlistPage, *gatelatch.Refusal, error) {
		list, err := s.ListWaitlist(ctx, in.All, in.page())
		return list, nil, err
	})),
	"waitlist/approve": sending(operation(func(ctx context.Context, s *admin.Service, in addressInput) (*admin.WaitlistView, *gatelatch.Refusal, error) {
		return s.Approve(ctx, in.Address)
	})),

	"sessions/list": reading(operation(func(ctx context.Context, s *admin.Service, in userInput) (admin.SessionPage, *gatelatch.Refusal, error) {
		return s.ListSessions(ctx, in.User, in.page())
	})),
	"sessions/revoke": operation(func(ctx context.Context, s *admin.Service, in idInput) (*admin.SessionView, *gatelatch.Refusal, error) {
		return s.Revoke(ctx, in.ID)
	}),

	"allow/list":   reading(listing(gatelatch.AllowList)),
	"allow/add":    addLine(gatelatch.AllowList),
	"allow/remove": removeLine(gatelatch.AllowList),
	"block/list":   reading(listing(gatelatch.BlockList)),
	"block/add":    addLine(gatelatch.BlockList),
	"block/remove": removeLine(gatelatch.BlockList),

	"sign-up/show": reading(operation(func(ctx context.Context, s *admin.Service, _ nothing) (admin.SignUp, *gatelatch.Refusal, error) {
		at, err := s.SignUp(ctx)
		return at, nil, err
	})),
	"sign-up/set": operation(func(ctx context.Context, s *admin.Service, in modeInput) (admin.SignUp, *gatelatch.Refusal, error) {
		return s.SetSignUp(ctx, in.Mode)
	}),
	"sign-up/reset": operation(func(ctx context.Context, s *admin.Service, _ nothing) (admin.SignUp, *gatelatch.Refusal, error) {
		at, err := s.ResetSignUp(ctx)
		return at, nil, err
	}),
}

func onUser(do func(*admin.Service, context.Context, string) (*admin.UserView, *gatelatch.Refusal, error)) adminOperation {
	return operation(func(ctx context.Context, s *admin.Service, in userInput) (*admin.UserView, *gatelatch.Refusal, error) {
		return do(s, ctx, in.User)
	})
}

// addLine adds a line and tells nobody.
func addLine(list gatelatch.RestrictionList) adminOperation {
	return operation(func(ctx context.Context, s *admin.Service, in lineInput) (*admin.Restriction, *gatelatch.Refusal, error) {
		return s.AddRestriction(ctx, list, in.Pattern, false)
	})
}

func removeLine(list gatelatch.RestrictionList) adminOperation {
	return operation(func(ctx context.Context, s *admin.Service, in lineInput) (*admin.Restriction, *gatelatch.Refusal, error) {
		return s.RemoveRestriction(ctx, list, in.Pattern)
	})
}

func listing(list gatelatch.RestrictionList) adminOperation {
	return operation(func(ctx context.Context, s *admin.Service, _ nothing) (restrictions, *gatelatch.Refusal, error) {
		lines, no, err := s.Restrictions(ctx, list)
		return restrictions{lines}, no, err
	})
}

func importLines(ctx context.Context, s *admin.Service, body io.Reader) (any, *gatelatch.Refusal, error) {
	done := imports{Lines: []admin.Imported{}}
	err := s.Import(ctx, body, func(i admin.Imported) error {
		done.Lines = append(done.Lines, i)
		return nil
	})
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return nil, nil, fmt.Errorf("%w is too long; send it in parts of less than %d MiB; "+
			"lines before that may have been taken", errAdminBody, maxAdminBody>>20)
	}
	return done, nil, err
}
