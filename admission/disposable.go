// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// maxLine is the longest line in bytes; a domain has at most 253.
	maxLine = 1024
	// maxDomains bounds a list. The largest public ones have some 200,000.
	maxDomains = 1 << 20
)

// ErrDisposable says that a list of disposable domains cannot be used.
var ErrDisposable = errors.New("not a list of domains, one a line")

// ReadDisposable reads a list of domains of throw-away addresses: one a line, in
// any case, also in its own script; empty lines, and whatever follows a "#", are
// skipped. The function it returns reports a domain that is on the list, or below
// one that is; it may be called concurrently. An error wraps [ErrDisposable], or
// is the reader's, and names the line.
func ReadDisposable(r io.Reader) (func(domain string) bool, error) {
	list := make(map[string]struct{})
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	n := 0
	for lines.Scan() {
		n++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		name, ok := normalDomain(text)
		if !ok || len(list) >= maxDomains {
			return nil, fmt.Errorf("line %d: %w", n, ErrDisposable)
		}
		list[name] = struct{}{}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("after line %d: %w", n, err)
	}
	return func(domain string) bool { return below(list, domain) }, nil
}

// below looks for a domain and all that it is part of.
func below(list map[string]struct{}, domain string) bool {
	for name, ok := domain, true; ok; _, name, ok = strings.Cut(name, ".") {
		if _, listed := list[name]; listed {
			return true
		}
	}
	return false
}
