// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds the targets of Markdown links and pictures.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".md") {
			return
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			checkLink(t, name, m[1])
		}
	})
}

func checkLink(t *testing.T, name, target string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if u.IsAbs() {
		return
	}
	file := name
	if u.Path != "" {
		file = path.Join(path.Dir(name), u.Path)
	}
	b, err := os.ReadFile(filepath.Join(root, file))
	if info, e := os.Stat(filepath.Join(root, file)); e == nil && info.IsDir() {
		err = nil
	}
	if err != nil {
		t.Errorf("%s links to %s, which is not there", name, target)
		return
	}
	if u.Fragment != "" && !hasHeading(string(b), u.Fragment) {
		t.Errorf("%s links to %s, but there is no such heading", name, target)
	}
}

var (
	heading     = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	punctuation = regexp.MustCompile("[^a-z0-9 _-]")
)

// hasHeading knows how repositories turn headings into anchors.
func hasHeading(text, anchor string) bool {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		plain := punctuation.ReplaceAllString(strings.ToLower(m[1]), "")
		if strings.ReplaceAll(plain, " ", "-") == anchor {
			return true
		}
	}
	return false
}

var (
	required = regexp.MustCompile(`github\.com/caddyserver/caddy/v2 v(2\.\d+\.\d+)`)
	named    = regexp.MustCompile(`\bv?(2\.\d+\.\d+)\b`)
)

func TestDocsNameTheCaddyOfGoMod(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	m := required.FindStringSubmatch(read("go.mod"))
	if m == nil {
		t.Fatal("go.mod does not name Caddy")
	}
	for _, name := range []string{"README.md", "xcaddy.md"} {
		all := named.FindAllStringSubmatch(read(name), -1)
		if len(all) == 0 {
			t.Errorf("%s does not say which Caddy to build", name)
		}
		for _, version := range all {
			if version[1] != m[1] {
				t.Errorf("%s names Caddy %s, go.mod has %s", name, version[1], m[1])
			}
		}
	}
}
