// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// EnvBinary names the variable that holds the path of a gate built before;
// without it the harness builds one.
const EnvBinary = "GATELATCH_BIN"

var (
	built   = sync.OnceValues(build)
	builtIn atomic.Pointer[string]
)

// Binary returns the path of the gate's program.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func build() (string, error) {
	if path := os.Getenv(EnvBinary); path != "" {
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "gatelatch-e2e-")
	if err != nil {
		return "", err
	}
	builtIn.Store(&dir)
	path := filepath.Join(dir, "gatelatch")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/gatelatch")
	cmd.Dir = ".." // tests run in e2e/, the project is above
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the gate: %w\n%s", err, out)
	}
	return path, nil
}

// Clean removes what Binary has built.
func Clean() {
	if dir := builtIn.Load(); dir != nil {
		_ = os.RemoveAll(*dir) // a temporary directory
	}
}
