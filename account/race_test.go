// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// What counts on many requests being under way at once is told to each store.

func TestRacesOnMemory(t *testing.T) {
	races(t, func(testing.TB) store.Store { return memory.New() })
}

func TestRacesOnSQLite(t *testing.T) {
	races(t, func(t testing.TB) store.Store {
		return opened(t)(sqlite.Open(filepath.Join(t.TempDir(), "gate.db")))
	})
}

func TestRacesOnPostgres(t *testing.T) {
	races(t, func(t testing.TB) store.Store { return opened(t)(postgres.Open(pgtest.Start(t))) })
}

// opened migrates a store and closes it after the test.
func opened(t testing.TB) func(store.Store, error) store.Store {
	return func(st store.Store, err error) store.Store {
		t.Helper()
		if err == nil {
			err = st.Migrate(context.Background())
		}
		if err != nil {
			t.Fatalf("opening the store: %v", err)
		}
		t.Cleanup(func() {
			if err := st.Close(); err != nil {
				t.Errorf("closing the store: %v", err)
			}
		})
		return st
	}
}

func races(t *testing.T, open func(testing.TB) store.Store) {
	for name, run := range map[string]func(*testing.T, *world){
		"one address for two users":          oneAddressForTwo,
		"the last addresses from both sides": lastFromBothSides,
		"one code many times":                oneCodeManyTimes,
		"wrong codes at once":                wrongCodesAtOnce,
		"one app confirmed many times":       oneAppManyTimes,
		"two passwords at once":              twoPasswords,
	} {
		t.Run(name, func(t *testing.T) { run(t, newWorldOn(t, open(t))) })
	}
}

// atOnce runs fn n times at once.
func atOnce(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			fn(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// verdicts collects what became of requests at once.
type verdicts struct {
	mu     sync.Mutex
	counts map[gatelatch.Code]int
	errs   []error
}

func (v *verdicts) add(r *gatelatch.Refusal, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.counts == nil {
		v.counts = map[gatelatch.Code]int{}
	}
	if err != nil {
		v.errs = append(v.errs, err)
		return
	}
	v.counts[code(r)]++
}

func (v *verdicts) want(t *testing.T, want map[gatelatch.Code]int) {
	t.Helper()
	if len(v.errs) > 0 {
		t.Fatalf("machines failed: %v", v.errs)
	}
	for c, n := range want {
		if v.counts[c] != n {
			t.Errorf("answered %v, want %v", v.counts, want)
			return
		}
	}
}

func oneAddressForTwo(t *testing.T, w *world) {
	people := []person{w.person(t, ada), w.person(t, bob)}
	var changes, codes [2]string
	for i, p := range people {
		c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
		p.fine(r, err)
		changes[i], codes[i] = c.ID, w.g.Code(c.ID)
	}
	var v verdicts
	atOnce(2, func(i int) {
		_, r, err := w.Confirm(ctx(), people[i].Actor, changes[i], codes[i])
		v.add(r, err)
	})
	v.want(t, map[gatelatch.Code]int{"": 1, gatelatch.CodeExists: 1})
	if n := len(people[0].user().Addresses) + len(people[1].user().Addresses); n != 3 {
		t.Errorf("%d addresses", n)
	}
}

func lastFromBothSides(t *testing.T, w *world) {
	p := w.person(t, ada)
	p.add(flow.AddAddress, fresh)
	q := w.signIn(t, p.id)
	ids := []string{p.address(ada), p.address(fresh)}
	var v verdicts
	atOnce(2, func(i int) { v.add(w.RemoveAddress(ctx(), []person{p, q}[i].Actor, ids[i])) })
	v.want(t, map[gatelatch.Code]int{"": 1, gatelatch.CodeLastIdentifier: 1})
	if u := p.user(); len(u.Addresses) != 1 || !u.Addresses[0].Primary {
		t.Errorf("left are %d addresses", len(u.Addresses))
	}
}

func oneCodeManyTimes(t *testing.T, w *world) {
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	typed := w.g.Code(c.ID)
	var v verdicts
	atOnce(20, func(int) {
		_, r, err := w.Confirm(ctx(), p.Actor, c.ID, typed)
		v.add(r, err)
	})
	v.want(t, map[gatelatch.Code]int{"": 20})
	if n := len(w.notices()); len(p.user().Addresses) != 2 || n != 2 {
		t.Errorf("%d addresses, %d notices", len(p.user().Addresses), n)
	}
}

func wrongCodesAtOnce(t *testing.T, w *world) {
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	right := w.g.Code(c.ID)
	var v verdicts
	atOnce(40, func(int) {
		_, r, err := w.Confirm(ctx(), p.Actor, c.ID, "000000")
		v.add(r, err)
	})
	if right != "000000" {
		v.want(t, map[gatelatch.Code]int{gatelatch.CodeIncorrect: 4, gatelatch.CodeFailed: 36})
	}
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, right)
	p.wants(gatelatch.CodeFailed, r, err)
}

func oneAppManyTimes(t *testing.T, w *world) {
	p := w.person(t, ada)
	e, r, err := w.StartTOTP(ctx(), p.Actor)
	p.fine(r, err)
	shown := p.shows(e)
	var v verdicts
	var mu sync.Mutex
	sets := 0
	atOnce(10, func(int) {
		codes, r, err := w.ConfirmTOTP(ctx(), p.Actor, shown)
		v.add(r, err)
		mu.Lock()
		defer mu.Unlock()
		if len(codes) > 0 {
			sets++
		}
	})
	v.want(t, map[gatelatch.Code]int{"": 1, gatelatch.CodeStateInvalid: 9})
	if sets != 1 {
		t.Errorf("%d sets of backup codes", sets)
	}
}

func twoPasswords(t *testing.T, w *world) {
	p := w.person(t, ada)
	q := w.signIn(t, p.id)
	plains := []gatelatch.Secret{good, "another good long sentence"}
	var v verdicts
	atOnce(2, func(i int) { v.add(w.SetPassword(ctx(), []person{p, q}[i].Actor, plains[i])) })
	v.want(t, map[gatelatch.Code]int{"": 1, gatelatch.CodeForbidden: 1})
	live := 0
	for i, who := range []person{p, q} {
		if who.session().Status == gatelatch.SessionActive {
			live++
			if !who.holds(plains[i]) {
				t.Error("the password is the other one's")
			}
		}
	}
	if live != 1 {
		t.Errorf("%d sessions live", live)
	}
}
