// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// deed is something that changes an account for good.
type deed struct {
	name string
	// do reports whether it was acknowledged.
	do func() bool
	// holds looks, after the crash, whether what was acknowledged is so; and what
	// was not, either done or not done.
	holds func(t *testing.T, acknowledged bool)
}

// TestChangesOutliveACrash ends the gate as a power cut would in the middle of
// changes of passwords, second steps, backup codes, bans and deletions, right
// after the first of them was acknowledged: nothing that anybody was told is
// undone, and no code works twice.
func TestChangesOutliveACrash(t *testing.T) {
	t.Parallel()
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	g := harness.Prepare(t, everythingSite())
	total := map[bool]int{}
	for round := range rounds {
		if err := g.Run(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		deeds := []deed{
			newPassword(t, g, address("password", round)), appUsed(t, g, address("app", round)), backupUsed(t, g, address("backup", round)),
			banning(t, g, address("ban", round)), deletion(t, g, address("delete", round)), primaryMoved(t, g, address("primary", round)),
		}
		acknowledged := allAtOnce(g, deeds)
		if err := g.Run(); err != nil {
			t.Fatalf("after round %d: %v", round, err)
		}
		for i, d := range deeds {
			total[acknowledged[i]]++
			t.Run(fmt.Sprintf("%s %d %t", d.name, round, acknowledged[i]), func(t *testing.T) { d.holds(t, acknowledged[i]) })
		}
		g.Kill()
	}
	t.Logf("%d changes were acknowledged, %d were not", total[true], total[false])
	if total[true] < rounds {
		t.Errorf("only %d changes were acknowledged, too few to tell anything", total[true])
	}
}

func address(name string, n int) string { return fmt.Sprintf("%s%d@example.org", name, n) }

// allAtOnce does the deeds, and kills the gate when the first are done.
func allAtOnce(g *harness.Gate, deeds []deed) []bool {
	acknowledged := make([]bool, len(deeds))
	first := make(chan struct{}, len(deeds))
	var all sync.WaitGroup
	for i, d := range deeds {
		all.Go(func() {
			acknowledged[i] = d.do()
			first <- struct{}{}
		})
	}
	for range 1 + rand.IntN(len(deeds)) {
		<-first
	}
	time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
	g.Kill()
	all.Wait()
	return acknowledged
}

// newPassword replaces a password, which ends the session elsewhere.
func newPassword(t *testing.T, g *harness.Gate, who string) deed {
	t.Helper()
	v := withPassword(t, g, who, horse)
	other := elsewhere(t, g, who)
	form := page(t)(v.Open(at("/password")))
	works := func(t *testing.T, password string) bool {
		t.Helper()
		w := v.Twin()
		defer w.Close()
		w.SetCookie(harness.SessionCookie, "")
		p := page(t)(w.Password("/home", who, password))
		ok := w.Admitted(p) // the browser is trusted
		if !ok && !p.Contains("That password is incorrect") {
			t.Errorf("%s: %d %.600s", password, p.Status, p.Body)
		}
		return ok
	}
	return deed{
		"password", func() bool {
			p, err := v.Submit(form, "save", map[string]string{"password": donkey})
			return err == nil && p.Status == 303
		}, func(t *testing.T, acknowledged bool) {
			before, after := works(t, horse), works(t, donkey)
			if before == after || acknowledged && !after {
				t.Errorf("the old password works: %t, the new one: %t", before, after)
			}
			if id, status, err := other.WhoAmI(); (id != nil) == after || err != nil {
				t.Errorf("with the password changed: %t, the session elsewhere got %d %v", after, status, err)
			}
		},
	}
}

// once is a code for the second step, which is good for one of three browsers.
func once(t *testing.T, g *harness.Gate, who, code string, to func(*testing.T, *harness.Visitor) *harness.Page) deed {
	t.Helper()
	var visitors []*harness.Visitor
	var pages []*harness.Page
	for range 3 {
		v := g.NewVisitor()
		t.Cleanup(v.Close)
		visitors, pages = append(visitors, v), append(pages, to(t, v))
	}
	give := func(i int) (bool, error) {
		p, err := visitors[i].Submit(pages[i], "verify", map[string]string{"code": code})
		return err == nil && visitors[i].Admitted(p), err
	}
	return deed{
		"a code of " + who, func() bool {
			ok, _ := give(0) // the gate may be gone
			return ok
		}, func(t *testing.T, acknowledged bool) {
			if acknowledged {
				inside(t, visitors[0], "after the crash")
			}
			used := 0
			if acknowledged {
				used++
			}
			for i := range 2 {
				ok, err := give(i + 1)
				if err != nil {
					t.Error(err)
				}
				if ok {
					used++
				}
			}
			if used > 1 {
				t.Errorf("one code has let in %d browsers", used)
			}
		},
	}
}

func appUsed(t *testing.T, g *harness.Gate, who string) deed {
	t.Helper()
	_, app, _ := withApp(t, g, who, horse)
	return once(t, g, who, app.Next(), func(t *testing.T, v *harness.Visitor) *harness.Page { return atSecond(t, v, who) })
}

func backupUsed(t *testing.T, g *harness.Gate, who string) deed {
	t.Helper()
	_, _, codes := withApp(t, g, who, horse)
	return once(t, g, who, codes[rand.IntN(len(codes))], func(t *testing.T, v *harness.Visitor) *harness.Page {
		p := atSecond(t, v, who)
		p = page(t)(v.Open(p.URL.Path + "?ways=1"))
		return page(t)(v.Follow(v.Choose(p, "backup_code")))
	})
}

func banning(t *testing.T, g *harness.Gate, who string) deed {
	t.Helper()
	v := withPassword(t, g, who, horse)
	return deed{
		"ban", func() bool { return g.Operate("users", "ban", who).Status == 0 }, func(t *testing.T, acknowledged bool) {
			id, status, err := v.WhoAmI()
			if acknowledged && id != nil || err != nil || id == nil && status != 401 {
				t.Errorf("a banned user got %d %v", status, err)
			}
			w := v.Twin()
			w.SetCookie(harness.SessionCookie, "")
			if p := page(t)(w.Password("/home", who, horse)); w.Admitted(p) != (id != nil) {
				t.Errorf("with the session alive: %t, signing in got %d", id != nil, p.Status)
			}
		},
	}
}

func deletion(t *testing.T, g *harness.Gate, who string) deed {
	t.Helper()
	v := withPassword(t, g, who, horse)
	before := inside(t, v, "before")
	p := page(t)(v.Step(at("/delete"), "confirm", nil))
	code := g.Outbox.Code(t, who, 2)
	return deed{
		"deletion", func() bool {
			p, err := v.Submit(p, "verify", map[string]string{"code": code})
			return err == nil && p.Contains("Your account is deleted")
		}, func(t *testing.T, acknowledged bool) {
			r := g.Operate("users", "show", who)
			if id, status, err := v.WhoAmI(); acknowledged && id != nil || (id == nil) != (r.Status != 0) && v.Cookie(harness.SessionCookie) != "" {
				t.Errorf("%+v, and a session got %d %v", r, status, err)
			}
			if acknowledged && r.Status == 0 {
				t.Errorf("the account of %s is back", before.User)
			}
		},
	}
}

func primaryMoved(t *testing.T, g *harness.Gate, who string) deed {
	t.Helper()
	v := withPassword(t, g, who, horse)
	other := "x" + who
	if err := v.AddAddress(other); err != nil {
		t.Fatal(err)
	}
	form := page(t)(v.Open(at("/addresses")))
	return deed{
		"primary", func() bool {
			p, err := v.Submit(form, "primary", nil)
			return err == nil && p.Status == 303
		}, func(t *testing.T, acknowledged bool) {
			id := inside(t, v, "after the crash")
			if id.Email != other && (acknowledged || id.Email != who) {
				t.Errorf("the app is told %s", id.Email)
			}
		},
	}
}
