// SPDX-License-Identifier: Apache-2.0

// Package flow is the heart of the gate: how an attempt to sign in or to sign
// up moves from one state to the next. The transitions are pure functions from
// values to values; Service is the shell that loads an attempt under a lock,
// advances it, saves it with everything that follows from it in one
// transaction, and wakes the delivery afterwards.
package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/session"
)

// txTimeout bounds one operation. It runs on although the visitor may have
// left, so it must end by itself.
const txTimeout = 15 * time.Second

// Service offers the operations that pages and programs share. All fields but
// Observer are required. It is safe for concurrent use.
type Service struct {
	Repo        Repo
	Codes       Codes
	Identifiers identifier.Policy
	Policy      Policy
	// Limits takes its defaults for what it leaves zero.
	Limits    limit.Policy
	Tokens    session.Tokens
	BudgetKey gatelatch.Key
	// Site names the site in the delivery queue.
	Site string
	// Now tells the time, in UTC.
	Now func() time.Time
	// Wake tells the delivery queue that there is something to send. It must not
	// block.
	Wake     func()
	Observer Observer
}

// Caller is who asks: one client, from one network.
type Caller struct {
	Client session.Token
	IP     netip.Addr
}

// Outcome is what an operation led to. At most one of SignIn and SignUp is
// set; Refusal may stand beside it, since a refused attempt is still there.
type Outcome struct {
	SignIn *SignIn
	SignUp *SignUp
	// Issued is the session that the attempt has led to, for Set-Cookie.
	Issued  *session.Issued
	Refusal *gatelatch.Refusal

	sent bool
}

// id names the attempt that the outcome is about.
func (out Outcome) id() string {
	if out.SignUp != nil {
		return out.SignUp.ID
	}
	return out.SignIn.ID
}

// operation is the inside of one transaction.
type operation struct {
	*Service
	tx     Tx
	who    Caller
	env    Env
	limits limit.Policy
	// arrival is the caller's client when it has to be recorded, or kept longer,
	// together with an attempt: a refused request leaves no row.
	arrival *arrival
}

// run executes fn in a transaction that outlives the connection: a browser
// that gave up waiting finds its attempt finished. A conflict with somebody who
// was quicker is tried once more, and then sees what the other did.
func (s *Service) run(ctx context.Context, what InputKind, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	out, err := s.once(ctx, who, fn)
	if errors.Is(err, gatelatch.ErrConflict) {
		out, err = s.once(ctx, who, fn)
	}
	if err != nil {
		s.observe(what, Outcome{}, err)
		return Outcome{}, fmt.Errorf("%s: %w", what, err)
	}
	if out.sent {
		s.Wake()
	}
	s.observe(what, out, nil)
	return out, nil
}

func (s *Service) once(ctx context.Context, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	env := Env{Now: s.Now().UTC().Truncate(time.Microsecond), Policy: s.Policy}
	env.Fresh = fresh(env.Now)
	var out Outcome
	err := s.Repo.InTx(ctx, func(tx Tx) error {
		var err error
		out, err = fn(ctx, &operation{Service: s, tx: tx, who: who, env: env, limits: s.Limits.WithDefaults()})
		return err
	})
	return out, err
}

func fresh(now time.Time) Fresh {
	nonce := make([]byte, NonceSize)
	_, _ = rand.Read(nonce) // never fails, see crypto/rand
	return Fresh{
		Nonce:     nonce,
		UserID:    gatelatch.NewID(gatelatch.PrefixUser, now),
		SessionID: gatelatch.NewID(gatelatch.PrefixSession, now),
		EmailID:   gatelatch.NewID(gatelatch.PrefixAddress, now),
		PhoneID:   gatelatch.NewID(gatelatch.PrefixAddress, now),
	}
}

// knownClient returns the caller's client; nil when the gate has no record of
// it, so that it can have no attempt either.
func (o *operation) knownClient(ctx context.Context) (*gatelatch.Client, error) {
	c, err := o.tx.ClientByTokenHash(ctx, o.who.Client.Hash())
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the client: %w", err)
	}
	return &c, nil
}

// arrival is a client that is new, or would be forgotten before an attempt
// that begins now.
type arrival struct {
	client gatelatch.Client
	known  bool
}

// client returns the caller's client. One that has had no session yet is kept
// no longer than an attempt may take.
func (o *operation) client(ctx context.Context) (gatelatch.Client, error) {
	until := o.env.Now.Add(SignUpLifetime)
	c, err := o.knownClient(ctx)
	switch {
	case err != nil:
		return gatelatch.Client{}, err
	case c == nil:
		c = &gatelatch.Client{
			ID: gatelatch.NewID(gatelatch.PrefixClient, o.env.Now), TokenHash: o.who.Client.Hash(),
			CreatedAt: o.env.Now, ExpireAt: until,
		}
		o.arrival = &arrival{client: *c}
	case c.ExpireAt.Before(until):
		o.arrival = &arrival{client: *c, known: true}
	}
	return *c, nil
}

// record writes down who has arrived, with the first attempt that is saved.
func (o *operation) record(ctx context.Context) error {
	a := o.arrival
	if a == nil {
		return nil
	}
	o.arrival = nil
	var err error
	if a.known {
		err = o.tx.KeepClient(ctx, a.client.ID, o.env.Now.Add(SignUpLifetime))
	} else {
		err = o.tx.CreateClient(ctx, a.client)
	}
	if err != nil {
		return fmt.Errorf("recording the client: %w", err)
	}
	return nil
}

// user returns who holds an address, nil when nobody does.
func (o *operation) user(ctx context.Context, id gatelatch.Identifier) (*gatelatch.User, error) {
	u, err := o.tx.UserByIdentifier(ctx, id)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the user: %w", err)
	}
	return &u, nil
}

// attempt is what the two machines have in common for the shell.
type attempt struct {
	id, clientID string
	purpose      Purpose
}

// apply does what a step asks for, inside the transaction.
func (o *operation) apply(ctx context.Context, a attempt, effects []Effect, out *Outcome) error {
	for _, e := range effects {
		if err := o.applyOne(ctx, a, e, out); err != nil {
			return err
		}
	}
	return nil
}

func (o *operation) applyOne(ctx context.Context, a attempt, e Effect, out *Outcome) error {
	switch e := e.(type) {
	case SendCode:
		out.sent = true
		return o.enqueue(ctx, a, e.Verification)
	case CreateUser:
		if err := o.tx.CreateUser(ctx, e.User); err != nil {
			return fmt.Errorf("creating the user: %w", err)
		}
		return nil
	case IssueSession:
		return o.issue(ctx, a, e, out)
	}
	return fmt.Errorf("unknown effect %T", e)
}

func (o *operation) enqueue(ctx context.Context, a attempt, v Verification) error {
	err := o.tx.Enqueue(ctx, delivery.Queued{
		ID: gatelatch.NewID(gatelatch.PrefixMessage, o.env.Now), Site: o.Site,
		AttemptID: a.id, Purpose: string(a.purpose), Strategy: v.Strategy,
		To: v.To, Display: v.Display, Nonce: v.Nonce,
		AskedAt: o.env.Now, NextAt: o.env.Now, ExpireAt: v.ExpireAt,
	})
	if err != nil {
		return fmt.Errorf("queueing the message: %w", err)
	}
	return nil
}

func (o *operation) issue(ctx context.Context, a attempt, e IssueSession, out *Outcome) error {
	token := o.Tokens.ForSession(e.SessionID)
	s := gatelatch.Session{
		ID: e.SessionID, UserID: e.UserID, ClientID: a.clientID, TokenHash: token.Hash(),
		Status: gatelatch.SessionActive, Strategy: e.Strategy, CreatedAt: o.env.Now,
		LastActiveAt: o.env.Now, ExpireAt: o.env.Now.Add(o.env.Policy.SessionLifetime),
	}
	if err := o.tx.CreateSession(ctx, s); err != nil {
		return fmt.Errorf("creating the session: %w", err)
	}
	if err := o.tx.KeepClient(ctx, a.clientID, o.env.Now.Add(session.ClientLifetime)); err != nil {
		return fmt.Errorf("keeping the client: %w", err)
	}
	trust := gatelatch.ClientTrust{UserID: e.UserID, ClientID: a.clientID, TrustedAt: o.env.Now}
	if err := o.tx.PutClientTrust(ctx, trust); err != nil {
		return fmt.Errorf("recording the client's trust: %w", err)
	}
	if err := o.tx.MarkSignIn(ctx, e.UserID, o.env.Now); err != nil {
		return fmt.Errorf("recording the sign-in: %w", err)
	}
	out.Issued = &session.Issued{Session: s, Token: token}
	return nil
}

// doubleClick is how long a repeated request that proves nothing by itself is
// answered like the first. Whoever knows a browser's client cookie could make
// such a request, so it must not be longer than an impatient person needs.
const doubleClick = 10 * time.Second

// reissue answers a repeated request of the client that completed an attempt
// as the first one was answered, while the code would still be good. Browsers
// repeat requests, and abandon them. within, when not zero, also bounds the age
// of the session.
func (o *operation) reissue(ctx context.Context, sessionID string, v *Verification, within time.Duration) (*session.Issued, error) {
	if v == nil || !o.env.Now.Before(v.ExpireAt) {
		return nil, nil
	}
	s, err := o.tx.Session(ctx, sessionID)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("finding the session: %w", err)
	case !s.LiveAt(o.env.Now, 0), within > 0 && !o.env.Now.Before(s.CreatedAt.Add(within)):
		return nil, nil
	}
	return &session.Issued{Session: s, Token: o.Tokens.ForSession(s.ID)}, nil
}

func refuse(r *gatelatch.Refusal) (Outcome, error) { return Outcome{Refusal: r}, nil }
