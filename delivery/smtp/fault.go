// SPDX-License-Identifier: Apache-2.0

package smtp

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/internal/wire"
)

// Error says in which phase a try failed, and with which numbers. It holds
// nothing else of what the server said: servers like to quote the recipient.
type Error struct {
	// Phase is connect, tls, greeting, hello, starttls, auth, mail, rcpt, data or
	// content.
	Phase string
	// Code is the server's answer (RFC 5321, section 4.2), or 0 when there was none.
	Code int
	// Enhanced is the enhanced status code of the answer (RFC 3463), or empty.
	Enhanced string
	cause    error
}

// Error implements error.
func (e *Error) Error() string {
	switch {
	case e.Code != 0 && e.Enhanced != "":
		return fmt.Sprintf("smtp %s: %d %s", e.Phase, e.Code, e.Enhanced)
	case e.Code != 0:
		return fmt.Sprintf("smtp %s: %d", e.Phase, e.Code)
	default:
		return fmt.Sprintf("smtp %s: %v", e.Phase, e.cause)
	}
}

// Unwrap returns what failed on this side: a network error, or the end of the
// context. It is nil when the server answered.
func (e *Error) Unwrap() error { return e.cause }

// Faults found on this side.
var (
	errNoStartTLS = errors.New("the server does not offer STARTTLS")
	errNoAuth     = errors.New("the server offers no way to sign in that is supported")
)

// enhanced matches the beginning of an answer that has an enhanced status code.
var enhanced = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// fault words an error of a phase, and marks it permanent when it is.
func fault(phase string, err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return &Error{Phase: phase, cause: wire.Cause(err)}
	}
	e := &Error{Phase: phase, Code: answer.Code, Enhanced: enhanced.FindString(answer.Msg)}
	if e.isFinal() {
		return delivery.Permanent(e)
	}
	return e
}

// isFinal reports a refusal of this recipient or this message. Before RCPT the
// server has seen neither, so whatever is wrong then an operator can mend while
// the code lives; the same goes for the answers that ask for a sign-in or for TLS.
func (e *Error) isFinal() bool {
	switch e.Code {
	case 530, 534, 535, 538:
		return false
	}
	switch e.Phase {
	case "rcpt", "data", "content":
		return e.Code >= 500 && e.Code <= 599
	}
	return false
}
