// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/store/memory"
)

// world is an operator in front of a gate on a store in memory.
type world struct {
	*admin.Service
	t    *testing.T
	gate *flowtest.Gate
	// ended are the sessions that this process was told to forget, and changed the
	// users whose sessions are to be looked up again.
	mu             sync.Mutex
	ended, changed []string
}

func (w *world) Forget(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = append(w.ended, ids...)
}

func (w *world) Refresh(userID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed = append(w.changed, userID)
}

func newWorld(t *testing.T, options ...func(*flow.Service)) *world {
	t.Helper()
	w := &world{t: t}
	st := memory.New()
	keys, err := gatelatch.DeriveKeys(slices.Repeat([]byte{7}, gatelatch.SiteSecretSize))
	if err != nil {
		t.Fatal(err)
	}
	options = append([]func(*flow.Service){func(s *flow.Service) {
		s.Keys, s.Sessions, s.Policy.Password = keys, w, flow.Optional
	}}, options...)
	w.gate = flowtest.New(t, st, options...)
	w.Service = &admin.Service{Repo: st, Flow: w.gate.Service}
	return w
}

// user makes a user, as an operator does.
func (w *world) user(email string) *admin.UserView {
	w.t.Helper()
	u, no, err := w.Create(w.t.Context(), admin.Person{EmailAddresses: []string{email}})
	w.accepted(no, err)
	return u
}

// signedIn gives a user a live session.
func (w *world) signedIn(u *admin.UserView, id string) {
	w.t.Helper()
	ctx, now := w.t.Context(), w.gate.Clock.Now()
	w.tx(func(tx flow.Tx) error {
		c := gatelatch.Client{ID: "client_" + id, CreatedAt: now, ExpireAt: now.AddDate(1, 0, 0)}
		copy(c.TokenHash[:], id)
		if err := tx.CreateClient(ctx, c); err != nil {
			return err
		}
		s := gatelatch.Session{
			ID: id, UserID: u.ID, ClientID: c.ID, Status: gatelatch.SessionActive, Strategy: gatelatch.EmailCode,
			CreatedAt: now, LastActiveAt: now, ExpireAt: now.AddDate(0, 0, 7),
		}
		copy(s.TokenHash[:], "s"+id)
		return tx.CreateSession(ctx, s)
	})
}

func (w *world) tx(fn func(flow.Tx) error) {
	w.t.Helper()
	if err := w.Repo.InTx(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) accepted(no *gatelatch.Refusal, err error) {
	w.t.Helper()
	if no != nil {
		w.t.Fatalf("refused: %s: %s", no.Code, no.Message)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused checks that an operation was refused in words that end as sentences
// do.
func (w *world) refused(code gatelatch.Code, no *gatelatch.Refusal, err error) {
	w.t.Helper()
	switch {
	case err != nil:
		w.t.Fatal(err)
	case no == nil:
		w.t.Fatalf("accepted, want %s", code)
	case no.Code != code || !strings.HasSuffix(no.Message, "."):
		w.t.Errorf("refused as %s %q, want %s", no.Code, no.Message, code)
	}
}

// imported runs an import and returns what became of each line.
func (w *world) imported(lines ...string) []admin.Imported {
	w.t.Helper()
	var done []admin.Imported
	err := w.Import(context.Background(), strings.NewReader(strings.Join(lines, "\n")), func(i admin.Imported) error {
		done = append(done, i)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}
