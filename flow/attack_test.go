// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

// Attacks that count on many requests being under way at once. They are told
// to each of the stores, since each has its own way of keeping them apart.

func TestAttacksOnMemory(t *testing.T) {
	attacks(t, func(testing.TB) store.Store { return memory.New() })
}

func TestAttacksOnSQLite(t *testing.T) {
	attacks(t, func(t testing.TB) store.Store {
		return opened(t)(sqlite.Open(filepath.Join(t.TempDir(), "gate.db")))
	})
}

func TestAttacksOnPostgres(t *testing.T) {
	attacks(t, func(t testing.TB) store.Store { return opened(t)(postgres.Open(pgtest.Start(t))) })
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

func attacks(t *testing.T, open func(testing.TB) store.Store) {
	for _, a := range []struct {
		name string
		run  func(*testing.T, *flowtest.Gate)
	}{
		{"1000 wrong codes at once", thousandWrongCodes},
		{"1000 wrong codes at once from 250 browsers", thousandFromManyBrowsers},
		{"50 right codes at once", fiftyRightCodes},
		{"right and wrong codes at once", rightAmongWrong},
		{"a crowd signs up with one address", crowdSignsUp},
		{"one browser transfers many times at once", manyTransfersToSignUp},
		{"a crowd transfers one address at once", crowdTransfers},
		{"one browser hands over many times at once", manyTransfersToSignIn},
		{"messages to one address at once", messagesAtOnce},
		{"a new browser does everything at once", newBrowserAtOnce},
		{"100 wrong passwords at once", wrongPasswordsAtOnce},
		{"the right password at once", rightPasswordsAtOnce},
		{"50 right second codes at once", oneSecondStepAtOnce},
		{"50 attempts with one backup code", oneBackupCodeEverywhere},
		{"50 attempts with one code of an app", oneAppCodeEverywhere},
		{"50 browsers with one sign-in token", oneTicketEverywhere},
		{"50 requests of one browser with one sign-in token", oneTicketManyTimes},
		{"50 browsers with one invitation", oneInvitationEverywhere},
		{"20 sign-ins in one browser that holds one session", oneBrowserSignsInAtOnce},
		{"24 sign-ins in one browser that holds several", oneBrowserHoldsTen},
	} {
		t.Run(a.name, func(t *testing.T) { a.run(t, flowtest.New(t, open(t), roomy)) })
	}
}

// roomy leaves only the limits on guesses, so that they are tested alone.
func roomy(s *flow.Service) {
	off := []limit.Rate{{}}
	s.Limits = limit.Policy{SendsPerIdentifier: off, SendsPerNetwork: off, StartsPerNetwork: off, MessagesPerSite: off}
}

// atOnce runs n operations that begin together and returns their outcomes.
func atOnce(t *testing.T, n int, do func(i int) (flow.Outcome, error)) []flow.Outcome {
	t.Helper()
	outs, errs := make([]flow.Outcome, n), make([]error, n)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-begin
			outs[i], errs[i] = do(i)
		})
	}
	close(begin)
	done.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatalf("a machine failed: %v", err)
		}
	}
	return outs
}

// judgedIn counts the outcomes whose guess was looked at and found wrong.
func judgedIn(outs []flow.Outcome) int {
	n := 0
	for _, out := range outs {
		if code(out.Refusal) == gatelatch.CodeIncorrect {
			n++
		}
	}
	return n
}

func attemptsOf(t *testing.T, g *flowtest.Gate, who flow.Caller, id string) int {
	t.Helper()
	return check(t)(g.SignIn(ctx(), who, id)).SignIn.First.Attempts
}

func thousandWrongCodes(t *testing.T, g *flowtest.Gate) {
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	right := g.Code(id)
	wrong := flowtest.Wrong(right)
	outs := atOnce(t, 1000, func(int) (flow.Outcome, error) { return g.AttemptFirstFactor(ctx(), who, id, "", wrong) })
	// The fifth wrong guess is answered like all that follow it, as failed.
	if n := judgedIn(outs); n != 4 {
		t.Errorf("%d answered as incorrect", n)
	}
	if n := attemptsOf(t, g, who, id); n != 5 {
		t.Errorf("%d judged", n)
	}
	out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", right))
	wantCode(t, out, gatelatch.CodeFailed)
}

func thousandFromManyBrowsers(t *testing.T, g *flowtest.Gate) {
	g.AddUser(ada)
	browsers, ids := crowd(t, g, 250)
	wrong := make([]string, len(ids))
	for i, id := range ids {
		wrong[i] = flowtest.Wrong(g.Code(id))
	}
	outs := atOnce(t, 1000, func(i int) (flow.Outcome, error) {
		return g.AttemptFirstFactor(ctx(), browsers[i%250], ids[i%250], "", wrong[i%250])
	})
	judged := 0
	for i, id := range ids {
		n := attemptsOf(t, g, browsers[i], id)
		if judged += n; n > 5 {
			t.Errorf("%d judged in one attempt", n)
		}
	}
	if n := judgedIn(outs); judged != 10 || n > 10 {
		t.Errorf("%d judged, %d answered as incorrect", judged, n)
	}
	for _, out := range outs {
		if c := code(out.Refusal); c != gatelatch.CodeIncorrect && c != gatelatch.CodeTooManyRequests && c != gatelatch.CodeFailed {
			t.Fatalf("answered with %q", c)
		}
	}
}

// crowd begins n sign-ins with one address in n browsers.
func crowd(t *testing.T, g *flowtest.Gate, n int) (browsers []flow.Caller, ids []string) {
	t.Helper()
	for range n {
		browsers = append(browsers, g.Browser())
	}
	for _, out := range atOnce(t, n, func(i int) (flow.Outcome, error) {
		return g.CreateSignIn(ctx(), browsers[i], flow.SignInParams{Identifier: ada, Prepare: true})
	}) {
		wantCode(t, out, "")
		ids = append(ids, out.SignIn.ID)
	}
	g.Fetch()
	return browsers, ids
}

// oneSession fails unless all outcomes name one and the same session, and the
// store has made no other.
func oneSession(t *testing.T, g *flowtest.Gate, outs []flow.Outcome) {
	t.Helper()
	seen := map[string]int{}
	for _, out := range outs {
		if out.Issued == nil {
			t.Errorf("answered without a session: %q", code(out.Refusal))
			continue
		}
		seen[out.Issued.Session.ID+" "+out.Issued.Token.Reveal()]++
		p, err := g.Store.PrincipalByTokenHash(ctx(), out.Issued.Token.Hash())
		if err != nil || p.Session.ID != out.Issued.Session.ID {
			t.Errorf("the token opens another session, or none: %v", err)
		}
	}
	if len(seen) != 1 || g.Store.Count("CreateSession") != 1 {
		t.Errorf("%d sessions answered, %d made", len(seen), g.Store.Count("CreateSession"))
	}
}

func fiftyRightCodes(t *testing.T, g *flowtest.Gate) {
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	right := g.Code(id)
	oneSession(t, g, atOnce(t, 50, func(int) (flow.Outcome, error) {
		return g.AttemptFirstFactor(ctx(), who, id, "", right)
	}))
}

// rightAmongWrong: the right code wins or comes too late, and in no case is
// more judged than allowed or more than one session made.
func rightAmongWrong(t *testing.T, g *flowtest.Gate) {
	g.AddUser(ada)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	right := g.Code(id)
	outs := atOnce(t, 60, func(i int) (flow.Outcome, error) {
		if i%6 == 0 {
			return g.AttemptFirstFactor(ctx(), who, id, "", right)
		}
		return g.AttemptFirstFactor(ctx(), who, id, "", flowtest.Wrong(right))
	})
	if n := judgedIn(outs); n > 4 {
		t.Errorf("%d answered as incorrect", n)
	}
	si := check(t)(g.SignIn(ctx(), who, id)).SignIn
	if sessions := g.Store.Count("CreateSession"); sessions > 1 || (sessions == 1) != (si.Status == flow.SignInComplete) {
		t.Errorf("%d sessions of a sign-in that is %s", sessions, si.Status)
	}
}

func messagesAtOnce(t *testing.T, g *flowtest.Gate) {
	g.Limits = limit.Policy{}
	browsers := make([]flow.Caller, 60)
	for i := range browsers {
		browsers[i] = g.Browser()
	}
	for _, out := range atOnce(t, len(browsers), func(i int) (flow.Outcome, error) {
		return g.CreateSignIn(ctx(), browsers[i], flow.SignInParams{Identifier: ada, Prepare: true})
	}) {
		if c := code(out.Refusal); c != "" && c != gatelatch.CodeTooManyRequests {
			t.Errorf("answered with %q", c)
		}
	}
	if n := len(g.Fetch()); n != 5 {
		t.Errorf("%d messages", n)
	}
}

// newBrowserAtOnce: the first requests of a browser come together, and make one
// client.
func newBrowserAtOnce(t *testing.T, g *flowtest.Gate) {
	who := g.Browser()
	for _, out := range atOnce(t, 30, func(i int) (flow.Outcome, error) {
		return g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: fmt.Sprintf("visitor%d@example.com", i)})
	}) {
		wantCode(t, out, "")
	}
	if n := g.Store.Count("CreateClient"); n != 1 {
		t.Errorf("%d clients", n)
	}
}
