// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"io"
	"regexp"
	"strings"
)

// What differs between two pages that say the same.
var (
	attemptID      = regexp.MustCompile(`si[au]_[0-9a-z]{20,}`)
	secondsLeft    = regexp.MustCompile(`data-countdown="[0-9]+">[0-9]+ seconds?|Retry-After: [0-9]+`)
	passkeyOptions = regexp.MustCompile(`data-passkey="[^"]*"`)
)

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func contains(s, part string) bool { return strings.Contains(s, part) }

func replaceAll(s, old, with string) string { return strings.ReplaceAll(s, old, with) }

func reader(s string) io.Reader { return strings.NewReader(s) }
