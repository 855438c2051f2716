// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/limit"
)

// Unlock forgets the wrong guesses at an account: the rows of failures that have
// closed it, and what was guessed in the hour, for everybody and in the browsers
// that the user has signed in with. It is for operators, and does not say
// whether there was anything to forget.
func (s *Service) Unlock(ctx context.Context, tx Tx, u gatelatch.User) error {
	trusts, err := tx.ClientTrusts(ctx, u.ID)
	if err != nil {
		return fmt.Errorf("finding the user's browsers: %w", err)
	}
	o := &operation{Service: s, tx: tx, limits: s.Limits.WithDefaults()}
	suffixes := []string{""}
	for _, t := range trusts {
		suffixes = append(suffixes, " "+t.ClientID)
	}
	for _, key := range o.guessKeys(u, suffixes) {
		if err := tx.DeleteCounter(ctx, key); err != nil {
			return fmt.Errorf("clearing a budget: %w", err)
		}
	}
	return nil
}

// guessKeys returns the counters that guesses at an account are written to, in
// one order.
func (o *operation) guessKeys(u gatelatch.User, suffixes []string) []string {
	var keys []string
	for _, suffix := range suffixes {
		keys = append(keys, failureKeys(o.hidden(u.ID)+suffix)...)
	}
	names := []string{"guesses " + o.hidden(u.ID), "passwords " + o.hidden(u.ID)}
	for _, a := range u.Addresses {
		person := o.hidden(string(a.Kind) + " " + a.Value)
		names = append(names, "guesses "+person, "passwords "+person)
	}
	for _, name := range names {
		for _, suffix := range suffixes {
			keys = append(keys, rateKeys(name+suffix, o.limits.GuessesPerIdentifier)...)
		}
	}
	slices.Sort(keys)
	return keys
}

// failureKeys are the rows of failures under a name.
func failureKeys(name string) []string {
	return []string{"failures " + name, "password failures " + name, "second failures " + name}
}

func rateKeys(name string, rates []limit.Rate) []string {
	keys := make([]string, 0, len(rates))
	for _, r := range rates {
		keys = append(keys, name+" "+r.Window.String())
	}
	return keys
}
