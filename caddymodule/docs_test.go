// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// documented are the Caddyfiles in a page of documentation, whole or in part.
var documented = regexp.MustCompile("(?s)```caddyfile\n(.*?)```")

// TestDocumentedCaddyfiles adapts every Caddyfile that the documentation shows.
func TestDocumentedCaddyfiles(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range documented.FindAllSubmatchIndex(text, -1) {
			block := string(text[at[2]:at[3]])
			if strings.Contains(block, "<matcher>") {
				continue // the grammar itself
			}
			if complaints := adapted(t, block); complaints != nil {
				t.Errorf("%s, line %d: %q\n%s", page, 1+strings.Count(string(text[:at[2]]), "\n"), complaints, block)
			}
		}
	}
}

var (
	// aSender and leftOut stand for what the reader has there already.
	aSender = regexp.MustCompile(`(smtp|twilio) \{\s*\.\.\.\s*\}`)
	leftOut = regexp.MustCompile(`(?m)^\s*\.\.\.\n`)
)

// theDirective stands in a site, or in a part of one.
var theDirective = regexp.MustCompile(`(?m)^\s*gatelatch\b`)

// adapted adapts a block in the places where it can stand: as a whole Caddyfile,
// in a site, or among the options of the gate. It returns nil when it is right in
// one of them, else what was wrong.
func adapted(t *testing.T, block string) []string {
	t.Helper()
	block = leftOut.ReplaceAllString(aSender.ReplaceAllString(block, "outbox messages"), "")
	inSite := "http://localhost {\n" + block + "}\n"
	places := []string{inSite, "http://localhost {\n\tgatelatch {\n" + assumed(block) + block + "\t}\n}\n"}
	if theDirective.MatchString(block) || strings.HasPrefix(block, "{") { // or the global options
		places = []string{inSite, block}
	}
	var complaints []string
	for _, place := range places {
		body, failed := adapt(t, string(caddyfile.Format([]byte(place))))
		if !failed {
			return nil
		}
		complaints = append(complaints, body)
	}
	return complaints
}

// assumed are the options that an option needs beside it, and that stand
// elsewhere on its page.
func assumed(block string) string {
	var options string
	if !strings.Contains(block, "identifiers") {
		options += "identifiers email phone\n"
	}
	if strings.Contains(block, "token_template") {
		options += "frontend_api\n"
	}
	return options
}
