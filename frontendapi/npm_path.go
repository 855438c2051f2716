// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"encoding/json"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// script is a file of one of Clerk's packages.
type script struct {
	name    string // "clerk-js"
	version string // "6", "6.34.1", or the name of a release
	file    string // "dist/clerk.browser.js"
}

const (
	maxScriptPath = 200 // in bytes
	maxSegments   = 6   // of a file's path
)

// scriptPackages are the packages that programs load by themselves.
var scriptPackages = []string{"clerk-js", "ui"}

// parseScript reads "@clerk/<package>@<version>/dist/<file>". Whatever is not plain
// is none: no way up, nothing hidden, no file of another sort.
func parseScript(below string) (script, bool) {
	if len(below) > maxScriptPath {
		return script{}, false
	}
	rest, ok := strings.CutPrefix(below, "@clerk/")
	if !ok {
		return script{}, false
	}
	folder, file, ok := strings.Cut(rest, "/")
	name, version, versioned := strings.Cut(folder, "@")
	if !ok || !versioned || !slices.Contains(scriptPackages, name) || !plainName(version) || !plainFile(file) {
		return script{}, false
	}
	return script{name: name, version: version, file: file}, true
}

func plainFile(file string) bool {
	segments := strings.Split(file, "/")
	if len(segments) < 2 || len(segments) > maxSegments || segments[0] != "dist" {
		return false
	}
	_, known := scriptTypes[path.Ext(file)]
	return known && !slices.ContainsFunc(segments, func(s string) bool { return !plainName(s) })
}

// plainName reports letters, digits, and behind the first "._-+", but never two dots.
func plainName(s string) bool {
	if s == "" || !alphanumeric(s[0]) || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) && !strings.ContainsRune("._-+", rune(s[i])) {
			return false
		}
	}
	return true
}

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// String returns the path below /npm/.
func (s script) String() string { return s.folder() + "/" + s.file }

// folder is the package with the version that was asked for in its name.
func (s script) folder() string { return s.plain() + "@" + s.version }

// plain is the package as npm installs it.
func (s script) plain() string { return "@clerk/" + s.name }

// folders are where the package may be, the likeliest first.
func (s script) folders() []string {
	all := []string{s.folder()}
	if major, _, more := strings.Cut(s.version, "."); more && digits(major) {
		all = append(all, s.plain()+"@"+major)
	}
	return append(all, s.plain())
}

// exact reports a whole version, such as 6.34.1: its files never change.
func (s script) exact() bool {
	release, _, _ := strings.Cut(s.version, "-")
	parts := strings.Split(release, ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(p string) bool { return !digits(p) })
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// keep is how long browsers may keep the file.
func (s script) keep() string {
	if s.exact() {
		return keepExact
	}
	return keepMajor
}

// admits reports whether an installed version is the one that was asked for, or one
// of its line.
func (s script) admits(installed string) bool {
	return installed == s.version || digits(s.version) && strings.HasPrefix(installed, s.version+".") && !strings.Contains(installed, "-")
}

// installed reads the version of a package; empty when it says none.
func installed(root *os.Root, folder string) string {
	const longest = 1 << 20
	f, err := root.Open(folder + "/package.json")
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // it was only read
	var manifest struct {
		Version string `json:"version"`
	}
	if json.NewDecoder(io.LimitReader(f, longest)).Decode(&manifest) != nil {
		return ""
	}
	return manifest.Version
}
