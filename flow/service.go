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
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/passkey"
	"github.com/gatelatch/gatelatch/password"
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

	// Keys seal and hide what the flows store: Encrypt, Factor and Link are used.
	Keys gatelatch.Keys
	// Hasher hashes passwords; nil where there are none.
	Hasher        *password.Hasher
	PasswordRules password.Rules
	// Passkeys is the site as browsers know it; nil where passkeys cannot work.
	Passkeys *passkey.Site
	// Admission says whose addresses may sign up, beside what operators add at
	// run time.
	Admission admission.Rules
	// Sessions hears what changed about sessions, after the commit; may be nil.
	Sessions Sessions
}

// Sessions is what hears of sessions that ended and of users who changed.
type Sessions interface {
	// Forget drops ended sessions, so that no request passes with them any more,
	// and cuts what is open.
	Forget(sessionIDs ...string)
	// Refresh has the sessions of a user looked up again.
	Refresh(userID string)
}

// Caller is who asks: one client, from one network.
type Caller struct {
	Client session.Token
	IP     netip.Addr
	// UserAgent is what the browser calls itself.
	UserAgent string
	// Tester is a test of a site in test mode, see [Service.Tester]: many of them run
	// at once from one network. It is spared the budgets of the network and of the
	// site, and none of those that bound guesses.
	Tester bool
}

// Outcome is what an operation led to. At most one of SignIn and SignUp is
// set; Refusal may stand beside it, since a refused attempt is still there.
type Outcome struct {
	SignIn *SignIn
	SignUp *SignUp
	// Issued is the session that the attempt has led to, for Set-Cookie.
	Issued  *session.Issued
	Refusal *gatelatch.Refusal

	// Waiting says that the address was proven and now waits to be let in.
	Waiting bool

	sent bool
	// ended are sessions that the operation has ended, changed the user whose
	// sessions tell something else now.
	ended   []string
	changed string
	// dropped are the notices that nobody gets.
	dropped []Event
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
	// dropped tells of notices for which there was no budget.
	dropped []Event
}

// run executes fn in a transaction that outlives the connection: a browser
// that gave up waiting finds its attempt finished. A conflict with somebody who
// was quicker is tried once more, and then sees what the other did.
func (s *Service) run(ctx context.Context, what InputKind, who Caller, fn func(context.Context, *operation) (Outcome, error)) (Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	out, err := s.transact(ctx, who, fn)
	if err != nil {
		s.observe(what, Outcome{}, err)
		return Outcome{}, fmt.Errorf("%s: %w", what, err)
	}
	s.observe(what, out, nil)
	return out, nil
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
	until  time.Time
}

// client returns the caller's client, for an attempt that may take so long. One
// that has had no session yet is kept no longer than the last of its attempts.
func (o *operation) client(ctx context.Context, lifetime time.Duration) (gatelatch.Client, error) {
	until := o.env.Now.Add(lifetime)
	c, err := o.knownClient(ctx)
	switch {
	case err != nil:
		return gatelatch.Client{}, err
	case c == nil:
		c = &gatelatch.Client{
			ID: gatelatch.NewID(gatelatch.PrefixClient, o.env.Now), TokenHash: o.who.Client.Hash(),
			CreatedAt: o.env.Now, ExpireAt: until,
		}
		o.arrival = &arrival{client: *c, until: until}
	case c.ExpireAt.Before(until):
		o.arrival = &arrival{client: *c, known: true, until: until}
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
		err = o.tx.KeepClient(ctx, a.client.ID, a.until)
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
		return o.createUser(ctx, a, e)
	case Wait:
		return o.wait(ctx, e)
	case IssueSession:
		return o.issue(ctx, a, e, out)
	case ReplacePassword:
		return o.replacePassword(ctx, a, e, out)
	case MarkProven:
		return o.markProven(ctx, e, out)
	case MarkVerified:
		return o.markVerified(ctx, e, out)
	case Notify:
		out.sent = true
		return o.tell(ctx, e)
	}
	return fmt.Errorf("unknown effect %T", e)
}

func (o *operation) enqueue(ctx context.Context, a attempt, v Verification) error {
	if o.testing(v.To) {
		return nil
	}
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

func refuse(r *gatelatch.Refusal) (Outcome, error) { return Outcome{Refusal: r}, nil }
