// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

// victim names the database that this process writes to until it is killed.
const victim = "GATELATCH_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		write(path)
	}
	os.Exit(m.Run())
}

// write commits pairs of rows for ever and prints the name of each pair after
// its commit.
func write(path string) {
	s, err := sqlite.Open(path)
	if err == nil {
		err = s.Migrate(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, n := context.Background(), atomic.Int64{}
	for range 8 {
		go func() {
			for {
				id := fmt.Sprintf("%d-%d", os.Getpid(), n.Add(1))
				err := s.InTx(ctx, func(tx flow.Tx) error {
					return errors.Join(tx.PutCounter(ctx, id, []byte("1"), at), tx.PutCounter(ctx, id+"-twin", []byte("1"), at))
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(id)
			}
		}()
	}
	select {}
}

// TestKilled: whatever was acknowledged is there after the process was killed
// at any moment, and transactions are there whole or not at all.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	var acknowledged []string
	for range 20 {
		acknowledged = append(acknowledged, killOne(t, path)...)
	}
	s := opened(t, path, sqlite.Options{})
	t.Logf("%d transactions were acknowledged", len(acknowledged))
	for _, id := range acknowledged {
		if value(t, s, id) == nil || value(t, s, id+"-twin") == nil {
			t.Errorf("transaction %s is lost", id)
		}
	}
	var half int
	err := other(t, path).QueryRowContext(t.Context(), `SELECT count(*) FROM counters a
WHERE a.key NOT LIKE '%-twin' AND NOT EXISTS (SELECT 1 FROM counters b WHERE b.key = a.key || '-twin')`).Scan(&half)
	if err != nil || half > 0 {
		t.Errorf("%d transactions were done by half, %v", half, err)
	}
	intact(t, path)
}

// killOne lets a victim acknowledge some transactions, kills it, and returns
// all that it acknowledged.
func killOne(t *testing.T, path string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+path)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	kill := 1 + rand.IntN(300)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		ids = append(ids, lines.Text())
		if len(ids) == kill {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if len(ids) < kill {
		t.Fatalf("the victim ended of itself: %s", complaints.String())
	}
	return ids
}
