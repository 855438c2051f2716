// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/gatelatch/gatelatch"
)

// source is what one package imports. Files are read instead of asking the go
// command alone, so that the test cache notices when one of them changes, and
// files for other systems count too.
type source struct {
	imports, testImports []string
}

// sources reads every package of the module, by its directory; the root is ".".
func sources(t *testing.T) map[string]source {
	t.Helper()
	packages := make(map[string]source)
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		p := packages[path.Dir(name)]
		if strings.HasSuffix(name, "_test.go") {
			p.testImports = append(p.testImports, imports(t, name)...)
		} else {
			p.imports = append(p.imports, imports(t, name)...)
		}
		packages[path.Dir(name)] = p
	})
	if len(packages) < 10 {
		t.Fatalf("found only %d packages; the root of the module is not at %s", len(packages), root)
	}
	return packages
}

// walk visits the files of the repository by their slash-separated names. The
// browser tests are a module of their own.
func walk(t *testing.T, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "bin", "e2e", "node_modules", "testdata"}, d.Name()) {
			return filepath.SkipDir
		}
		name, err := filepath.Rel(root, file)
		if err == nil && !d.IsDir() {
			visit(filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func imports(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// inside returns the directory of one of the module's own packages.
func inside(importPath string) (dir string, ok bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// outside reports an import that is neither ours nor of the standard library.
func outside(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	_, ours := inside(importPath)
	return strings.Contains(first, ".") && !ours
}

// within reports whether dir is one of the places, or below one that ends in
// "/...".
func within(dir string, places []string) bool {
	return slices.ContainsFunc(places, func(place string) bool {
		parent, tree := strings.CutSuffix(place, "/...")
		return dir == parent || tree && strings.HasPrefix(dir, parent+"/")
	})
}
