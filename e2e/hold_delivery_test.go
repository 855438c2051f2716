// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func smtpSender(s *harness.SMTP) string {
	return fmt.Sprintf("email smtp {\nhost %s\nfrom \"Acme <no-reply@acme.test>\"\ntls off\n}", s.Addr())
}

// TestMailServerInTrouble checks that a mail server that hangs, or is not
// there, keeps nobody waiting, and that its mails go out when it is back.
func TestMailServerInTrouble(t *testing.T) {
	for name, hangs := range map[string]bool{"hangs": true, "refuses": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewSMTP(t)
			if hangs {
				s.Listen(t, true)
			}
			g := harness.Start(t, harness.Config{Sender: smtpSender(s), Directive: generous})
			waiting := manyAsk(t, g)
			time.Sleep(3 * time.Second) // some tries fail, or hang
			quickly(t, "the sign-in page", func() (*harness.Page, error) { return g.NewVisitor().Open("/home") }, 401)
			if hangs && s.Waiting() == 0 {
				t.Error("nothing hangs, so this test shows nothing")
			}
			if hangs {
				s.Recover()
			} else {
				s.Listen(t, false)
			}
			for address, w := range waiting {
				m, err := s.Find(address, 3*time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.visitor.Enter(w.page, m.Code()); err != nil {
					t.Errorf("%s: %v", address, err)
				}
			}
		})
	}
}

type waiter struct {
	visitor *harness.Visitor
	page    *harness.Page
}

// manyAsk lets twenty visitors ask for a code at once, each of them answered
// within a second, or what a machine that does more besides makes of it.
func manyAsk(t *testing.T, g *harness.Gate) map[string]waiter {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	waiting := map[string]waiter{}
	for i := range 20 {
		all.Go(func() {
			v := g.NewVisitor()
			address := fmt.Sprintf("w%d@example.org", i)
			p := quickly(t, "asking for a code", func() (*harness.Page, error) { return v.Ask("/home", address) }, 200)
			mu.Lock()
			defer mu.Unlock()
			waiting[address] = waiter{v, p}
		})
	}
	all.Wait()
	return waiting
}

// quickly fails when something takes more than a second of a machine's time.
func quickly(t *testing.T, what string, do func() (*harness.Page, error), status int) *harness.Page {
	t.Helper()
	begun := time.Now()
	p, err := do()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return nil
	}
	if took := time.Since(begun); took > harness.Allowance(time.Second) {
		t.Errorf("%s took %v", what, took)
	}
	if p.Status != status {
		t.Errorf("%s: %d, want %d", what, p.Status, status)
	}
	return p
}
