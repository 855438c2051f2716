// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// TestAdvice starts sites and reads what the log tells their operator.
func TestAdvice(t *testing.T) {
	const (
		logo      = "branding logo is not public"
		sheet     = "branding stylesheet is not public"
		nothing   = "public /* leaves nothing guarded"
		toAFile   = "email is written to a file and not sent"
		neighbour = "shares its users with one where anybody may sign up"
	)
	for _, row := range []struct {
		name string
		// sites are the options of one site each, on one store.
		sites []string
		want  []string
	}{
		{"a plain one", []string{""}, nil},
		{"a logo behind the gate", []string{"branding {\nlogo /logo.svg\nstylesheet /own.css\n}"}, []string{logo, sheet}},
		{"a logo that is public", []string{"public /logo.svg\nbranding {\nlogo /logo.svg\n}"}, nil},
		{"everything public", []string{"public /*"}, []string{nothing}},
		{"everything public, for programs", []string{"public /*\nfrontend_api"}, nil},
		{"two that take anybody", []string{"", ""}, nil},
		{"two that are closed", []string{"sign_up closed", "sign_up invite"}, nil},
		{"closed beside open", []string{"sign_up closed", ""}, []string{neighbour}},
		{"a list beside open", []string{"", "allow email example.com"}, []string{neighbour}},
		{"codes of a public site in a file", []string{"origin https://app.example.com\nemail outbox messages.jsonl"}, []string{toAFile}},
	} {
		t.Run(row.name, func(t *testing.T) {
			log := startedWith(t, row.sites)
			if n := strings.Count(log, "the gate is up"); n != len(row.sites) {
				t.Errorf("%d sites are introduced, want %d", n, len(row.sites))
			}
			for _, advice := range []string{logo, sheet, nothing, toAFile, neighbour} {
				if got, want := strings.Contains(log, advice), slices.Contains(row.want, advice); got != want {
					t.Errorf("%q: %v, want %v", advice, got, want)
				}
			}
		})
	}
}

// startedWith starts sites on one store, and returns what the log says.
func startedWith(t *testing.T, sites []string) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	file := filepath.Join(dir, "log")
	var text strings.Builder
	for _, options := range sites {
		_, _ = fmt.Fprintf(&text, "http://localhost:%d {\n\tgatelatch {\n\t\tstore sqlite %s/gate.db\n%s\n\t}\n}\n", freePort(t), dir, options)
	}
	global := strings.Replace(globalOptions, "output discard", "output file "+file, 1)
	if err := caddy.Load(configWith(t, global, text.String()), true); err != nil {
		t.Fatal(err)
	}
	stop(t)
	log, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}
