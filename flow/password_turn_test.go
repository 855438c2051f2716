// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

// oneCore hashes one password at a time, and lets many wait.
func oneCore(s *flow.Service) {
	s.Hasher = password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, 100)
}

// TestAGuessThatGetsNoTurnIsNotCounted: on a machine that has too much to do it is
// told to come back, and nobody but the machine is to blame.
func TestAGuessThatGetsNoTurnIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &observer{}
		p := newPerson(t, oneCore, func(s *flow.Service) { s.Observer = seen })
		id := begin(t, p.Gate, p.home, ada)
		leave := takeAllTurns(t, p.Hasher)
		mark, heard := p.Store.Mark(), len(seen.all)
		for name, guess := range map[string]func() error{
			"a guess": func() error { _, err := p.AttemptPassword(ctx(), p.home, id, "wrong"); return err },
			"one with the address": func() error {
				_, err := p.CreateSignIn(ctx(), p.home, flow.SignInParams{Identifier: ada, Password: "wrong"})
				return err
			},
			"one of an app's users": func() error { _, err := p.CheckPassword(ctx(), p.user.ID, "wrong"); return err },
		} {
			if err := guess(); !errors.Is(err, password.ErrBusy) {
				t.Errorf("%s got %v", name, err)
			}
		}
		if len(p.Store.Since(mark)) != 0 || len(seen.all) != heard {
			t.Error("something was counted, or told as a failure")
		}
		leave()
		wantStatus(t, p.give(t, p.home, id, secretWords), flow.SignInComplete)
	})
}

// takeAllTurns leaves nobody else a turn.
func takeAllTurns(t *testing.T, h *password.Hasher) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var all []func()
	for {
		done, err := h.Turn(ctx)
		if err != nil {
			break
		}
		all = append(all, done)
	}
	return func() {
		for _, done := range all {
			done()
		}
	}
}

// slow is a store whose every commit takes as long, and then goes well.
type slow struct {
	flow.Repo
	commit time.Duration
}

func (s slow) InTx(ctx context.Context, fn func(flow.Tx) error) error {
	err := s.Repo.InTx(ctx, fn)
	time.Sleep(s.commit)
	return err
}

// TestAGuessThatIsCountedIsJudged, however long all of it takes.
func TestAGuessThatIsCountedIsJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPerson(t, oneCore)
		id := begin(t, p.Gate, p.home, ada)
		p.Repo = slow{p.Store, 14 * time.Second}
		wantCode(t, p.give(t, p.home, id, "wrong"), gatelatch.CodePasswordIncorrect)
		wantStatus(t, p.give(t, p.home, id, secretWords), flow.SignInComplete)
		p.Repo = slow{p.Store, 16 * time.Second}
		id = begin(t, p.Gate, p.home, ada)
		wantCode(t, p.give(t, p.home, id, "wrong"), gatelatch.CodePasswordIncorrect)
		if r, err := p.CheckPassword(ctx(), p.user.ID, "wrong"); err != nil || r == nil || r.Code != gatelatch.CodePasswordWrong {
			t.Errorf("a guess for an app: %v, %v", r, err)
		}
	})
}
