// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestStoreLocked(t *testing.T) {
	t.Parallel()
	slow(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	in, half, page, code := beforeTrouble(t, g)
	release, err := harness.LockDatabase(g.Database())
	if err != nil {
		harness.Skip(t, err.Error())
	}
	begun := time.Now()
	for time.Since(begun) < 8*time.Second {
		inTrouble(t, g, in, half, page, code)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	afterTrouble(t, g, in, half, page, code)
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	unmount, err := harness.MountTiny(dir, 3<<20)
	if err != nil {
		harness.Skip(t, err.Error())
	}
	t.Cleanup(func() { _ = unmount() }) // the last thing; nobody is left to tell
	g := harness.Start(t, harness.Config{Directive: generous, DataDir: dir})
	in, half, page, code := beforeTrouble(t, g)
	fill := filepath.Join(dir, "fill")
	fillUp(t, fill)
	full := 0
	for i := 0; i < 400 && full < 20; i++ { // the journal has room for a while
		v := g.NewVisitor()
		err := v.SignIn("/home", fmt.Sprintf("full%d@example.org", i))
		v.Close()
		if err == nil {
			continue
		}
		if !contains(err.Error(), "503") {
			t.Fatalf("a full disk shows as: %v", err)
		}
		full++
		inTrouble(t, g, in, half, page, code)
	}
	t.Logf("%d sign-ins met a full disk", full)
	if full == 0 {
		t.Error("the disk never was full")
	}
	if err := os.Remove(fill); err != nil {
		t.Fatal(err)
	}
	afterTrouble(t, g, in, half, page, code)
}

// fillUp writes a file until nothing more fits.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 16, 1 << 10, 1} {
		for chunk := make([]byte, size); err == nil; {
			_, err = f.Write(chunk)
		}
		err = nil
	}
}

// beforeTrouble signs one visitor in and leaves another in the middle of it.
func beforeTrouble(t *testing.T, g *harness.Gate) (in, half *harness.Visitor, page *harness.Page, code string) {
	t.Helper()
	in, half = g.NewVisitor(), g.NewVisitor()
	if err := in.SignIn("/home", "in@example.org"); err != nil {
		t.Fatal(err)
	}
	page, err := half.Ask("/home", "half@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if id, status, err := in.WhoAmI(); id == nil {
		t.Fatalf("a fresh session got %d: %v", status, err)
	}
	return in, half, page, g.Outbox.Code(t, "half@example.org", 1)
}

// inTrouble checks what may be asked of a gate that cannot write: who is in
// stays in, quickly; nobody else gets in, and is told when to come again.
func inTrouble(t *testing.T, g *harness.Gate, in, half *harness.Visitor, page *harness.Page, code string) {
	t.Helper()
	begun := time.Now()
	if id, status, err := in.WhoAmI(); id == nil {
		t.Fatalf("a live session got %d: %v", status, err)
	}
	if took := time.Since(begun); took > harness.Allowance(time.Second) {
		t.Errorf("a live session waited %v", took)
	}
	p, err := half.Submit(page, "verify", map[string]string{"code": code})
	if err != nil {
		t.Fatal(err)
	}
	comeAgain(t, "a right code", p)
	if half.Cookie(harness.SessionCookie) != "" {
		t.Fatal("somebody was let in by a gate that cannot write it down")
	}
	stranger := g.NewVisitor()
	defer stranger.Close()
	begun = time.Now()
	form, err := stranger.Open("/home")
	if err != nil || form.Status != 401 {
		t.Fatalf("the sign-in page: %+v, %v", form, err)
	}
	if took := time.Since(begun); took > harness.Allowance(time.Second) {
		t.Errorf("the sign-in page took %v", took)
	}
	p, err = stranger.Submit(form, "identify", map[string]string{"identifier": "new@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	comeAgain(t, "a sign-in", p)
	p, err = in.SignOut()
	if err != nil {
		t.Fatal(err)
	}
	comeAgain(t, "a sign-out", p)
}

func comeAgain(t *testing.T, what string, p *harness.Page) {
	t.Helper()
	seconds, err := strconv.Atoi(p.Header.Get("Retry-After"))
	if p.Status != 503 || err != nil || seconds < 1 {
		t.Errorf("%s got %d with Retry-After %q", what, p.Status, p.Header.Get("Retry-After"))
	}
	if !p.Contains("Sign-in is not available right now") {
		t.Errorf("%s: the page does not say so: %.300s", what, p.Body)
	}
}

// afterTrouble checks that all is well again without a restart.
func afterTrouble(t *testing.T, g *harness.Gate, in, half *harness.Visitor, page *harness.Page, code string) {
	t.Helper()
	var err error
	for end := time.Now().Add(harness.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if _, err = half.Enter(page, code); err == nil {
			break
		}
	}
	if err != nil {
		t.Errorf("afterwards the code is not taken: %v", err)
	}
	v := g.NewVisitor()
	if err := v.SignIn("/home", "later@example.org"); err != nil {
		t.Errorf("afterwards nobody gets in: %v", err)
	}
	if id, status, err := in.WhoAmI(); id == nil {
		t.Errorf("a session from before got %d: %v", status, err)
	}
	if p, err := in.SignOut(); err != nil || p.Status != 303 {
		t.Errorf("signing out afterwards: %v", err)
	}
}

func TestDatabaseGoneOrDamagedAtStart(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	g.Kill()
	start := func(what string) error {
		t.Helper()
		err := g.Run()
		if err == nil {
			if id, status, _ := v.WhoAmI(); id != nil || status != 401 {
				t.Errorf("%s: an old session got %d %+v", what, status, id)
			}
			g.Kill()
		}
		return err
	}
	refused := func(what, words string, err error) {
		t.Helper()
		if err == nil || !contains(err.Error(), "exit status 1") || !contains(strings.ToLower(err.Error()), words) {
			t.Errorf("%s: want a start refused with %q, have %v", what, words, err)
		}
	}
	keep, err := os.ReadFile(g.Database())
	if err != nil {
		t.Fatal(err)
	}
	empty := func() {
		for _, tail := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(g.Database() + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	empty()
	if err := start("no database"); err != nil {
		t.Errorf("a fresh database could not be made: %v", err)
	}
	empty()
	if err := os.WriteFile(g.Database(), []byte(strings.Repeat("this is no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("not a database", "database", start("not a database"))
	empty()
	if err := os.Mkdir(g.Database(), 0o700); err != nil {
		t.Fatal(err)
	}
	refused("a directory", "database", start("a directory"))
	empty()
	if err := os.WriteFile(g.Database(), keep[:len(keep)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	_ = start("half a database") // refused or empty, but never open
	empty()
}

func TestWrongSecretIsRefused(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "secret {env.GATE_SECRET}", Env: []string{"GATE_SECRET=0123456789abcdef0123456789abcdef0123456789a"}})
	v := g.NewVisitor()
	if err := v.SignIn("/home", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	g.Kill()
	g.Config.Env = []string{"GATE_SECRET=fedcba9876543210fedcba9876543210fedcba98765"}
	if err := g.Run(); err == nil || !contains(err.Error(), "secret") {
		t.Errorf("another secret was taken: %v", err)
	} else if contains(err.Error(), "fedcba98") || contains(err.Error(), "01234567") {
		t.Errorf("the error holds a secret: %v", err)
	}
	g.Config.Env = []string{"GATE_SECRET=0123456789abcdef0123456789abcdef0123456789a"}
	if err := g.Run(); err != nil {
		t.Fatal(err)
	}
	if id, status, err := v.WhoAmI(); id == nil {
		t.Errorf("with the right secret a session got %d: %v", status, err)
	}
}

// TestUnavailablePage looks at what people see while the store cannot write.
func TestUnavailablePage(t *testing.T) {
	t.Parallel()
	slow(t)
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + "name Acme"})
	tab := g.NewTab(t, harness.Look{})
	tab.Open("/home")
	tab.WaitFor("#identifier")
	release, err := harness.LockDatabase(g.Database())
	if err != nil {
		harness.Skip(t, err.Error())
	}
	tab.Fill("#identifier", "jo@example.org")
	tab.Click(primary)
	tab.WaitText("Sign-in is not available right now")
	if err := release(); err != nil {
		t.Fatal(err)
	}
	inspect(t, tab, "unavailable")
	tab.SetLook(harness.Look{})
	tab.Click("a.primary")
	ask(tab, "jo@example.org")
}
