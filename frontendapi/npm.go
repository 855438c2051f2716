// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// How long browsers keep a file. One of an exact version never changes; one of a
// major version is another after the next update.
const (
	keepExact = "public, max-age=31536000, immutable"
	keepMajor = "public, max-age=600"
)

// scriptTypes are the files that are served, by their endings.
var scriptTypes = map[string]string{
	".js":   "text/javascript; charset=utf-8",
	".mjs":  "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".map":  "application/json",
	".json": "application/json",
	".txt":  "text/plain; charset=utf-8",
}

// serveScript answers a path below Base + "/npm/": programs made with React load
// Clerk's scripts from there. They are public, and no cookie is looked at.
func (h *Handler) serveScript(w http.ResponseWriter, r *http.Request, below string) {
	w.Header().Set("Access-Control-Allow-Origin", "*") // the tags ask for it
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	s, ok := parseScript(below)
	switch {
	case h.Site.Scripts == "":
		h.noScripts(w, r)
	case !ok:
		noScript(w)
	case strings.HasPrefix(h.Site.Scripts, "https://"):
		w.Header().Set("Cache-Control", keepMajor)
		http.Redirect(w, r, strings.TrimSuffix(h.Site.Scripts, "/")+"/"+s.String(), http.StatusFound) //nolint:gosec // the host is the operator's, the path a plain one
	default:
		h.serveFile(w, r, s)
	}
}

// errNoScripts is reported at the first request for a script alone: every page of
// such a program asks for several.
var errNoScripts = errors.New("a program asks for Clerk's scripts, and sdk_files is not set in frontend_api")

// noScripts tells whoever looks at why a program does not begin what is missing.
func (h *Handler) noScripts(w http.ResponseWriter, r *http.Request) {
	if h.Report != nil {
		h.scriptless.Do(func() { h.Report(r, errNoScripts) })
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "This site serves no scripts of Clerk's: sdk_files is not set in frontend_api.", http.StatusNotFound)
}

func noScript(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "There is no such script where sdk_files of frontend_api says.", http.StatusNotFound)
}

func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, s script) {
	content, info, err := openScript(h.Site.Scripts, s)
	if errors.Is(err, fs.ErrNotExist) {
		noScript(w)
		return
	}
	if err != nil {
		if h.Report != nil {
			h.Report(r, err)
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	defer content.Close() //nolint:errcheck // it was only read
	w.Header().Set("Content-Type", scriptTypes[path.Ext(s.file)])
	w.Header().Set("Cache-Control", s.keep())
	w.Header().Set("ETag", etag(info))
	http.ServeContent(w, r, "", info.ModTime(), content)
}

// etag names a file's content by what changes with it.
func etag(info fs.FileInfo) string {
	return `"` + strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UTC().UnixNano()/int64(time.Microsecond), 36) + `"`
}

// openScript finds a file in a directory: under the package with that version in its
// name, or with the major one, or as npm installs it; in the last two only when the
// version is right. Nothing outside of the directory can be reached.
func openScript(dir string, s script) (*os.File, fs.FileInfo, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the directory of scripts: %v", err) //nolint:errorlint // a directory that is not there is a fault, no missing file
	}
	defer root.Close() //nolint:errcheck // it was only read
	for _, folder := range s.folders() {
		if folder != s.folder() && !s.admits(installed(root, folder)) {
			continue
		}
		f, info, err := openRegular(root, folder+"/"+s.file)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, info, err
		}
	}
	return nil, nil, fs.ErrNotExist
}

// openRegular opens a file that is one; anything else is not there.
func openRegular(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil, fs.ErrNotExist // a way out of the directory is none
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("opening a script: %w", err)
	}
	if info, err = f.Stat(); err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("reading a script: %w", err)
	}
	return f, info, nil
}
