// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// MaxSessions is how many live sessions a user may have. One more ends the
// oldest: nobody can pile up rows, or cookies that still work.
const MaxSessions = 100

func (o *operation) issue(ctx context.Context, a attempt, e IssueSession, out *Outcome) error {
	if err := o.overtaken(ctx, e.UserID); err != nil {
		return err
	}
	token := o.Tokens.ForSession(e.SessionID)
	s := o.newSession(a, e)
	s.TokenHash = token.Hash()
	if err := o.tx.CreateSession(ctx, s); err != nil {
		return fmt.Errorf("creating the session: %w", err)
	}
	if err := o.tx.KeepClient(ctx, a.clientID, o.env.Now.Add(session.ClientLifetime)); err != nil {
		return fmt.Errorf("keeping the client: %w", err)
	}
	if err := o.replaceOthers(ctx, s, out); err != nil {
		return err
	}
	if err := o.recordTrust(ctx, s, e.Bare); err != nil {
		return err
	}
	if err := o.tx.MarkSignIn(ctx, e.UserID, o.env.Now); err != nil {
		return fmt.Errorf("recording the sign-in: %w", err)
	}
	ended, err := o.tx.EndOldest(ctx, e.UserID, MaxSessions, o.env.Now)
	if err != nil {
		return fmt.Errorf("ending the oldest sessions: %w", err)
	}
	out.ended = append(out.ended, ended...)
	out.Issued = &session.Issued{Session: s, Token: token}
	return nil
}

// MaxOnClient is how many live sessions a client may hold, where it holds several.
// One more ends the oldest: whoever asks what a client holds is told of each.
const MaxOnClient = 10

// replaceOthers ends the sessions of a client that a new one takes the place of:
// all others where it holds one at a time, else those of the same user, and the
// oldest of too many.
func (o *operation) replaceOthers(ctx context.Context, s gatelatch.Session, out *Outcome) error {
	// Two people who sign in there at once must see each other's session.
	if _, err := o.tx.Counter(ctx, "sessions client "+s.ClientID); err != nil {
		return fmt.Errorf("waiting for the client's sessions: %w", err)
	}
	held, err := o.tx.ClientSessions(ctx, s.ClientID, o.env.Now, math.MaxInt32)
	if err != nil {
		return fmt.Errorf("finding the client's sessions: %w", err)
	}
	kept := 1
	for _, other := range held {
		if other.ID == s.ID {
			continue
		}
		if !o.env.Policy.OneSession && other.UserID != s.UserID && kept < MaxOnClient {
			kept++
			continue
		}
		if err := o.tx.EndSession(ctx, other.ID, gatelatch.SessionReplaced, o.env.Now); err != nil {
			return fmt.Errorf("replacing a session: %w", err)
		}
		out.ended = append(out.ended, other.ID)
	}
	return nil
}

func (o *operation) newSession(a attempt, e IssueSession) gatelatch.Session {
	s := gatelatch.Session{
		ID: e.SessionID, UserID: e.UserID, ClientID: a.clientID, Status: gatelatch.SessionActive,
		Strategy: e.Strategy, FirstAt: e.FirstAt, Second: e.Second,
		UserAgent: o.who.device(), IP: o.who.address(), CreatedAt: o.env.Now,
		LastActiveAt: o.env.Now, ExpireAt: o.env.Now.Add(o.env.Policy.SessionLifetime),
	}
	if s.FirstAt.IsZero() {
		s.FirstAt = o.env.Now
	}
	if s.Second != "" {
		s.SecondAt = o.env.Now
	}
	return s
}

// recordTrust writes down that a client is the user's. A bare password makes no
// client so; it keeps one that is for longer.
func (o *operation) recordTrust(ctx context.Context, s gatelatch.Session, bare bool) error {
	t := gatelatch.ClientTrust{
		UserID: s.UserID, ClientID: s.ClientID, TrustedAt: o.env.Now, LastUsedAt: o.env.Now, UserAgent: s.UserAgent, IP: s.IP,
	}
	if bare {
		old, err := o.tx.ClientTrust(ctx, s.UserID, s.ClientID)
		if errors.Is(err, gatelatch.ErrNotFound) || err == nil && !old.LiveAt(o.env.Now, o.env.Policy.ClientTrust) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("finding the client's trust: %w", err)
		}
		t.TrustedAt = old.TrustedAt
	}
	if err := o.tx.PutClientTrust(ctx, t); err != nil {
		return fmt.Errorf("recording the client's trust: %w", err)
	}
	return nil
}

// replacePassword gives a user the password that a sign-in has kept, and ends
// what the old one has opened.
func (o *operation) replacePassword(ctx context.Context, a attempt, e ReplacePassword, out *Outcome) error {
	hash, err := o.Keys.Encrypt.Open(sealedPassword(a.id), e.Hash)
	if err != nil {
		return fmt.Errorf("opening the password of a sign-in: %w", err)
	}
	if err := o.overtaken(ctx, e.UserID); err != nil {
		return err
	}
	if err := o.putPassword(ctx, e.UserID, hash); err != nil {
		return err
	}
	if err := o.tx.DeleteClientTrusts(ctx, e.UserID, a.clientID); err != nil {
		return fmt.Errorf("ending the trust of other clients: %w", err)
	}
	out.changed = e.UserID
	if !e.EndOthers {
		return nil
	}
	ended, err := o.tx.EndSessions(ctx, e.UserID, "", gatelatch.SessionRevoked, o.env.Now)
	if err != nil {
		return fmt.Errorf("ending the other sessions: %w", err)
	}
	out.ended = append(out.ended, ended...)
	return nil
}

// putPassword keeps a hash as the password of a user, who owes none any more.
func (o *operation) putPassword(ctx context.Context, userID string, hash []byte) error {
	u, err := o.tx.User(ctx, userID)
	if err != nil {
		return fmt.Errorf("finding the user: %w", err)
	}
	c, err := o.tx.Credentials(ctx, userID)
	if err != nil {
		return fmt.Errorf("reading the credentials: %w", err)
	}
	c.Password = &gatelatch.Password{Hash: o.Keys.Encrypt.Seal(sealedPassword(userID), hash), SetAt: o.env.Now}
	if err := o.tx.PutCredentials(ctx, c); err != nil {
		return fmt.Errorf("keeping the password: %w", err)
	}
	u.Factors, u.PasswordReset, u.UpdatedAt = c.Factors(), false, o.env.Now
	if err := o.tx.PutUser(ctx, u); err != nil {
		return fmt.Errorf("keeping the user: %w", err)
	}
	return nil
}

// markProven writes down on a session what its holder has just proven.
func (o *operation) markProven(ctx context.Context, e MarkProven, out *Outcome) error {
	s, err := o.tx.Session(ctx, e.SessionID)
	if err != nil {
		return fmt.Errorf("finding the session: %w", err)
	}
	if e.First != "" {
		s.Strategy, s.FirstAt = e.First, e.FirstAt
	}
	if e.Second != "" {
		s.Second, s.SecondAt = e.Second, o.env.Now
	}
	if err := o.tx.MarkProven(ctx, s); err != nil {
		return fmt.Errorf("recording the proof: %w", err)
	}
	out.changed = e.UserID
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
	return o.reissueWithin(ctx, sessionID, within)
}

// reissueWithin is reissue without a proof that has an end.
func (o *operation) reissueWithin(ctx context.Context, sessionID string, within time.Duration) (*session.Issued, error) {
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
