// SPDX-License-Identifier: Apache-2.0

// Package e2e_test holds tests that know nothing of the gate's insides: they
// run the real program in front of a real upstream, and visit it with raw
// requests and a real browser. Set GATELATCH_BIN to a program built before, and
// E2E_SCREENSHOTS to a directory to get pictures of every page.
package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

var update = flag.Bool("update", false, "write the pictures of the README anew")

func TestMain(m *testing.M) {
	flag.Parse()
	sideBySide()
	installAxe()
	code := m.Run()
	harness.CloseBrowser()
	harness.Clean()
	os.Exit(code)
}

// sideBySide lets more tests run at once than there are processors: the long
// ones wait most of their time.
func sideBySide() {
	if f := flag.Lookup("test.parallel"); f.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = f.Value.Set("8") // a number is always taken
	}
}

// installAxe gets the one package from npm that the tests need, as it is
// pinned. Without npm the tests that need it say so.
func installAxe() {
	if _, err := os.Stat("node_modules/axe-core/axe.min.js"); err == nil {
		return
	}
	if out, err := exec.Command("npm", "ci", "--ignore-scripts").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "npm ci: %v\n%s\n", err, out)
	}
}

// slow leaves a test out of quick runs.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out with -short")
	}
}

// generous are limits that one machine with many visitors does not meet.
const generous = `limits {
	guesses_per_identifier 1000000/h
	sends_per_identifier   1000000/h
	sends_per_network      1000000/m
	starts_per_network     1000000/m
	messages_per_site      1000000/m
}
`
