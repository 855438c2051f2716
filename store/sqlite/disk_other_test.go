// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package sqlite_test

import (
	"os"
	"testing"
)

func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("small file systems are made on Linux only")
	}
	t.Skip("small file systems are made on Linux only")
	return ""
}

func narrow(t *testing.T, _, _ string, _ int64) { t.Helper() }
