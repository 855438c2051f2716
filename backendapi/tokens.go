// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	_ "embed" // the description
	"encoding/json"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/wire"
)

// document describes the API, see OpenAPI 3.0. It is made of the table of routes.
//
//go:embed openapi.json
var document []byte

func tokenRoutes() []Route {
	return []Route{
		route("POST", "/sign_in_tokens", "Make a token that signs a user in, once", createTicket),
		route("POST", "/sign_in_tokens/{id}/revoke", "Take a sign-in token back", revokeTicket),
		route("POST", "/testing_tokens", "Make a token by which a test is known", createTestingToken),
		route("GET", "/jwks", "The keys that check tokens", func(c *call, _ Nothing) (KeySet, *gatelatch.Refusal, error) {
			return KeySet(c.KeySet()), nil, nil
		}),
		route("GET", "/openapi.json", "This description", func(*call, Nothing) (json.RawMessage, *gatelatch.Refusal, error) {
			return document, nil, nil
		}),
	}
}

// KeySet is a JSON Web Key Set (RFC 7517).
type KeySet json.RawMessage

// MarshalJSON implements [json.Marshaler].
func (k KeySet) MarshalJSON() ([]byte, error) { return k, nil }

// SignInToken is a token that signs a user in.
type SignInToken struct {
	Object string `json:"object"` // "sign_in_token"
	ID     string `json:"id"`
	UserID string `json:"user_id"`
	Token  string `json:"token"`
	Status string `json:"status"` // pending, accepted or revoked
	// URL is null for one that is over.
	URL       *string     `json:"url"`
	CreatedAt wire.Millis `json:"created_at"`
	UpdatedAt wire.Millis `json:"updated_at"`
}

func (c *call) ticketOf(t gatelatch.SignInToken) SignInToken {
	text := c.Admin.Flow.SignInToken(t.ID)
	v := SignInToken{
		Object: "sign_in_token", ID: t.ID, UserID: t.UserID, Token: text.Reveal(), Status: "pending",
		CreatedAt: wire.At(t.CreatedAt), UpdatedAt: wire.At(t.CreatedAt),
	}
	switch {
	case !t.AcceptedAt.IsZero():
		v.Status, v.UpdatedAt = "accepted", wire.At(t.AcceptedAt)
	case !t.RevokedAt.IsZero():
		v.Status, v.UpdatedAt = "revoked", wire.At(t.RevokedAt)
	default:
		v.URL = c.ticketURL(c.SignInURL+"?__clerk_ticket=", text)
	}
	return v
}

type newTicket struct {
	UserID           string `json:"user_id"`
	ExpiresInSeconds *int64 `json:"expires_in_seconds"`
	OrgID            Absent `json:"org_id" absent:"There are no organizations here."`
}

func createTicket(c *call, in newTicket) (SignInToken, *gatelatch.Refusal, error) {
	if no := refuseUser(in.UserID); no != nil {
		return SignInToken{}, no, nil
	}
	var lifetime time.Duration
	if s := in.ExpiresInSeconds; s != nil {
		if *s < 1 || *s > int64(365*day/time.Second) {
			return SignInToken{}, &gatelatch.Refusal{
				Code: gatelatch.CodeValue, Param: "expires_in_seconds", Message: "A sign-in token is good for a second to 365 days.",
			}, nil
		}
		lifetime = time.Duration(*s) * time.Second
	}
	t, no, err := c.Admin.MakeTicket(c.ctx(), in.UserID, lifetime)
	if no != nil || err != nil {
		return SignInToken{}, no, err
	}
	c.made = t.ID
	return c.ticketOf(t), nil, nil
}

func revokeTicket(c *call, _ Nothing) (SignInToken, *gatelatch.Refusal, error) {
	t, no, err := c.Admin.RevokeTicket(c.ctx(), c.id())
	if no != nil || err != nil {
		return SignInToken{}, no, err
	}
	return c.ticketOf(t), nil, nil
}

// TestingToken is a token by which a test is known.
type TestingToken struct {
	Object    string `json:"object"` // "testing_token"
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expires_at"` // Unix seconds
}

func createTestingToken(c *call, _ Nothing) (TestingToken, *gatelatch.Refusal, error) {
	text, until := c.Admin.TestingToken()
	return TestingToken{"testing_token", text.Reveal(), until.Unix()}, nil, nil
}
