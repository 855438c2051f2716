// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// maxMemory is what the gate may take while passwords rain on it, in bytes. Each
// password being hashed takes 19 MiB, and there is one of them for each core.
const maxMemory = 400 << 20

// TestManyPasswordsAtOnce lets 200 people sign in with a password at once, half of
// them with a wrong one: everybody gets an answer, who has to come again is told
// when, other pages are there meanwhile, and memory stays bounded.
func TestManyPasswordsAtOnce(t *testing.T) {
	slow(t)
	const people = 200
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords + "client_trust off\n"})
	crowd, forms := queueUp(t, g, people)
	before, err := g.Memory()
	if err != nil {
		harness.Skip(t, err.Error())
	}
	if err := g.ForgetPeak(); err != nil {
		harness.Skip(t, err.Error())
	}
	var over atomic.Bool
	looked := make(chan []time.Duration)
	go func() { looked <- lookIn(t, g, &over) }()
	begun := time.Now()
	answers, slowest := rush(t, crowd, forms)
	took := time.Since(begun)
	over.Store(true)
	pages := <-looked
	after, err := g.Memory()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d passwords at once took %v, the slowest answer %v: %v", people, took.Round(time.Millisecond), slowest.Round(time.Millisecond), answers)
	t.Logf("memory: %d MiB before, %d MiB at the peak, %d MiB after, on %d cores", before.Now>>20, after.Peak>>20, after.Now>>20, runtime.NumCPU())
	worst := time.Duration(0)
	for _, d := range pages {
		worst = max(worst, d)
	}
	t.Logf("the sign-in page came %d times meanwhile, the slowest in %v", len(pages), worst.Round(time.Millisecond))
	if after.Peak > maxMemory {
		t.Errorf("the gate took %d MiB", after.Peak>>20)
	}
	if len(pages) == 0 {
		t.Error("the sign-in page did not come meanwhile")
	}
	if answers["in"] == 0 || answers["in"]+answers["wrong"]+answers["later"] != people {
		t.Errorf("the answers are %v", answers)
	}
	lateComers(t, crowd, forms)
	noProblems(t, g)
}

// queueUp brings people to the page that asks for the password. The even ones
// have an account.
func queueUp(t *testing.T, g *harness.Gate, n int) ([]*harness.Visitor, []*harness.Page) {
	t.Helper()
	crowd, forms := make([]*harness.Visitor, n), make([]*harness.Page, n)
	for i := 0; i < n; i += 20 { // ten accounts, which the even ones share
		withPassword(t, g, fmt.Sprintf("p%d@example.org", i), horse)
	}
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := worker; i < n; i += 4 {
				crowd[i] = g.NewVisitor()
				address := fmt.Sprintf("p%d@example.org", i)
				if i%2 == 0 {
					address = fmt.Sprintf("p%d@example.org", i-i%20)
				}
				p, err := crowd[i].AtPassword("/home", address)
				if err != nil {
					t.Error(err)
				}
				forms[i] = p
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return crowd, forms
}

// rush has everybody press the button at once and sorts the answers.
func rush(t *testing.T, crowd []*harness.Visitor, forms []*harness.Page) (map[string]int, time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	answers, slowest := map[string]int{}, time.Duration(0)
	start := make(chan struct{})
	for i, v := range crowd {
		all.Go(func() {
			<-start
			begun := time.Now()
			p, err := v.Submit(forms[i], "password", map[string]string{"password": horse})
			took := time.Since(begun)
			mu.Lock()
			defer mu.Unlock()
			slowest = max(slowest, took)
			if err != nil {
				t.Error(err)
				return
			}
			answers[sortOut(t, v, p)]++
		})
	}
	close(start)
	all.Wait()
	return answers, slowest
}

func sortOut(t *testing.T, v *harness.Visitor, p *harness.Page) string {
	t.Helper()
	switch {
	case v.Admitted(p):
		return "in"
	case p.Status == http.StatusUnprocessableEntity && p.Contains("That password is incorrect"):
		return "wrong"
	case p.Status == http.StatusServiceUnavailable:
		if n, err := strconv.Atoi(p.Header.Get("Retry-After")); err != nil || n < 1 || !p.Contains("Nothing was lost and nothing was counted") {
			t.Errorf("503 with Retry-After %q: %.300s", p.Header.Get("Retry-After"), p.Body)
		}
		return "later"
	}
	t.Errorf("a password got %d %.300s", p.Status, p.Body)
	return strconv.Itoa(p.Status)
}

// lookIn opens the sign-in page again and again and returns how long it took.
func lookIn(t *testing.T, g *harness.Gate, over *atomic.Bool) []time.Duration {
	v := g.NewVisitor()
	defer v.Close()
	var list []time.Duration
	for !over.Load() {
		begun := time.Now()
		p, err := v.Open("/home")
		if err != nil || p.Status != http.StatusUnauthorized {
			t.Errorf("the sign-in page meanwhile: %+v %v", p, err)
			return list
		}
		list = append(list, time.Since(begun))
	}
	return list
}

// lateComers press the button once more, one after the other: nothing was
// counted of those who were sent away.
func lateComers(t *testing.T, crowd []*harness.Visitor, forms []*harness.Page) {
	t.Helper()
	for i := 0; i < len(crowd); i += 2 {
		if crowd[i].Cookie(harness.SessionCookie) != "" {
			continue
		}
		p, err := crowd[i].Submit(forms[i], "password", map[string]string{"password": horse})
		if err != nil || !crowd[i].Admitted(p) {
			t.Errorf("somebody who came again: %+v %v", p, err)
			return
		}
	}
}
