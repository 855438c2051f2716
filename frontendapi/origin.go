// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"net/http"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/gate"
)

func (h *Handler) origins() gate.Origins {
	return gate.Origins{Own: h.Site.Origins, Allowed: h.Site.Allowed}
}

// admitted judges where a call comes from, and lets pages of allowed origins read
// the answer. When it returns false the answer has been given.
func (c *call) admitted() bool {
	cookie := !c.native && c.Jar.Read(c.r.Header).Client != ""
	from, origin := c.origins().Judge(c.r.Method, c.r.Header, cookie)
	c.w.Header().Add("Vary", "Origin")
	switch {
	case from == gate.FromConflict:
		c.turnAway(http.StatusBadRequest, &gatelatch.Refusal{Code: gatelatch.CodeOriginWithKey, Message: "A page must not send an Authorization header."})
		return false
	case from.Refused(), c.native && len(c.r.Header["Origin"]) > 0: // a page must not be shown a token that is enough by itself
		c.turnAway(http.StatusBadRequest, &gatelatch.Refusal{Code: gatelatch.CodeOriginInvalid, Message: "Requests from this origin are not allowed."})
		return false
	}
	c.share(origin)
	return true
}

// share lets a page of another origin read the answer.
func (c *call) share(origin string) {
	if origin == "" {
		return
	}
	c.origin = origin
	h := c.w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "Authorization, Retry-After, X-Country")
}

// preflight answers a browser that asks first, which SDKs avoid: their requests
// have no header of their own.
func (c *call) preflight() {
	h := c.w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE")
	h.Set("Access-Control-Allow-Headers", "Content-Type")
	h.Set("Access-Control-Max-Age", "600")
	c.w.WriteHeader(http.StatusNoContent)
}

// own returns the site's origin that was asked: it may have several.
func (c *call) own() string {
	for _, o := range c.Site.Origins {
		if _, host, _ := strings.Cut(o, "://"); strings.EqualFold(host, c.r.Host) {
			return o
		}
	}
	if len(c.Site.Origins) == 0 {
		return ""
	}
	return c.Site.Origins[0]
}
