// SPDX-License-Identifier: Apache-2.0

// Package txn runs the function of one transaction.
package txn

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrPanic is what a transaction fails with whose function panicked.
var ErrPanic = errors.New("the transaction panicked")

// Run calls fn and turns a panic into an error that wraps [ErrPanic] and says
// where it happened. Values that a program panics with are left out, as they
// may hold what must not be printed; those of the Go runtime are not.
func Run(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w at %s: %s", ErrPanic, origin(), describe(r))
		}
	}()
	return fn()
}

func describe(r any) string {
	if re, ok := r.(runtime.Error); ok {
		return re.Error()
	}
	return fmt.Sprintf("a value of type %T", r)
}

// origin names the file and line of the panic: the first frame below the
// runtime's own.
func origin() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	panicking := false
	for {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if panicking && !inRuntime {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		panicking = panicking || inRuntime
		if !more {
			return "an unknown place"
		}
	}
}
