// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/gatelatch/gatelatch"
)

// linkTokenSize is the size of a link's token in bytes: 128 bits are out of
// reach for guesses.
const linkTokenSize = 16

// Links derives the tokens of links in messages. Like a code, none is stored:
// it is found again from what it is bound to and a key that is not in the
// database.
type Links struct{ Key gatelatch.Key }

// Token is what the link of a verification within one attempt holds.
func (l Links) Token(attemptID string, p Purpose, v Verification) gatelatch.Secret {
	return l.token(attemptID, string(p), string(v.Strategy), v.To.Value, string(v.Nonce))
}

// Disown is what the link "this wasn't me" in a notice of a new device holds.
// about names the session, its user and its client. Such links were sent before there
// was a shorter form, and still are where the ids do not take it.
func (l Links) Disown(about string) gatelatch.Secret { return l.token("disown", about) }

// disownShort is the same for the short form of about, see [ShortArrival].
func (l Links) disownShort(about string) gatelatch.Secret {
	return l.cut(shortTokenSize, "disown, short", about)
}

// token is HMAC-SHA256 over its parts, cut to 128 bits, in base64url.
func (l Links) token(parts ...string) gatelatch.Secret { return l.cut(linkTokenSize, parts...) }

func (l Links) cut(size int, parts ...string) gatelatch.Secret {
	mac := hmac.New(sha256.New, l.Key[:])
	for _, part := range parts {
		_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) //nolint:gosec // parts are short
		mac.Write([]byte(part))
	}
	return gatelatch.Secret(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:size]))
}

// same compares two tokens in constant time.
func same(a, b gatelatch.Secret) bool { return hmac.Equal([]byte(a.Reveal()), []byte(b.Reveal())) }
