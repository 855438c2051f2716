// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlite"
	"github.com/gatelatch/gatelatch/store/storetest"
)

func TestConformance(t *testing.T) { storetest.Run(t, open) }

func BenchmarkStore(b *testing.B) { storetest.Bench(b, open) }

// open returns a store in a directory that does not exist yet, at a path that
// no URL would take as it is.
func open(t testing.TB) store.Store {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(t.TempDir(), "a new directory", "gate?latch #1%.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
