// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pure are the files that decide. They take values and return values.
var pure = []string{
	"flow/code.go", "flow/fields.go", "flow/policy.go", "flow/signin.go", "flow/signup.go", "flow/verification.go",
	"flow/change.go", "flow/signup_end.go",
	"flow/links.go", "flow/owner.go", "flow/signin_first.go", "flow/signin_password.go", "flow/signin_purpose.go", "flow/signin_second.go",
	"flow/table.go", "flow/table_signin.go",
	"flow/attempt_view.go", "flow/owner_barred.go", "flow/signin_ticket.go", "flow/signup_invite.go",
	"flow/change_event.go", "flow/links_short.go", "flow/observer.go", "flow/signup_details.go", "flow/signup_more.go",
	"flow/testing_token.go", "flow/testmode.go",
}

// effects are the doors to the world: requests, databases, randomness, files.
var effects = []string{"context", "crypto/rand", "database/sql", "log/slog", "math/rand", "math/rand/v2", "net", "net/http", "os"}

func TestPureFilesStayPure(t *testing.T) {
	for _, name := range pure {
		for _, path := range imports(t, name) {
			if slices.Contains(effects, path) {
				t.Errorf("%s imports %s: what needs it belongs into the shell (service.go and its neighbours), which hands the "+
					"result in as a value of Env or of the input", name, path)
			}
		}
	}
}

func TestPureFilesReadNoClock(t *testing.T) {
	for _, name := range pure {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"time.Now(", "time.Since(", "time.Until(", "time.After(", "time.Sleep("} {
			if strings.Contains(string(text), call) {
				t.Errorf("%s calls %s...): the time comes in as Env.Now", name, call)
			}
		}
	}
}
