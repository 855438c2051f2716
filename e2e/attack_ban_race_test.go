// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestAttackSignInOvertakesBan: a sign-in that has looked at its user before a ban,
// and is written down after it, must leave no session behind: it would come to life
// when the ban is lifted. On PostgreSQL the two run side by side; the lock of a
// table holds the sign-in back at the very place.
func TestAttackSignInOvertakesBan(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		harness.Skip(t, err.Error())
	}
	server := harness.Postgres(t)
	dsn := "postgres://postgres@" + server + "/postgres?sslmode=disable"
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds +
		"store postgres " + dsn + "\nsecret " + strings.Repeat("0123456789abcdef", 4) +
		"\nfrontend_api\nbackend_api {\nsecret_key " + overtakerKey + "\n}\n"})
	user := g.NewProgram(t).SignUp("ada@example.org").Str("response.created_user_id")
	p := g.NewProgram(t)
	id, code := p.AskCode("ada@example.org")

	release := lockTable(t, psql, server, "counters")
	answered := make(chan *harness.Reply, 1)
	go func() {
		r, err := p.Call(http.MethodPost, "/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", code)
		if err != nil {
			r = nil
		}
		answered <- r
	}()
	waitsForTable(t, psql, server)
	a := g.NewAdmin(t, overtakerKey)
	a.Call(http.MethodPost, "/users/"+user+"/ban", nil).OK()
	release()
	<-answered
	a.Call(http.MethodPost, "/users/"+user+"/unban", nil).OK()
	if n := p.Get("/client").OK().Len("response.sessions"); n != 0 {
		t.Errorf("after a ban and its end the browser of a sign-in that overtook it holds %d sessions, want none", n)
	}
}

const overtakerKey = "overtaker-overtaker-overtaker-overtaker"

// lockTable locks a table until the function that it returns is called.
func lockTable(t *testing.T, psql, server, table string) func() {
	t.Helper()
	cmd := command(psql, server)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "BEGIN; LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || strings.TrimSpace(line) != "held" {
		t.Fatalf("locking a table: %q %v", line, err)
	}
	return func() {
		_ = in.Close() // the end of the program undoes what it began
		_ = cmd.Wait()
	}
}

// waitsForTable returns when somebody waits for a lock of a table.
func waitsForTable(t *testing.T, psql, server string) {
	t.Helper()
	const waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		cmd := command(psql, server)
		cmd.Stdin = strings.NewReader(waiting)
		if out, err := cmd.Output(); err == nil && strings.TrimSpace(string(out)) != "0" {
			return
		}
	}
	t.Fatal("nobody waits for the table")
}

func command(psql, server string) *exec.Cmd {
	host, port, _ := net.SplitHostPort(server)
	return exec.Command(psql, "-X", "-q", "-A", "-t", "-h", host, "-p", port, "-U", "postgres", "postgres")
}
