// SPDX-License-Identifier: Apache-2.0

package txn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/store/sqlstore/txn"
)

func TestRun(t *testing.T) {
	failure := errors.New("the machine failed")
	var table map[string]int
	for _, c := range []struct {
		name string
		fn   func() error
		is   error
		says string
	}{
		{"nothing", func() error { return nil }, nil, ""},
		{"an error", func() error { return failure }, failure, "the machine failed"},
		{"a fault of the runtime", func() error { table["x"]++; return nil }, txn.ErrPanic, "assignment to entry in nil map"},
		{"a panic", func() error { panic("the code is 123456") }, txn.ErrPanic, "at txn_test.go:"},
		{"a panic with an error", func() error { panic(failure) }, txn.ErrPanic, "*errors.errorString"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := txn.Run(c.fn)
			if !errors.Is(err, c.is) || (err == nil) != (c.is == nil) {
				t.Fatalf("got %v, want %v", err, c.is)
			}
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q does not say %q", err, c.says)
			}
			if strings.Contains(err.Error(), "123456") {
				t.Errorf("the error shows what the program panicked with: %v", err)
			}
		})
	}
}
