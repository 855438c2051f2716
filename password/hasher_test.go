// SPDX-License-Identifier: Apache-2.0

package password_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
)

// cheap are costs for tests, which are about something else.
var cheap = password.Params{Memory: 64, Iterations: 1, Parallelism: 1}

func mustHash(t testing.TB, h *password.Hasher, plain gatelatch.Secret) string {
	t.Helper()
	stored, err := h.Hash(context.Background(), plain)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func mustVerify(t testing.TB, h *password.Hasher, stored string, plain gatelatch.Secret) password.Verdict {
	t.Helper()
	v, err := h.Verify(context.Background(), stored, plain)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHashAndVerify(t *testing.T) {
	h := password.NewHasher(password.Params{}, 0, 0)
	stored := mustHash(t, h, "correct horse")
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not a PHC string of the default costs: %s", stored)
	}
	if strings.Contains(stored, "horse") || stored == mustHash(t, h, "correct horse") {
		t.Error("a hash is salted and hides the password")
	}
	for plain, want := range map[gatelatch.Secret]bool{
		"correct horse": true, "Correct horse": false, "correct horse ": false, "": false, "correct hors": false,
	} {
		if v := mustVerify(t, h, stored, plain); v.Match != want || v.Outdated {
			t.Errorf("%q: %+v", plain.Reveal(), v)
		}
	}
	if ok, err := argon2id.ComparePasswordAndHash("correct horse", stored); !ok || err != nil {
		t.Errorf("another program cannot read it: %v, %v", ok, err)
	}
}

func TestOneAccentTypedTwoWaysIsOnePassword(t *testing.T) {
	h := password.NewHasher(cheap, 1, 1)
	stored := mustHash(t, h, "cafe\u0301 au lait \ufb01n")
	for _, plain := range []gatelatch.Secret{"cafe\u0301 au lait \ufb01n", "caf\u00e9 au lait fin", "cafe\u0301 au lait fin"} {
		if !mustVerify(t, h, stored, plain).Match {
			t.Errorf("%q is another password", plain.Reveal())
		}
	}
	if mustVerify(t, h, stored, "cafe au lait fin").Match {
		t.Error("an accent counts for nothing")
	}
}

func TestNothingStoredMatchesNothing(t *testing.T) {
	h := password.NewHasher(cheap, 1, 1)
	for _, plain := range []gatelatch.Secret{"", "a", "correct horse", gatelatch.Secret(make([]byte, 32))} {
		if v := mustVerify(t, h, "", plain); v.Match || v.Outdated {
			t.Errorf("%q: %+v", plain.Reveal(), v)
		}
	}
}

// The dummy is a hash of the same costs: the same work is counted whether there
// is a password or not.
func TestTheDummyCostsTheSame(t *testing.T) {
	h := password.NewHasher(cheap, 1, 1)
	stored := mustHash(t, h, "correct horse")
	var work atomic.Int32
	h.Around(func() { work.Add(1) })
	for _, s := range []string{stored, ""} {
		work.Store(0)
		mustVerify(t, h, s, "wrong")
		if work.Load() != 1 {
			t.Errorf("%d comparisons", work.Load())
		}
	}
	if mustVerify(t, h, "", "anything").Match {
		t.Error("the dummy matches when the comparison says so")
	}
}

func TestOutdated(t *testing.T) {
	now := password.Params{Memory: 128, Iterations: 2, Parallelism: 2}
	h := password.NewHasher(now, 1, 1)
	for _, row := range []struct {
		made     password.Params
		outdated bool
	}{
		{now, false},
		{password.Params{Memory: 64, Iterations: 2, Parallelism: 2}, true},
		{password.Params{Memory: 128, Iterations: 1, Parallelism: 2}, true},
		{password.Params{Memory: 128, Iterations: 2, Parallelism: 1}, true},
		{password.Params{Memory: 256, Iterations: 1, Parallelism: 2}, true},
		{password.Params{Memory: 256, Iterations: 3, Parallelism: 4}, false},
	} {
		stored := mustHash(t, password.NewHasher(row.made, 1, 1), "correct horse")
		if v := mustVerify(t, h, stored, "correct horse"); !v.Match || v.Outdated != row.outdated {
			t.Errorf("%+v: %+v", row.made, v)
		}
	}
}

// Two hundred come at once: as many as there are workers work, a bounded number
// waits, and the rest is told so.
func TestHashesAtOnceAreBounded(t *testing.T) {
	const workers, waiting, guests = 3, 7, 200
	h := password.NewHasher(cheap, workers, waiting)
	stored := mustHash(t, h, "correct horse")
	var inside, most, refused atomic.Int32
	full, open := make(chan struct{}), make(chan struct{})
	h.Around(func() {
		n := inside.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-open
		inside.Add(-1)
	})
	var wg sync.WaitGroup
	for i := range guests {
		wg.Go(func() {
			leave, err := h.Enter()
			if err != nil {
				if !errors.Is(err, password.ErrBusy) {
					t.Error(err)
				}
				if refused.Add(1) == guests-workers-waiting {
					close(full)
				}
				return
			}
			defer leave()
			if i%2 == 0 {
				_, err = h.Hash(context.Background(), "correct horse")
			} else {
				_, err = h.Verify(context.Background(), stored, "correct horse")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	<-full // all others were refused while those inside still work
	close(open)
	wg.Wait()
	if most.Load() > workers || most.Load() < 1 {
		t.Errorf("%d hashes at once with %d workers", most.Load(), workers)
	}
	if refused.Load() != guests-workers-waiting {
		t.Errorf("%d were refused", refused.Load())
	}
	leave, err := h.Enter()
	if err != nil {
		t.Fatalf("the queue is empty, and yet: %v", err)
	}
	leave()
}

func TestLeavingTwiceGivesBackOnePlace(t *testing.T) {
	h := password.NewHasher(cheap, 1, -1)
	leave, err := h.Enter()
	if err != nil {
		t.Fatal(err)
	}
	leave()
	leave()
	if _, err := h.Enter(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Enter(); !errors.Is(err, password.ErrBusy) {
		t.Errorf("the second of one place: %v", err)
	}
}

func TestWhoeverWaitsMayGiveUp(t *testing.T) {
	h := password.NewHasher(cheap, 1, 1)
	stored := mustHash(t, h, "correct horse")
	begun, open := make(chan struct{}), make(chan struct{})
	h.Around(func() { close(begun); <-open })
	done := make(chan error)
	go func() {
		_, err := h.Hash(context.Background(), "correct horse")
		done <- err
	}()
	<-begun
	inner, cancel := context.WithCancel(context.Background())
	ctx := &watched{Context: inner, asked: make(chan struct{})}
	waiting := make(chan error)
	go func() {
		_, err := h.Verify(ctx, stored, "correct horse")
		waiting <- err
	}()
	<-ctx.asked
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("gave up, and got %v", err)
	}
	if _, err := h.Hash(ctx, "correct horse"); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that is over got %v", err)
	}
	close(open)
	if err := <-done; err != nil {
		t.Errorf("whoever was there first: %v", err)
	}
	h.Around(func() { t.Error("work is done for a request that is over") })
	for range 32 { // a core is free, and taking it must not be a matter of chance
		_, _ = h.Hash(inner, "correct horse")
	}
}

// watched tells when somebody begins to wait for its end.
type watched struct {
	context.Context
	once  sync.Once
	asked chan struct{}
}

func (w *watched) Done() <-chan struct{} {
	w.once.Do(func() { close(w.asked) })
	return w.Context.Done()
}

func TestParamsThatAreRefused(t *testing.T) {
	for _, p := range []password.Params{
		{},
		{Memory: 64, Iterations: 1},
		{Memory: 64, Parallelism: 1},
		{Memory: 7, Iterations: 1, Parallelism: 1},
		{Memory: 257 << 10, Iterations: 1, Parallelism: 1},
		{Memory: 64, Iterations: 1 << 31, Parallelism: 1},
		{Memory: 1 << 20, Iterations: 1, Parallelism: 17},
		{Memory: 256 << 10, Iterations: 5, Parallelism: 1},
	} {
		if p.Check() == nil {
			t.Errorf("%+v would be used", p)
		}
	}
	for _, p := range []password.Params{cheap, password.DefaultParams(), {Memory: 256 << 10, Iterations: 4, Parallelism: 16}} {
		if err := p.Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// TestATurnIsWaitedForNoLongerThanTheRequestLasts, and whoever is not served in
// time is told so in the words of a full queue.
func TestATurnIsWaitedForNoLongerThanTheRequestLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := password.NewHasher(cheap, 2, 0)
		var turns []func()
		for range 8 {
			done, err := h.Turn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			turns = append(turns, done)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := h.Turn(ctx); !errors.Is(err, password.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the ninth of two cores got %v", err)
		}
		turns[0]()
		turns[0]()
		if _, err := h.Turn(t.Context()); err != nil {
			t.Errorf("one is over, and yet: %v", err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := h.Turn(gone); !errors.Is(err, context.Canceled) || errors.Is(err, password.ErrBusy) {
			t.Errorf("a request that is over got %v", err)
		}
	})
}

// TestACoreThatDoesNotComeInTimeIsABusyMachine, not a failure of it.
func TestACoreThatDoesNotComeInTimeIsABusyMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := password.NewHasher(cheap, 1, 1)
		stored := mustHash(t, h, "correct horse")
		open := make(chan struct{})
		h.Around(func() { <-open })
		done := make(chan error)
		go func() {
			_, err := h.Hash(t.Context(), "correct horse")
			done <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := h.Verify(ctx, stored, "correct horse"); !errors.Is(err, password.ErrBusy) {
			t.Errorf("a comparison got %v", err)
		}
		if _, err := h.Hash(ctx, "correct horse"); !errors.Is(err, password.ErrBusy) {
			t.Errorf("a hash got %v", err)
		}
		close(open)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
