// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestKilledUnderLoad ends the gate as a power cut would, again and again,
// while visitors sign up, in and out: nothing that anybody was told is lost, no
// code works twice, and messages that were promised go out.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	g := harness.Prepare(t, harness.Config{Directive: generous})
	l := newLedger()
	total := 0
	for round := range rounds {
		if err := g.Run(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		crowd(t, g, l, round)
		if err := g.Run(); err != nil {
			t.Fatalf("after round %d: %v", round, err)
		}
		arrivals := l.take()
		total += len(arrivals)
		for _, a := range arrivals {
			if err := holds(g, l, a); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			a.visitor.Close()
		}
		g.Kill()
	}
	t.Logf("%d arrivals and %d promised messages in %d rounds", total, len(l.promises), rounds)
	if total < rounds {
		t.Errorf("only %d arrivals, too few to tell anything", total)
	}
	promisesKept(t, g, l)
}

// crowd lets visitors come and go until the gate is killed at a random moment,
// some time after one of the first of them is in.
func crowd(t *testing.T, g *harness.Gate, l *ledger, round int) {
	var over atomic.Bool
	var workers sync.WaitGroup
	for w := range 6 {
		workers.Go(func() {
			for i := 0; !over.Load(); i++ {
				address := fmt.Sprintf("v%d-%d-%d@example.org", round, w, i)
				if known, ok := l.someone(w, rand.IntN); ok && rand.IntN(3) == 0 {
					address = known
				}
				if err := comeAndGo(g, l, w, address); err != nil && !over.Load() {
					t.Errorf("round %d: %s: %v", round, address, err)
				}
			}
		})
	}
	enough := 1 + rand.IntN(12)
	for end := time.Now().Add(harness.Patience); l.count() < enough && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond) // to be anywhere in what goes on
	over.Store(true)
	g.Kill()
	workers.Wait()
}

// comeAndGo signs a visitor in, and perhaps out, and writes down each answer as
// soon as it has come.
func comeAndGo(g *harness.Gate, l *ledger, worker int, address string) error {
	v := g.NewVisitor()
	n := len(g.Outbox.To(address))
	page, err := v.Ask("/home", address)
	if err != nil {
		return err
	}
	l.promise(promise{address, n + 1})
	code, err := enterNewest(v, page, address, n)
	if err != nil {
		return err
	}
	a := &arrival{worker: worker, visitor: v, address: address, page: page, code: code}
	l.arrive(a)
	if rand.IntN(2) == 0 {
		id, status, err := v.WhoAmI()
		if err != nil || id == nil {
			return fmt.Errorf("a fresh session got %d: %w", status, err)
		}
		if err := l.identified(a, id); err != nil {
			return err
		}
	}
	if rand.IntN(3) > 0 {
		return nil
	}
	a.state = leaving
	keep := v.Twin() // signing out takes the cookie away; what it was must not work
	session, client := v.Cookie(harness.SessionCookie), v.Cookie(harness.ClientCookie)
	if p, err := keep.SignOut(); err != nil || p.Status != 303 {
		return fmt.Errorf("signing out: %w", err)
	}
	v.SetCookie(harness.SessionCookie, session)
	v.SetCookie(harness.ClientCookie, client)
	a.state = left
	return nil
}

// enterNewest gives the code of the first message after n. A message from
// before the last crash may come once more in between; then it is the next.
func enterNewest(v *harness.Visitor, page *harness.Page, address string, n int) (string, error) {
	var refused error
	for range 3 {
		n++
		m, err := v.Gate.Find(address, n)
		if err != nil {
			return "", errors.Join(err, refused)
		}
		if _, refused = v.Enter(page, m.Code); refused == nil {
			return m.Code, nil
		}
	}
	return "", refused
}

// holds checks that an arrival is what its visitor was told.
func holds(g *harness.Gate, l *ledger, a *arrival) error {
	id, status, err := a.visitor.WhoAmI()
	switch {
	case err != nil:
		return err
	case a.state == live && id == nil:
		return fmt.Errorf("the session of %s is lost: %d", a.address, status)
	case a.state == left && id != nil:
		return fmt.Errorf("%s signed out and is in again", a.address)
	case id == nil && status != 401:
		return fmt.Errorf("without a session %s gets %d", a.address, status)
	}
	if id != nil {
		if err := l.identified(a, id); err != nil {
			return err
		}
	}
	return codeIsSpent(g, a)
}

// codeIsSpent gives the code of an arrival once more: to another browser it is
// worth nothing, and to its own at most the session that it has already.
func codeIsSpent(g *harness.Gate, a *arrival) error {
	stranger := g.NewVisitor()
	defer stranger.Close()
	fields := map[string]string{"code": a.code}
	p, err := stranger.Submit(a.page, "verify", fields)
	if err != nil {
		return fmt.Errorf("a stranger with a spent code: %w", err)
	}
	if p.Status < 400 || stranger.Cookie(harness.SessionCookie) != "" {
		return fmt.Errorf("%s: a stranger with a spent code got %d", a.address, p.Status)
	}
	own := a.visitor.Twin()
	defer own.Close()
	before := own.Cookie(harness.SessionCookie)
	own.SetCookie(harness.SessionCookie, "")
	if _, err := own.Submit(a.page, "verify", fields); err != nil {
		return err
	}
	after := own.Cookie(harness.SessionCookie)
	if after != "" && after != before {
		return fmt.Errorf("%s: one code, two sessions", a.address)
	}
	if after != "" && a.state == left {
		return fmt.Errorf("%s: a spent code undid the sign-out", a.address)
	}
	return nil
}

// promisesKept waits for every message that somebody was told of. One that was
// in hand when the gate was killed is tried again when its claim has lapsed.
func promisesKept(t *testing.T, g *harness.Gate, l *ledger) {
	t.Helper()
	if err := g.Run(); err != nil {
		t.Fatal(err)
	}
	for _, p := range l.promises {
		if _, err := g.Outbox.FindWithin(p.address, p.n, 3*time.Minute); err != nil {
			t.Error(err)
			return // one is enough to see, and each takes its time
		}
	}
}
