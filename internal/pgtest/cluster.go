// SPDX-License-Identifier: Apache-2.0

package pgtest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTimeout = time.Minute // many packages start theirs at once
	initTimeout  = 5 * time.Minute
	pollInterval = 20 * time.Millisecond
)

// keeper starts the server and waits for the end of its own input, which
// comes when the test binary closes it or dies. Then it stops the server at
// once and removes every trace. Signals for the test binary are not for it.
const keeper = `trap '' INT TERM HUP
"$1/postgres" -D "$2/data" >"$2/log" 2>&1 &
server=$!
read -r _
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"`

// settings make the server small and quick: nothing it holds is worth a sync.
var settings = []string{
	"listen_addresses = '127.0.0.1'",
	"unix_socket_directories = ''",
	"fsync = off",
	"synchronous_commit = off",
	"full_page_writes = off",
	"max_connections = 200",
	"shared_buffers = '32MB'",
	"deadlock_timeout = '100ms'",
	"log_lock_waits = off",
}

// cluster is a running server with files of its own.
type cluster struct {
	dir   string
	port  int
	cmd   *exec.Cmd // the keeper
	input io.Closer
}

func (c *cluster) dsn() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}

// start makes a cluster in a temporary directory and waits until it answers.
func start() (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c := &cluster{}
	if c.dir, err = os.MkdirTemp("", "gatelatch-pg-"); err != nil {
		return nil, err
	}
	if err := c.launch(bin); err != nil {
		c.stop()
		return nil, fmt.Errorf("starting PostgreSQL from %s: %w", bin, err)
	}
	return c, nil
}

func (c *cluster) launch(bin string) error {
	if err := c.initialise(bin); err != nil {
		return err
	}
	c.cmd = exec.Command("/bin/sh", "-c", keeper, "keeper", bin, c.dir)
	if err := asServer(c.cmd, c.dir); err != nil {
		return err
	}
	input, err := c.cmd.StdinPipe()
	if err != nil {
		return err
	}
	c.input = input
	if err := c.cmd.Start(); err != nil {
		return err
	}
	return c.await()
}

// initialise runs initdb, as another user when this one is root.
func (c *cluster) initialise(bin string) error {
	ctx, cancel := context.WithTimeout(context.Background(), initTimeout)
	defer cancel()
	data := filepath.Join(c.dir, "data")
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"-D", data, "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err := asServer(cmd, c.dir); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return c.configure(data)
}

func (c *cluster) configure(data string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	c.port = port
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "\n%s\nport = %d\n", strings.Join(settings, "\n"), port)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// await returns when the server answers. A server that ended or is too slow
// is an error that holds its log.
func (c *cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.dsn())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("no answer within %s: %w\n%s", startTimeout, err, log)
		case <-time.After(pollInterval):
		}
	}
}

// stop ends the server and removes its files.
func (c *cluster) stop() {
	if c.input != nil {
		_ = c.input.Close()
		_ = c.cmd.Wait()
	}
	_ = os.RemoveAll(c.dir)
}

// freePort is one that nobody listens on, below those that systems give to
// outgoing connections (Linux begins at 32768), or one of these could have it
// before the server does.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := 12000 + rand.IntN(8000) //nolint:gosec // not a secret
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, err
}

// binaries finds the directory of the newest installed server.
func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/usr/local/pgsql/bin/initdb",
		"/opt/homebrew/opt/postgresql*/bin/initdb", "/usr/local/opt/postgresql*/bin/initdb",
	} {
		some, _ := filepath.Glob(pattern)
		found = append(found, some...)
	}
	if len(found) == 0 {
		return "", errNoServer
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// version returns the number in a path such as /usr/lib/postgresql/17/bin.
func version(path string) int {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(digits[0])
	return n
}
