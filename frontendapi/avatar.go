// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	_ "embed"
	"net/http"
	"strconv"
)

// avatar is the picture of everybody: nobody has one of their own here, and
// Clerk's components show a broken picture where there is none. Its two greys go
// with light and with dark pages.
//
//go:embed avatar.svg
var avatar []byte

// avatarPath is where the picture is, below the base.
const avatarPath = "/v1/avatar.svg"

// imageURL is the whole address of the picture: programs show it on pages of other
// origins, too.
func (h *Handler) imageURL() string {
	if len(h.Site.Origins) == 0 {
		return ""
	}
	return h.Site.Origins[0] + h.Site.Base + avatarPath
}

// serveAvatar serves the picture to anybody, and looks at no cookie.
func serveAvatar(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "default-src 'none'") // opened by itself it is a document
	h.Set("Content-Length", strconv.Itoa(len(avatar)))
	h.Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(avatar) // the caller may be gone; there is nobody to tell
}
