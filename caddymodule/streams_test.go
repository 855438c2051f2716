// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/caddymodule"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
)

// ours is a database that says whether other processes write to it.
type ours struct {
	store.Store
	shared bool
}

func (o ours) Shared() bool { return o.shared }

// TestStreamsOfAnotherProcess has another process end a session that has a
// stream open here. Only where there can be such a process is it looked for.
func TestStreamsOfAnotherProcess(t *testing.T) {
	for name, shared := range map[string]bool{"of many processes": true, "of this process": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys, err := gatelatch.DeriveKeys([]byte("0123456789abcdef0123456789abcdef"))
				if err != nil {
					t.Fatal(err)
				}
				db := ours{memory.New(), shared}
				m, end, err := caddymodule.OpenStore(t.Context(), db, keys)
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := end(); err != nil {
						t.Error(err)
					}
				}()
				ctx, cut := context.WithCancel(t.Context())
				defer cut()
				defer m.Streams.Attach(stranger(t, db, session.Tokens{Key: keys.Token}), time.Now().Add(time.Hour), cut)()
				time.Sleep(time.Minute)
				if ctx.Err() != nil {
					t.Fatal("a live session's stream was cut")
				}
				if err := db.EndSession(t.Context(), "sess_1", gatelatch.SessionRevoked, time.Now()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5*time.Second + time.Millisecond)
				if over := ctx.Err() != nil; over != shared {
					t.Errorf("cut: %v", over)
				}
			})
		})
	}
}

// stranger writes a session that another process has made.
func stranger(t *testing.T, db store.Store, tokens session.Tokens) (id string) {
	t.Helper()
	now := time.Now()
	c := gatelatch.Client{ID: "client_1", TokenHash: tokens.New(session.ClientToken).Hash(), CreatedAt: now, ExpireAt: now.Add(time.Hour)}
	s := gatelatch.Session{
		ID: "sess_1", UserID: "user_1", ClientID: c.ID, TokenHash: tokens.ForSession("sess_1").Hash(), Status: gatelatch.SessionActive,
		Strategy: gatelatch.EmailCode, FirstAt: now, CreatedAt: now, LastActiveAt: now, ExpireAt: now.Add(time.Hour),
	}
	err := db.InTx(t.Context(), func(tx flow.Tx) error {
		for _, step := range []func() error{
			func() error { return tx.CreateUser(t.Context(), gatelatch.User{ID: "user_1", CreatedAt: now}) },
			func() error { return tx.CreateClient(t.Context(), c) },
			func() error { return tx.CreateSession(t.Context(), s) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.ID
}

// TestStreamsEndWithTheirToken: a token that is good for a minute holds nothing open
// for longer.
func TestStreamsEndWithTheirToken(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	session := now.Add(time.Hour)
	for token, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, time.Hour: time.Hour, 24 * time.Hour: time.Hour} {
		if got := caddymodule.StreamEnd(session, now.Add(token)); !got.Equal(now.Add(want)) {
			t.Errorf("a token of %v: %v", token, got.Sub(now))
		}
	}
}
