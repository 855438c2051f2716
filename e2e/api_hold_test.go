// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// callsAtOnce makes n calls of one client at the same time, and hands each answer to
// look.
func callsAtOnce(t *testing.T, p *harness.Program, n int, path string, fields func(i int) []string, look func(a *harness.Reply)) {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	work := make(chan int)
	for range min(n, 50) {
		twin := p.Twin()
		all.Go(func() {
			defer twin.Close()
			for i := range work {
				a, err := twin.Call("POST", path, fields(i)...)
				mu.Lock()
				if err != nil {
					t.Error(err)
				} else {
					look(a)
				}
				mu.Unlock()
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	all.Wait()
}

// TestAPIRightCodesAtOnce has one code given 50 times at the same moment.
func TestAPIRightCodesAtOnce(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	address := someone("race")
	for _, what := range []string{"sign-up", "sign-in"} {
		p, n := g.NewProgram(t), len(g.Outbox.To(address))
		var path string
		if what == "sign-up" {
			path = "/client/sign_ups/" + p.Post("/client/sign_ups", "email_address", address).OK().Str("response.id")
			p.Post(path+"/prepare_verification", "strategy", "email_code").OK()
			path += "/attempt_verification"
		} else {
			id, _ := p.AskCode(address)
			path = "/client/sign_ins/" + id + "/attempt_first_factor"
		}
		code := g.Outbox.Code(t, address, n+1)
		sessions, cookies := map[string]int{}, map[string]int{}
		callsAtOnce(t, p, 50, path, func(int) []string { return []string{"strategy", "email_code", "code", code} }, func(a *harness.Reply) {
			switch {
			case a.Status == 200:
				sessions[a.Str("response.created_session_id")]++
			case a.Status >= 500:
				t.Errorf("%s: %d %.600s", what, a.Status, a.Body)
			}
			if value := cookiesOf(a.Header)[harness.SessionCookie]; value != "" {
				cookies[value]++
			}
		})
		if len(sessions) != 1 || len(cookies) != 1 {
			t.Errorf("%s: one code made the sessions %v, and %d cookies", what, sessions, len(cookies))
		}
		a := p.Get("/client").OK()
		if a.Len("response.sessions") != 1 || sessions[a.Str("response.sessions.0.id")] == 0 {
			t.Errorf("%s: the client has %d sessions", what, a.Len("response.sessions"))
		}
		inside(t, p.Visitor, what)
	}
}

// TestAPIWrongCodesAtOnce has 200 guesses made at the same moment.
func TestAPIWrongCodesAtOnce(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	address := someone("victim")
	g.NewProgram(t).SignUp(address)
	p := g.NewProgram(t)
	id, right := p.AskCode(address)
	judged, others := 0, map[string]int{}
	callsAtOnce(t, p, 200, "/client/sign_ins/"+id+"/attempt_first_factor", func(i int) []string {
		n, _ := strconv.Atoi(right) // six digits
		return []string{"strategy", "email_code", "code", fmt.Sprintf("%06d", (n+1+i*997)%1000000)}
	}, func(a *harness.Reply) {
		switch code := a.Str("errors.0.code"); {
		case code == "form_code_incorrect":
			judged++
		case a.Status >= 400 && a.Status < 500:
			others[code]++
		default:
			t.Errorf("a wrong code got %d %.600s", a.Status, a.Body)
		}
	})
	if judged > 5 || judged < 4 { // the fifth may be worded as the last
		t.Errorf("%d codes were judged, others %v", judged, others)
	}
	if a := p.EnterCode(id, address, right); a.Status < 400 || a.Status >= 500 {
		t.Errorf("after all guesses were spent, the right code got %d %.600s", a.Status, a.Body)
	}
	outside(t, p.Visitor, "after all guesses were spent")
}

// TestAPIKilledUnderLoad ends the gate as a power cut would while programs sign up:
// whoever was told of a session has it afterwards.
func TestAPIKilledUnderLoad(t *testing.T) {
	t.Parallel()
	rounds := 4
	if testing.Short() {
		rounds = 2
	}
	g := harness.Prepare(t, apiSetup{}.config())
	total := 0
	for round := range rounds {
		if err := g.Run(); err != nil {
			t.Fatal(err)
		}
		in := apiCrowd(t, g)
		if err := g.Run(); err != nil {
			t.Fatalf("after round %d: %v", round, err)
		}
		for p, session := range in {
			p.Get("/client").OK().Want("response.sessions.0.id", session).Want("response.sessions.0.status", "active")
			if id := inside(t, p.Visitor, "after the crash"); id.Session != session {
				t.Errorf("the app sees %+v, not %s", id, session)
			}
			p.Close()
		}
		total += len(in)
		g.Kill()
	}
	if total < rounds {
		t.Errorf("only %d sign-ups in %d rounds, too few to tell anything", total, rounds)
	}
	t.Logf("%d sign-ups in %d rounds", total, rounds)
}

// apiCrowd lets programs sign up until the gate is killed at a random moment, and
// returns those that were told of a session.
func apiCrowd(t *testing.T, g *harness.Gate) map[*harness.Program]string {
	var over atomic.Bool
	var mu sync.Mutex
	var workers sync.WaitGroup
	in := map[*harness.Program]string{}
	enough := make(chan struct{})
	after := 2 + rand.IntN(12)
	for range 6 {
		workers.Go(func() {
			for !over.Load() {
				p := g.NewProgram(t)
				a, err := joinsByAPI(p, someone("crowd"))
				if err != nil {
					if !over.Load() {
						t.Errorf("before the gate was killed: %v", err)
					}
					return
				}
				mu.Lock()
				in[p] = a.Str("response.created_session_id")
				if len(in) == after {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(harness.Patience):
		t.Error("nobody gets in")
	}
	time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // to be anywhere in what goes on
	over.Store(true)
	g.Kill()
	workers.Wait()
	return in
}

// joinsByAPI is [harness.Program.SignUp] for a gate that may go away any time.
func joinsByAPI(p *harness.Program, address string) (*harness.Reply, error) {
	a, err := p.Call("POST", "/client/sign_ups", "email_address", address)
	if err != nil || a.Status != 200 {
		return nil, fmt.Errorf("begun: %v %w", a, err)
	}
	step := "/client/sign_ups/" + a.Str("response.id")
	if a, err = p.Call("POST", step+"/prepare_verification", "strategy", "email_code"); err != nil || a.Status != 200 {
		return nil, fmt.Errorf("prepared: %v %w", a, err)
	}
	m, err := p.Gate.Find(address, 1)
	if err != nil {
		return nil, err
	}
	if a, err = p.Call("POST", step+"/attempt_verification", "strategy", "email_code", "code", m.Code); err != nil || a.Status != 200 {
		return nil, fmt.Errorf("attempted: %v %w", a, err)
	}
	return a, nil
}

// inNeed is somebody who is in, and somebody in the middle of it.
type inNeed struct {
	in, half *harness.Program
	session  string
	path     string
	code     string
}

func beforeNeed(t *testing.T, g *harness.Gate) inNeed {
	t.Helper()
	n := inNeed{in: g.NewProgram(t), half: g.NewProgram(t)}
	n.session = n.in.SignUp(someone("in")).Str("response.created_session_id")
	inside(t, n.in.Visitor, "before the trouble")
	id, code := n.half.AskCode(someone("half"))
	n.path, n.code = "/client/sign_ins/"+id+"/attempt_first_factor", code
	return n
}

// during checks what programs are told by a gate whose store does not work, all at
// once, since each may have to wait for it. Reads may still be answered.
func (n inNeed) during(t *testing.T, g *harness.Gate) {
	t.Helper()
	var all sync.WaitGroup
	calls := func(p *harness.Program, list ...[]string) {
		for _, c := range list {
			twin := p.Twin()
			all.Go(func() {
				defer twin.Close()
				a, err := twin.Call(c[0], c[1], c[2:]...)
				if err != nil {
					t.Errorf("%v: %v", c, err)
					return
				}
				seconds, bad := strconv.Atoi(a.Header.Get("Retry-After"))
				if a.Refused(503, "service_unavailable", ""); bad != nil || seconds < 1 || len(a.Header["Set-Cookie"]) > 0 {
					t.Errorf("%v: %v", c, a.Header)
				}
			})
		}
	}
	calls(n.half, []string{"POST", n.path, "strategy", "email_code", "code", n.code})
	calls(g.NewProgram(t), []string{"POST", "/client/sign_ups", "email_address", someone("new")}, []string{"POST", "/client/sign_ins", "identifier", someone("new")})
	calls(n.in, []string{"DELETE", "/client/sessions"}, []string{"PATCH", "/me", "first_name", "Eve"})
	all.Wait()
	if n.half.Cookie(harness.SessionCookie) != "" {
		t.Error("somebody was let in by a gate that cannot write it down")
	}
}

// after checks that all is well again without a restart.
func (n inNeed) after(t *testing.T, g *harness.Gate) {
	t.Helper()
	var a *harness.Reply
	for end := time.Now().Add(harness.Patience); ; time.Sleep(50 * time.Millisecond) {
		a = n.half.Post(n.path, "strategy", "email_code", "code", n.code)
		if a.Status != 503 || time.Now().After(end) {
			break
		}
	}
	// The code belongs to an address without an account.
	a.Refused(422, "sign_up_if_missing_transfer", "")
	n.half.Post("/client/sign_ups", "transfer", "true").OK().Want("response.status", "complete")
	inside(t, n.half.Visitor, "afterwards")
	later := g.NewProgram(t)
	admitted(t, later, later.SignUp(someone("later")))
	inside(t, n.in.Visitor, "a session from before")
	n.in.Post("/client/sessions/" + n.session + "/touch").OK()
	n.in.SignOut()
}

func TestAPIStoreLocked(t *testing.T) {
	t.Parallel()
	slow(t)
	g := startAPI(t, apiSetup{})
	n := beforeNeed(t, g)
	release, err := harness.LockDatabase(g.Database())
	if err != nil {
		harness.Skip(t, err.Error())
	}
	n.during(t, g)
	inside(t, n.in.Visitor, "while the store is locked")
	if err := release(); err != nil {
		t.Fatal(err)
	}
	n.after(t, g)
}

func TestAPIStoreFull(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	unmount, err := harness.MountTiny(dir, 3<<20)
	if err != nil {
		harness.Skip(t, err.Error())
	}
	t.Cleanup(func() { _ = unmount() }) // the last thing; nobody is left to tell
	g := startAPI(t, apiSetup{Config: harness.Config{DataDir: dir}})
	n := beforeNeed(t, g)
	fill := filepath.Join(dir, "fill")
	fillUp(t, fill)
	full := false
	for i := 0; i < 400 && !full; i++ { // the journal has room for a while
		full = g.NewProgram(t).Post("/client/sign_ups", "email_address", someone("fill")).Status == 503
	}
	if !full {
		t.Fatal("the disk never was full")
	}
	n.during(t, g)
	inside(t, n.in.Visitor, "while the disk is full")
	if err := os.Remove(fill); err != nil {
		t.Fatal(err)
	}
	n.after(t, g)
}

// TestAPIReload changes the configuration while somebody is in the middle of it.
func TestAPIReload(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	p, address := g.NewProgram(t), someone("half")
	p.Retries = overReloads
	reload := func(option string) {
		t.Helper()
		g.Write(strings.Replace(g.Caddyfile(), "name Acme", "name Other\n"+option, 1))
		if err := g.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	id := p.Post("/client/sign_ups", "email_address", address).OK().Str("response.id")
	reload("")
	p.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").OK()
	code := g.Outbox.Code(t, address, 1)
	reload("password optional")
	a := p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", code).OK().Want("response.status", "complete")
	admitted(t, p, a)
	p.Get("/environment").OK().Want("display_config.application_name", "Other").Want("user_settings.attributes.password.enabled", "true")
	reload("")
	p.Post("/client/sessions/" + a.Str("response.created_session_id") + "/touch").OK()
	p.Get("/environment").OK().Want("user_settings.attributes.password.enabled", "false")
	admin := g.NewAdmin(t, apiSecret)
	admin.Call("GET", "/users/count", nil).OK()
	g.Write(strings.Replace(g.Caddyfile(), apiSecret, apiSecret+"x", 1))
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	admin.Call("GET", "/users/count", nil).Refused(401, "clerk_key_invalid", "")
	inside(t, p.Visitor, "after the reloads")
}

// TestAPITwoGates runs two gates on one PostgreSQL: what the operator ends at one is
// over at the other at once, and both come back when the database does.
func TestAPITwoGates(t *testing.T) {
	t.Parallel()
	slow(t)
	wire := harness.NewWire(t, harness.Postgres(t))
	shared := "secret 0123456789abcdef0123456789abcdef0123456789a\nstore postgres postgres://postgres@" + wire.Addr() + "/postgres?sslmode=disable\n"
	one := startAPI(t, apiSetup{Directive: shared})
	two := startAPI(t, apiSetup{Directive: shared + "origin " + one.URL() + "\n"})
	p, address := one.NewProgram(t), someone("ada")
	a := p.SignUp(address)
	admitted(t, p, a)
	session := "/client/sessions/" + a.Str("response.created_session_id")
	there := p.Twin() // the same browser, led to the other gate
	visitor := *there.Visitor
	visitor.Gate = two
	there.Visitor = &visitor
	inside(t, there.Visitor, "at the other gate")
	there.Post(session+"/touch", "intent", "select_session").OK().Want("response.user.id", a.Str("response.created_user_id"))
	begun := time.Now()
	one.NewAdmin(t, apiSecret).Call("POST", "/sessions/"+a.Str("response.created_session_id")+"/revoke", nil).OK().Want("status", "revoked")
	there.Post(session+"/tokens").Refused(401, "signed_out", "")
	for status := 200; status != 401; {
		_, got, err := there.WhoAmI()
		if status = got; err != nil || time.Since(begun) > harness.Allowance(2*time.Second) {
			t.Fatalf("%v after it was revoked at the other gate, a session gets %d %v", time.Since(begun), got, err)
		}
	}
	p.Get("/client").OK().Want("response.sessions", "[]")

	n := beforeNeed(t, one)
	wire.Cut()
	n.during(t, one)
	two.NewAdmin(t, apiSecret).Call("GET", "/users", nil).Refused(503, "service_unavailable", "")
	wire.Mend()
	n.after(t, one)
	if a := two.NewAdmin(t, apiSecret).Call("GET", "/users/count", nil).OK(); a.Str("total_count") != "4" {
		t.Errorf("%s users", a.Str("total_count"))
	}
}
