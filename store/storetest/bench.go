// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// callers is how many visitors the concurrent benchmarks have.
const callers = 64

// Bench measures the transaction that ends a sign-in, with one visitor and
// with many, the read of a cold session, and what a program reads of a client each
// time it asks. open returns an empty store.
func Bench(b *testing.B, open func(testing.TB) store.Store) {
	s := open(b)
	b.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	household(b, s)
	for i := range callers {
		must(b, s, create(clientOf(fmt.Sprint(i))), putSignIn(halfway(i)))
	}
	must(b, s, begin(sessionOf("cold", "x", "a")))
	var n atomic.Uint64
	b.Run("sign-in/1", func(b *testing.B) {
		for b.Loop() {
			benchSignIn(b, s, 0, n.Add(1))
		}
		perSecond(b)
	})
	b.Run(fmt.Sprintf("sign-in/%d", callers), func(b *testing.B) {
		var caller atomic.Int64
		b.SetParallelism(callers / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			me := int(caller.Add(1)-1) % callers
			for pb.Next() {
				benchSignIn(b, s, me, n.Add(1))
			}
		})
		perSecond(b)
	})
	b.Run("principal", func(b *testing.B) {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		for b.Loop() {
			if _, err := s.PrincipalByTokenHash(ctx, hashOf("session cold")); err != nil {
				b.Fatal(err)
			}
		}
	})
	benchClient(b, s)
}

// benchClient reads a client with three sessions and twenty sign-ins.
func benchClient(b *testing.B, s store.Store) {
	must(b, s, create(clientOf("busy")))
	for i := range 20 {
		must(b, s, putSignIn(signInOf("busy"+name(i), "busy", time.Hour, i%4 == 0)))
	}
	for i := range 3 {
		must(b, s, begin(sessionOf("busy"+name(i), "x", "busy")))
	}
	b.Run("principals by client", func(b *testing.B) {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		for b.Loop() {
			_, all, err := s.PrincipalsByClient(ctx, hashOf("client busy"), 10)
			if err != nil || len(all) != 3 {
				b.Fatal(len(all), err)
			}
		}
	})
	b.Run("latest sign-in", func(b *testing.B) {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		for b.Loop() {
			err := s.InReadTx(ctx, func(tx flow.Tx) error {
				_, err := tx.LatestSignIn(ctx, "client_busy", false, now)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
}

// halfway is a sign-in whose code has been sent.
func halfway(i int) flow.SignIn {
	a := flow.NewSignIn(fmt.Sprintf("sia_%d", i), fmt.Sprintf("client_%d", i), now)
	f := flow.Factor{Strategy: gatelatch.EmailCode, AddressID: "idn_x_0", To: email(1), Display: "user1@example.com"}
	a.Status, a.Identifier, a.Factors = flow.NeedsFirstFactor, f.To, []flow.Factor{f}
	a.First = &flow.Verification{
		Factor: f, Status: flow.Unverified, Nonce: make([]byte, 16), Sends: 1, SentAt: now, ExpireAt: now.Add(10 * time.Minute),
	}
	return a
}

// benchSignIn reads a client, reads and writes its attempt, and adds a session
// and a counter.
func benchSignIn(b *testing.B, s store.Store, caller int, n uint64) {
	sess := sessionOf(fmt.Sprint(n), "x", fmt.Sprint(caller))
	sess.TokenHash = sha256.Sum256(binary.BigEndian.AppendUint64(nil, n))
	ctx := b.Context()
	err := s.InTx(ctx, func(tx flow.Tx) error {
		if _, err := tx.ClientByTokenHash(ctx, clientOf(fmt.Sprint(caller)).TokenHash); err != nil {
			return err
		}
		a, err := tx.SignIn(ctx, fmt.Sprintf("sia_%d", caller))
		if err != nil {
			return err
		}
		a.First.Attempts++
		if err := tx.PutSignIn(ctx, a); err != nil {
			return err
		}
		if err := tx.CreateSession(ctx, sess); err != nil {
			return err
		}
		return tx.PutCounter(ctx, fmt.Sprintf("guesses %d", caller), []byte("12345678"), now)
	})
	if err != nil {
		b.Error(err)
	}
}
