// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
)

// charge is one budget that an act draws on.
type charge struct {
	name  string
	rates []limit.Rate
}

// spend draws on all charges or on none. The refusal says how long to wait
// for the slowest of them. Budgets are read in the order given, which is the
// same everywhere, so transactions do not wait for each other in circles.
func (o *operation) spend(ctx context.Context, charges []charge) (*gatelatch.Refusal, error) {
	var taken, mended []budget
	var wait time.Duration
	for _, c := range charges {
		for _, rate := range c.rates {
			b, retryAfter, err := o.take(ctx, c.name, rate)
			switch {
			case err != nil:
				return nil, err
			case retryAfter == 0:
				taken = append(taken, b)
			case b.changed:
				mended = append(mended, b)
			}
			wait = max(wait, retryAfter)
		}
	}
	if wait > 0 {
		return refuseTooMany(wait), o.putAll(ctx, mended)
	}
	return nil, o.putAll(ctx, taken)
}

// budget is a stored budget with the rate and the key it stands under.
type budget struct {
	limit.Budget
	key  string
	rate limit.Rate
	at   time.Time // when it was drawn on
	// changed says that a refused budget must be written all the same: the clock
	// was set back, and what it counts has been moved with it.
	changed bool
}

// take reads a budget and draws on it, without writing. A rate that is off
// costs nothing.
func (o *operation) take(ctx context.Context, name string, rate limit.Rate) (budget, time.Duration, error) {
	// The count is not part of the key: another limit finds what was spent.
	b := budget{key: name + " " + rate.Window.String(), rate: rate, at: o.env.Now}
	if rate.IsOff() {
		return b, 0, nil
	}
	if err := o.counter(ctx, b.key, &b.Budget); err != nil {
		return b, 0, err
	}
	next, retryAfter := b.Take(rate, o.env.Now, 1)
	b.changed = !slices.Equal(next.Slots, b.Slots)
	b.Budget = next
	return b, retryAfter, nil
}

func (o *operation) putAll(ctx context.Context, budgets []budget) error {
	for _, b := range budgets {
		if b.rate.IsOff() {
			continue
		}
		if err := o.putCounter(ctx, b.key, b.Budget, b.ExpireAt(b.rate)); err != nil {
			return err
		}
	}
	return nil
}

// counter reads a counter; one that is not there leaves v as it is.
func (o *operation) counter(ctx context.Context, key string, v any) error {
	text, err := o.tx.Counter(ctx, key)
	if err != nil {
		return fmt.Errorf("reading a budget: %w", err)
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("reading a budget: %w", err)
	}
	return nil
}

func (o *operation) putCounter(ctx context.Context, key string, v any, expireAt time.Time) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing a budget: %w", err)
	}
	if err := o.tx.PutCounter(ctx, key, text, expireAt); err != nil {
		return fmt.Errorf("writing a budget: %w", err)
	}
	return nil
}

// hidden names somebody in a budget's key without writing down who it is.
func (o *operation) hidden(name string) string {
	mac := hmac.New(sha256.New, o.BudgetKey[:])
	mac.Write([]byte(name))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// spared reports a caller whom the budgets of networks and of the site leave alone.
// Outside test mode there is none.
func (o *operation) spared() bool { return o.who.Tester && o.env.Policy.TestMode }

// countStart charges a new attempt to the caller's network.
func (o *operation) countStart(ctx context.Context) (*gatelatch.Refusal, error) {
	if o.spared() {
		return nil, nil
	}
	return o.spend(ctx, o.networks("starts network ", o.limits.StartsPerNetwork))
}

// networks are the budgets of the networks that the caller is in, narrowest first.
func (o *operation) networks(name string, rates []limit.Rate) []charge {
	var charges []charge
	for _, r := range limit.Networks(o.who.IP) {
		charges = append(charges, charge{name + o.hidden(r.Network), times(rates, r.Times)})
	}
	return charges
}

func times(rates []limit.Rate, n int) []limit.Rate {
	if n == 1 {
		return rates
	}
	more := make([]limit.Rate, len(rates))
	for i, r := range rates {
		more[i] = r.Times(n)
	}
	return more
}

// countSend charges a message: to the address, to its number range, to the
// caller's networks, and to the site.
func (o *operation) countSend(ctx context.Context, clientID, userID string, to gatelatch.Identifier) (*gatelatch.Refusal, error) {
	person, err := o.person(ctx, clientID, userID, to)
	if err != nil {
		return nil, err
	}
	charges := []charge{{"sends to " + person, o.limits.SendsPerIdentifier}}
	if prefix := identifier.Prefix(to); prefix != "" {
		charges = append(charges, charge{"sends prefix " + o.hidden(prefix), o.limits.SendsPerPrefix})
	}
	if o.spared() {
		return o.spend(ctx, charges)
	}
	charges = append(charges, o.networks("sends network ", o.limits.SendsPerNetwork)...)
	return o.spend(ctx, append(charges, charge{"sends site " + o.Site, o.limits.MessagesPerSite}))
}

// person names whose budget is drawn on: the address, or the address on this
// client when its user has signed in here before. So a stranger who spends the
// public budget does not lock the owner's own browser out.
func (o *operation) person(ctx context.Context, clientID, userID string, to gatelatch.Identifier) (string, error) {
	return o.onClient(ctx, o.hidden(string(to.Kind)+" "+to.Value), clientID, userID)
}

func (o *operation) onClient(ctx context.Context, name, clientID, userID string) (string, error) {
	if userID == "" {
		return name, nil
	}
	_, err := o.tx.ClientTrust(ctx, userID, clientID)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return name, nil
	}
	if err != nil {
		return "", fmt.Errorf("finding the client's trust: %w", err)
	}
	return name + " " + clientID, nil
}

// guess is one guess that may be judged: what it draws on if it is wrong.
type guess struct {
	budgets []budget
	streak  limit.Streak
	key     string // of the streak
	public  string // of the account's streak on clients that are not trusted
	refusal *gatelatch.Refusal
}

// beforeGuess finds who holds the address and whether a guess is left: in the
// hour, for the address; and in a row, for the account.
func (o *operation) beforeGuess(ctx context.Context, clientID string, to gatelatch.Identifier) (owner string, g guess, err error) {
	u, err := o.user(ctx, to)
	if err != nil {
		return "", g, err
	}
	g, err = o.openGuesses(ctx, clientID, u, to)
	return userID(u), g, err
}

// openGuesses is beforeGuess for an address whose holder is known, nil for
// nobody.
func (o *operation) openGuesses(ctx context.Context, clientID string, u *gatelatch.User, to gatelatch.Identifier) (guess, error) {
	person := o.hidden(string(to.Kind) + " " + to.Value)
	account := person
	if u != nil {
		account = o.hidden(u.ID)
	}
	return o.openGuess(ctx, guessing{
		budget: "guesses " + person, streak: "failures " + account, clientID: clientID, userID: userID(u), closed: refuseClosedToCodes,
	})
}

// guessing names what a guess draws on, for everybody: the user's own clients
// have rows of their own.
type guessing struct {
	budget, streak   string
	clientID, userID string
	closed           func() *gatelatch.Refusal
}

func (o *operation) openGuess(ctx context.Context, n guessing) (guess, error) {
	var g guess
	own, err := o.onClient(ctx, "", n.clientID, n.userID)
	if err != nil {
		return g, err
	}
	for _, rate := range o.limits.GuessesPerIdentifier {
		b, retryAfter, err := o.take(ctx, n.budget+own, rate)
		if err != nil {
			return g, err
		}
		if retryAfter > 0 {
			g.refusal = refuseTooMany(retryAfter)
			return g, o.putAll(ctx, mendedOnly(b))
		}
		g.budgets = append(g.budgets, b)
	}
	return g, o.openStreak(ctx, &g, n, own)
}

func mendedOnly(b budget) []budget {
	if b.changed {
		return []budget{b}
	}
	return nil
}

func (o *operation) openStreak(ctx context.Context, g *guess, n guessing, own string) error {
	g.key, g.public = n.streak+own, n.streak
	if err := o.counter(ctx, g.key, &g.streak); err != nil {
		return err
	}
	if !g.streak.Open(o.limits.FailuresInARow, o.env.Now) {
		g.refusal = n.closed()
	}
	return nil
}

func refuseClosedToCodes() *gatelatch.Refusal {
	return refusal(gatelatch.CodeTooManyRequests, "code",
		"Too many wrong codes were entered for this account. Sign in from a browser you have used before.")
}

// afterGuess writes a judged guess down: a wrong one is paid for, a right one
// ends the row of failures.
func (o *operation) afterGuess(ctx context.Context, g guess, before, after *Verification) error {
	if after.Attempts == before.Attempts {
		return nil
	}
	return o.settleGuess(ctx, g, after.Proven())
}

// settleGuess writes down what a guess has turned out to be.
func (o *operation) settleGuess(ctx context.Context, g guess, right bool) error {
	if right {
		return o.endStreaks(ctx, g)
	}
	if err := o.putAll(ctx, g.budgets); err != nil {
		return err
	}
	next := g.streak.Fail(o.env.Now)
	return o.putCounter(ctx, g.key, next, next.ExpireAt())
}

// endStreaks forgets the failures of an account. A success on the owner's own
// client opens the account elsewhere, too: that is how it is opened again.
func (o *operation) endStreaks(ctx context.Context, g guess) error {
	keys := []string{g.key}
	if g.public != g.key {
		keys = append(keys, g.public)
	}
	for _, key := range keys {
		if err := o.tx.DeleteCounter(ctx, key); err != nil {
			return fmt.Errorf("clearing a budget: %w", err)
		}
	}
	return nil
}

func refuseTooMany(wait time.Duration) *gatelatch.Refusal {
	r := refusal(gatelatch.CodeTooManyRequests, "", "There were too many requests. Please wait a little and try again.")
	r.RetryAfter = wait
	return r
}
