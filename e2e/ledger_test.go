// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"sync"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// ledger is what visitors were told before a gate was killed: all of it has to
// be true afterwards.
type ledger struct {
	mu       sync.Mutex
	users    map[string]string // user ids by address, as far as known
	arrivals []*arrival
	promises []promise
	known    map[int][]string // addresses with accounts, by worker
}

// arrival is a session that a visitor was given.
type arrival struct {
	worker  int
	visitor *harness.Visitor
	address string
	page    *harness.Page // the page that asked for the code
	code    string
	id      *harness.Identity // nil when nobody was asked before the end
	state   arrivalState
}

type arrivalState int

const (
	live    arrivalState = iota
	leaving              // signing out was asked for, and not confirmed
	left                 // signing out was confirmed
)

// promise is a code page that a visitor was shown: the n-th message to the
// address has to arrive.
type promise struct {
	address string
	n       int
}

func newLedger() *ledger { return &ledger{users: map[string]string{}, known: map[int][]string{}} }

func (l *ledger) arrive(a *arrival) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.users[a.address]; !known {
		l.users[a.address] = ""
		l.known[a.worker] = append(l.known[a.worker], a.address)
	}
	l.arrivals = append(l.arrivals, a)
}

func (l *ledger) promise(p promise) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.promises = append(l.promises, p)
}

// identified notes who an arrival is, and complains when the address belonged
// to somebody else before.
func (l *ledger) identified(a *arrival, id *harness.Identity) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.users[a.address]
	if before != "" && before != id.User {
		return fmt.Errorf("%s was user %s and is now %s", a.address, before, id.User)
	}
	if id.Email != a.address {
		return fmt.Errorf("%s is taken for %s", a.address, id.Email)
	}
	if a.id != nil && a.id.Session != id.Session {
		return fmt.Errorf("the session %s became %s", a.id.Session, id.Session)
	}
	l.users[a.address], a.id = id.User, id
	return nil
}

// someone returns an address that has an account, if any: one of a worker's
// own, since two who sign in with one address at once read each other's mail.
func (l *ledger) someone(worker int, pick func(n int) int) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.known[worker]
	if len(list) == 0 {
		return "", false
	}
	return list[pick(len(list))], true
}

// count is how many arrivals there are to take.
func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.arrivals)
}

// take empties the list of arrivals.
func (l *ledger) take() []*arrival {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.arrivals
	l.arrivals = nil
	return list
}
