// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/gatelatch/gatelatch/store/sqlite"
)

func TestADatabaseHasOneOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gatelatch.db")
	first, err := sqlite.OpenWith(path, sqlite.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.Migrate(t.Context()), first.Migrate(t.Context())); err != nil {
		t.Fatal(err)
	}
	second, err := sqlite.OpenWith(path, sqlite.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel() // do not wait for the first to go
	if err := second.Migrate(ended); !errors.Is(err, sqlite.ErrInUse) {
		t.Fatalf("a second owner: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := second.Migrate(t.Context()); err != nil {
		t.Errorf("after the first is gone: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
