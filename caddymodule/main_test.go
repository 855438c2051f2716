// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
)

// dataHome stands in for the developer's own directory of data, so that no test
// reads or leaves anything there.
var dataHome string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dataHome, err = os.MkdirTemp("", "gatelatch")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dataHome)
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"} {
		if err := os.Setenv(name, dataHome); err != nil {
			return 0, err
		}
	}
	caddy.ConfigAutosavePath = filepath.Join(dataHome, "autosave.json")
	caddy.DefaultStorage = &certmagic.FileStorage{Path: filepath.Join(dataHome, "caddy")}
	return m.Run(), nil
}
