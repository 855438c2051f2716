// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// keeper starts the server and waits for the end of its own input, which comes when
// the test's process ends, however it does. Then it stops the server and removes
// every trace.
const keeper = `trap '' INT TERM HUP
"$1/postgres" -D "$2/data" -c port="$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=60 >"$2/log" 2>&1 &
server=$!
read -r _
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"`

// Postgres runs a PostgreSQL server of the test's own and returns where it listens; its
// database "postgres" is empty. Without the server's programs the test is left out.
func Postgres(t testing.TB) string {
	t.Helper()
	bin, err := postgresPrograms()
	if err != nil {
		Skip(t, err.Error())
	}
	dir, err := os.MkdirTemp("", "gatelatch-e2e-pg-") // not the test's: another user owns it
	if err != nil {
		t.Fatal(err)
	}
	port := FreePort(t)
	setup := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
	run := exec.Command("/bin/sh", "-c", keeper, "keeper", bin, dir, strconv.Itoa(port))
	for _, cmd := range []*exec.Cmd{setup, run} {
		if err := asServer(cmd, dir); err != nil {
			Skip(t, err.Error())
		}
	}
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	input, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = run.Wait() // it removes its files last
	})
	if err := accepts(port); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log")) // empty says something, too
		t.Fatalf("PostgreSQL: %v\n%s", err, log)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// accepts waits until a server takes requests: it answers the question whether it
// speaks TLS with one letter (PostgreSQL's protocol, SSLRequest), and before it is
// ready nobody listens.
func accepts(port int) error {
	var err error
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var conn net.Conn
		if conn, err = net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second); err != nil {
			continue
		}
		_, err = conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47})
		if err == nil {
			_ = conn.SetReadDeadline(time.Now().Add(time.Second)) // TCP connections have deadlines
			_, err = io.ReadFull(conn, make([]byte, 1))
		}
		_ = conn.Close() // it was asked all there was
		if err == nil {
			return nil
		}
	}
	return err
}

func postgresPrograms() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is a good one
	if len(found) == 0 {
		return "", fmt.Errorf("no PostgreSQL server is installed (on Debian: apt-get install postgresql)")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// asServer prepares a command of the server, which root may not run.
func asServer(cmd *exec.Cmd, dir string) error {
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numbers, on the systems that have users of these names
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return os.Chown(dir, int(uid), int(gid))
	}
	return fmt.Errorf("there is no user to run PostgreSQL as")
}
