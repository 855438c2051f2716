// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// TestOneSessionTooManyEndsTheOldest: the one that has just begun never does.
func TestOneSessionTooManyEndsTheOldest(t *testing.T) {
	heard := &flowtest.Heard{}
	g := newGate(t, func(s *flow.Service) { s.Sessions = heard })
	u := g.AddUser(ada)
	first := signIn(t, g, g.Browser(), ada).Issued.Session
	for i := range flow.MaxSessions - 1 {
		s := first
		s.ID, s.TokenHash = fmt.Sprintf("sess_%d", i), sha256.Sum256(fmt.Append(nil, i))
		s.CreatedAt = first.CreatedAt.Add(time.Duration(i+1) * time.Second)
		g.Tx(func(ctx context.Context, tx flow.Tx) error { return tx.CreateSession(ctx, s) })
	}
	if len(heard.Forgotten()) > 0 {
		t.Fatal("ended too early")
	}
	g.Clock.Advance(time.Hour)
	last := signIn(t, g, g.Browser(), ada).Issued.Session
	if got := heard.Forgotten(); !slices.Equal(got, []string{first.ID}) {
		t.Errorf("forgotten are %d sessions", len(got))
	}
	g.Tx(func(ctx context.Context, tx flow.Tx) error {
		live, err := tx.Sessions(ctx, u.ID, g.Clock.Now(), 200)
		if len(live) != flow.MaxSessions || live[0].ID != last.ID {
			t.Errorf("%d live sessions", len(live))
		}
		over, err2 := tx.Session(ctx, first.ID)
		if over.Status != gatelatch.SessionRevoked {
			t.Errorf("the oldest is %s", over.Status)
		}
		if err == nil {
			err = err2
		}
		return err
	})
}
