// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// hashedKey is a key as it is compared: of one length, whatever its own.
type hashedKey struct {
	name string
	hash [sha256.Size]byte
}

// hashKeys leaves empty keys out: they would let everybody in.
func hashKeys(keys []SecretKey) []hashedKey {
	var hashed []hashedKey
	for _, k := range keys {
		if k.Value != "" {
			hashed = append(hashed, hashedKey{k.Name, sha256.Sum256([]byte(k.Value.Reveal()))})
		}
	}
	return hashed
}

// bearer returns the key that a request brings; nothing when it brings none, or
// more than one.
func bearer(r *http.Request) string {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	scheme, key, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// holder finds whose key it is. It looks at all of them, in constant time.
func holder(keys []hashedKey, given string) (name string, ok bool) {
	hash := sha256.Sum256([]byte(given))
	for _, k := range keys {
		if subtle.ConstantTimeCompare(k.hash[:], hash[:]) == 1 {
			name, ok = k.name, true
		}
	}
	return name, ok && given != ""
}

// admit lets holders of a key in. A page in a browser has none to bring: a request
// that comes from one is refused whatever it brings. Cookies are never looked at.
func (c *call) admit() *gatelatch.Refusal {
	if len(c.r.Header.Values("Origin")) > 0 {
		return &gatelatch.Refusal{Code: gatelatch.CodeOriginInvalid, Message: "This interface is for servers: it answers no page in a browser."}
	}
	name, ok := holder(c.keys, bearer(c.r))
	if !ok {
		if wait := c.limits.wrong(c.ClientIP(c.r), c.now); wait > 0 {
			return refuseTooMany(wait)
		}
		return &gatelatch.Refusal{Code: gatelatch.CodeKeyInvalid, Message: "The secret key is missing, or is none of this site."}
	}
	c.key = name
	if wait := c.limits.used(name, c.now); wait > 0 {
		return refuseTooMany(wait)
	}
	return nil
}
