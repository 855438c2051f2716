// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/limit"
)

// SignInToken returns the text of a sign-in token: the id and, behind a dot, a
// proof that this site has made it. Whoever has it signs in as the user.
func (s *Service) SignInToken(id string) gatelatch.Secret {
	return gatelatch.Secret(id + "." + linkTag(s.Keys.Link, "sign-in token", id))
}

// SignInWithTicket signs in with the text of a sign-in token, which is spent by
// that. A user who takes two steps still takes the second. One that is over, was
// used or was made up is refused with gatelatch.CodeTicketInvalid or
// gatelatch.CodeTicketExpired; a banned or locked user is refused, too, and the
// token is not spent by it. The same request from the same client, some seconds
// later, is answered like the first. returnTo is a same-origin path, checked by the
// caller; empty for none.
func (s *Service) SignInWithTicket(ctx context.Context, who Caller, ticket gatelatch.Secret, returnTo string) (Outcome, error) {
	return s.run(ctx, InputTicket, who, func(ctx context.Context, o *operation) (Outcome, error) {
		c, r, err := o.start(ctx)
		if r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		id, r, err := o.readTicket(ctx, ticket, s.SignInToken)
		if r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		t, err := o.tx.SignInToken(ctx, id)
		if errors.Is(err, gatelatch.ErrNotFound) {
			return Outcome{Refusal: RefuseTicket()}, nil
		}
		if err != nil {
			return Outcome{}, fmt.Errorf("finding a sign-in token: %w", err)
		}
		return o.signInWithTicket(ctx, c, t, returnTo)
	})
}

func (o *operation) signInWithTicket(ctx context.Context, c gatelatch.Client, t gatelatch.SignInToken, returnTo string) (Outcome, error) {
	if !t.LiveAt(o.env.Now) {
		return o.spentTicket(ctx, t)
	}
	u, err := o.userByID(ctx, t.UserID)
	if err != nil || u == nil {
		return Outcome{Refusal: RefuseTicket()}, err
	}
	owner, err := o.owner(ctx, u, c.ID, gatelatch.Identifier{})
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(o.newSignIn(c.ID, returnTo), ShowTicket{Identifier: nameOf(*u), Owner: owner}, o.env)
	if step.Refusal != nil {
		return Outcome{Refusal: step.Refusal}, nil
	}
	t.AcceptedAt = o.env.Now
	if err := o.tx.PutSignInToken(ctx, t); err != nil {
		return Outcome{}, fmt.Errorf("spending a sign-in token: %w", err)
	}
	if err := o.rememberTicket(ctx, t.ID, step.Next.ID); err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, step)
}

// spentTicket answers with a token that is good no more, or was used by this very
// client a moment ago.
func (o *operation) spentTicket(ctx context.Context, t gatelatch.SignInToken) (Outcome, error) {
	if t.AcceptedAt.IsZero() && t.RevokedAt.IsZero() {
		return Outcome{Refusal: refuseTicketExpired()}, nil
	}
	id, err := o.usedTicket(ctx, t.ID)
	if err != nil || id == "" {
		return Outcome{Refusal: RefuseTicket()}, err
	}
	si, err := o.signIn(ctx, id)
	if err != nil || si == nil {
		return Outcome{Refusal: RefuseTicket()}, err
	}
	return o.repeatSignIn(ctx, *si, doubleClick)
}

// maxTicket bounds what is looked at, in bytes: a ticket is half as long.
const maxTicket = 128

// readTicket returns the id that a ticket names, when the ticket was made here. One
// that was made up is charged to the client and to its network. A true one is
// never refused for what others have tried: it cannot be guessed.
func (o *operation) readTicket(ctx context.Context, ticket gatelatch.Secret, made func(id string) gatelatch.Secret) (string, *gatelatch.Refusal, error) {
	id, _, _ := strings.Cut(ticket.Reveal(), ".")
	if len(ticket) <= maxTicket && same(made(id), ticket) {
		return id, nil, nil
	}
	r, err := o.spend(ctx, []charge{
		{"tickets client " + o.hidden(o.clientName()), o.limits.GuessesPerIdentifier},
		{"tickets network " + o.hidden(limit.Network(o.who.IP)), o.limits.GuessesPerIdentifier},
	})
	if r == nil {
		r = RefuseTicket()
	}
	return "", r, err
}

// clientName names the caller's client, whether or not the gate has a record of
// it.
func (o *operation) clientName() string {
	hash := o.who.Client.Hash()
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// ticketKey names what a ticket has led to in the caller's client.
func (o *operation) ticketKey(id string) string { return "ticket " + o.hidden(id+" "+o.clientName()) }

// rememberTicket keeps for a moment what a ticket has led to: browsers send
// requests twice.
func (o *operation) rememberTicket(ctx context.Context, id, attemptID string) error {
	if err := o.tx.PutCounter(ctx, o.ticketKey(id), []byte(attemptID), o.env.Now.Add(doubleClick)); err != nil {
		return fmt.Errorf("remembering a ticket: %w", err)
	}
	return nil
}

// usedTicket is the attempt that a ticket has led to in this client, or empty.
func (o *operation) usedTicket(ctx context.Context, id string) (string, error) {
	attemptID, err := o.tx.Counter(ctx, o.ticketKey(id))
	if err != nil {
		return "", fmt.Errorf("looking for a ticket: %w", err)
	}
	return string(attemptID), nil
}
