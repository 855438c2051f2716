// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"net/http"
	"strconv"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// keySet publishes the public signing keys (RFC 7517).
func (c *call) keySet() {
	body := c.KeySet()
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = c.w.Write(body) // the caller may be gone; there is nobody to tell
}

// DevBrowser is what programs with a development key ask for first.
type DevBrowser struct {
	Object string `json:"object"` // "dev_browser"
	ID     string `json:"id"`
}

// devBrowser gives such programs the name they want. Nothing hangs on it here.
func (c *call) devBrowser() {
	c.plain(DevBrowser{Object: "dev_browser", ID: gatelatch.NewID("dvb", c.now)})
}

// joinWaitlist refuses: an entry of the waitlist is a proven address, and this call
// proves none. Whoever signs up where there is a waitlist proves the address, and
// is on it.
func (c *call) joinWaitlist() {
	doors, err := c.Flow.Doors(c.r.Context())
	if err != nil {
		c.fail(err)
		return
	}
	r := notOffered()
	if doors.Mode == flow.SignUpWaitlist {
		r.Message = "Sign up to join the waitlist: your address is confirmed first."
	}
	c.turnAway(http.StatusForbidden, r)
}

// JWKS is a set of public keys (RFC 7517).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWK is one public key.
type JWK struct {
	KeyType   string `json:"kty"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Modulus   string `json:"n,omitempty"`
	Exponent  string `json:"e,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
}
