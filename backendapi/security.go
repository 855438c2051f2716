// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func securityRoutes() []Route {
	return []Route{
		onUser("/users/{id}/ban", "Ban a user and end all sessions", (*admin.Service).Ban),
		onUser("/users/{id}/unban", "Let a user in again", (*admin.Service).Unban),
		onUser("/users/{id}/lock", "Keep a user from getting new sessions for an hour", (*admin.Service).Lock),
		onUser("/users/{id}/unlock", "Take a lock off, and forget wrong guesses", (*admin.Service).Unlock),
		route("POST", "/users/{id}/verify_password", "Try a password; it counts as a guess", verifyPassword),
		route("POST", "/users/{id}/verify_totp", "Try a code of an authenticator app, or a backup code, which is spent", verifyTOTP),
		route("DELETE", "/users/{id}/mfa", "Take every second step away", func(c *call, _ Nothing) (UserID, *gatelatch.Refusal, error) {
			_, no, err := c.Admin.ResetMFA(c.ctx(), c.id())
			return UserID{c.id()}, no, err
		}),
		takesAway("/users/{id}/totp", "Take the authenticator app away", (*admin.Service).RemoveTOTP),
		takesAway("/users/{id}/backup_code", "Take the backup codes away", (*admin.Service).RemoveBackupCodes),
		route("DELETE", "/users/{id}/passkeys/{passkey_id}", "Take a passkey away", func(c *call, _ Nothing) (wire.Deleted, *gatelatch.Refusal, error) {
			no, err := c.Admin.RemovePasskey(c.ctx(), c.id(), c.value("passkey_id"))
			return deleted("passkey", c.value("passkey_id")), no, err
		}),
		route("POST", "/users/{id}/remove_password", "Take the password away", func(c *call, in removedPassword) (wire.User, *gatelatch.Refusal, error) {
			return c.user(c.Admin.RemovePassword(c.ctx(), c.id(), in.SignOutOfOtherSessions))
		}),
		route("POST", "/users/{id}/password/set_compromised", "Have a user set a new password at the next sign-in",
			func(c *call, in compromised) (wire.User, *gatelatch.Refusal, error) {
				return c.user(c.Admin.SetCompromised(c.ctx(), c.id(), true, in.RevokeAllSessions))
			}),
		route("POST", "/users/{id}/password/unset_compromised", "Take that back", func(c *call, _ Nothing) (wire.User, *gatelatch.Refusal, error) {
			return c.user(c.Admin.SetCompromised(c.ctx(), c.id(), false, false))
		}),
	}
}

// onUser makes the route of an operation that commands have, too.
func onUser(path, summary string, do func(*admin.Service, context.Context, string) (*admin.UserView, *gatelatch.Refusal, error)) Route {
	return route("POST", path, summary, func(c *call, _ Nothing) (wire.User, *gatelatch.Refusal, error) {
		_, no, err := do(c.Admin, c.ctx(), c.id())
		return c.user(no, err)
	})
}

// UserID names a user and is no resource.
type UserID struct {
	UserID string `json:"user_id"`
}

func takesAway(path, summary string, do func(*admin.Service, context.Context, string) (*gatelatch.Refusal, error)) Route {
	return route("DELETE", path, summary, func(c *call, _ Nothing) (UserID, *gatelatch.Refusal, error) {
		no, err := do(c.Admin, c.ctx(), c.id())
		return UserID{c.id()}, no, err
	})
}

type removedPassword struct {
	SignOutOfOtherSessions bool `json:"sign_out_of_other_sessions"`
}

type compromised struct {
	RevokeAllSessions bool `json:"revoke_all_sessions"`
}

// Verified says that a guess was right, and of what kind a code was.
type Verified struct {
	Verified bool   `json:"verified"`
	CodeType string `json:"code_type,omitempty"` // totp or backup_code
}

type givenPassword struct {
	Password gatelatch.Secret `json:"password"`
}

func verifyPassword(c *call, in givenPassword) (Verified, *gatelatch.Refusal, error) {
	no, err := c.Admin.VerifyPassword(c.ctx(), c.id(), in.Password)
	return Verified{Verified: true}, no, err
}

type givenCode struct {
	Code string `json:"code"`
}

func verifyTOTP(c *call, in givenCode) (Verified, *gatelatch.Refusal, error) {
	if in.Code == "" {
		return Verified{}, missing("code"), nil
	}
	st, no, err := c.Admin.VerifySecond(c.ctx(), c.id(), in.Code)
	return Verified{Verified: true, CodeType: string(st)}, no, err
}
