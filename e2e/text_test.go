// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"io"
	"strings"
)

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func contains(s, part string) bool { return strings.Contains(s, part) }

func replaceAll(s, old, with string) string { return strings.ReplaceAll(s, old, with) }

func reader(s string) io.Reader { return strings.NewReader(s) }
