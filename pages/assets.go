// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// asset is one file the pages load.
type asset struct {
	body        []byte
	contentType string
}

// buildAssets makes the stylesheet, with the operator's colour folded in so
// that it stays one request, and the script. Names carry a hash of the content,
// so a browser may keep them for ever and never mixes two versions.
func (r *Renderer) buildAssets() error {
	css, err := embedded.ReadFile("assets/gatelatch.css")
	if err != nil {
		return err
	}
	accent, err := accentStyles(r.site.Accent)
	if err != nil {
		return err
	}
	js, err := embedded.ReadFile("assets/gatelatch.js")
	if err != nil {
		return err
	}
	accent += codeStyles(r.site.CodeLength)
	r.assets = make(map[string]asset, 2)
	r.css = r.addAsset("gatelatch", "css", "text/css; charset=utf-8", bytes.Join([][]byte{css, []byte(accent)}, nil))
	r.js = r.addAsset("gatelatch", "js", "text/javascript; charset=utf-8", js)
	return nil
}

// addAsset files content under a name with its hash and returns its path.
func (r *Renderer) addAsset(name, ext, contentType string, body []byte) string {
	sum := sha256.Sum256(body)
	full := strings.Join([]string{name, hex.EncodeToString(sum[:6]), ext}, ".")
	r.assets[full] = asset{body, contentType}
	return r.site.Base + "/assets/" + full
}

// Asset returns what <base>/assets/<name> holds, and whether there is such a
// file. The caller must not change body.
func (r *Renderer) Asset(name string) (body []byte, contentType string, ok bool) {
	a, ok := r.assets[name]
	return a.body, a.contentType, ok
}

// codeStyles gives the code field a place for each digit. Long codes stand
// closer, so that ten digits fit on the narrowest screen.
func codeStyles(digits int) string {
	gap := ".5em"
	if digits > 8 {
		gap = ".2em"
	}
	return fmt.Sprintf(":root{--digits:%d;--gap:%s}\n", digits, gap)
}
