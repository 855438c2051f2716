// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/flow"
)

// TestReadingDoesNotWait: who only reads sees what was committed before, while
// somebody is in the middle of a write.
func TestReadingDoesNotWait(t *testing.T) {
	s := open(t)
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(tx flow.Tx) error {
		if err := tx.PutCounter(t.Context(), "k", []byte("1"), time.Now()); err != nil {
			return err
		}
		return s.InReadTx(t.Context(), func(tx flow.Tx) error {
			value, err := tx.Counter(t.Context(), "k")
			if value != nil {
				t.Errorf("read %q, which is not committed", value)
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
}
