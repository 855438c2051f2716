// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/gatelatch/gatelatch/caddymodule"
)

var update = flag.Bool("update", false, "rewrite golden files")

const separator = "----------\n"

// TestAdapt reads each file of testdata/adapt: a Caddyfile, a line of hyphens,
// and the JSON it adapts to, or the error it is refused with.
func TestAdapt(t *testing.T) {
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".caddyfiletest")
		t.Run(name, func(t *testing.T) { adaptFile(t, name, file) })
	}
}

func adaptFile(t *testing.T, name, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	input, want, ok := strings.Cut(string(text), separator)
	if !ok {
		t.Fatal("no separator")
	}
	got, failed := adapt(t, input)
	if failed != strings.HasPrefix(name, "error_") {
		t.Errorf("failed is %v: %s", failed, got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(input+separator+got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func adapt(t *testing.T, input string) (got string, failed bool) {
	t.Helper()
	body, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(input), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return err.Error() + "\n", true
	}
	if len(warnings) > 0 {
		t.Errorf("warnings: %v", warnings)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return pretty.String() + "\n", false
}
