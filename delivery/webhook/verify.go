// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

const (
	headerTimestamp = "Gatelatch-Timestamp"
	headerSignature = "Gatelatch-Signature"
	version         = "v1="
	// minSecret keeps a key from being guessed, in bytes.
	minSecret = 16
	// maxStamp is enough digits for 30,000 years.
	maxStamp = 12
)

// Why a request is refused.
var (
	// ErrSignature says that the request was not signed with the secret, or is
	// not as it was when it was signed.
	ErrSignature = errors.New("webhook: signature missing or wrong")
	// ErrStale says that the signature is right but too old, or from the future.
	ErrStale = errors.New("webhook: timestamp out of tolerance")
	// ErrSecret says that the secret is shorter than 16 bytes.
	ErrSecret = errors.New("webhook: secret shorter than 16 bytes")
)

// Verify reports whether a request comes from a [Sender] with the same secret.
// Give it the headers and the body as they came, before any decoding, with a
// bound on the body's size. A timestamp further than tolerance from now is
// refused; five minutes is a good value. Within it the same request can be
// replayed: remember the ids (in the signed body; the header Idempotency-Key is
// not signed) for that long.
//
// It returns nil, [ErrSignature], [ErrStale] or [ErrSecret]. The comparison takes
// constant time. Both headers must be there exactly once.
func Verify(secret gatelatch.Secret, h http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	if len(secret) < minSecret {
		return ErrSecret
	}
	stamp, signature := h.Values(headerTimestamp), h.Values(headerSignature)
	if len(stamp) != 1 || len(signature) != 1 {
		return ErrSignature
	}
	sentAt, ok := parseStamp(stamp[0])
	given, found := strings.CutPrefix(signature[0], version)
	if !ok || !found || !hmac.Equal([]byte(given), []byte(sign(secret, stamp[0], body))) {
		return ErrSignature
	}
	if now.Sub(sentAt).Abs() > tolerance {
		return ErrStale
	}
	return nil
}

// sign returns the lower-case hex HMAC-SHA256 of stamp, "." and body.
func sign(secret gatelatch.Secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(stamp))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// parseStamp takes plain digits, without sign or space.
func parseStamp(s string) (time.Time, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || len(s) > maxStamp {
		return time.Time{}, false
	}
	return time.Unix(int64(n), 0), true //nolint:gosec // 63 bits
}
