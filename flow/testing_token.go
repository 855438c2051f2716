// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// TestingToken returns a token by which a test is known until then, in whole
// seconds: "<Unix seconds>-<MAC>". It opens nothing, and nothing is stored. Clerk's
// testing helpers send it along with every request.
func (s *Service) TestingToken(until time.Time) gatelatch.Secret {
	return testingToken(s.Keys.Link, until.Unix())
}

// Tester reports whether a text is a testing token of this site that is good now,
// and the site is in test mode. Its bearer may be a [Caller] with Tester set.
func (s *Service) Tester(text string) bool {
	if !s.Policy.TestMode || text == "" {
		return false
	}
	seconds, _, _ := strings.Cut(text, "-")
	until, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s.Now().Unix() >= until {
		return false
	}
	return hmac.Equal([]byte(testingToken(s.Keys.Link, until).Reveal()), []byte(text))
}

func testingToken(key gatelatch.Key, until int64) gatelatch.Secret {
	text := strconv.FormatInt(until, 10)
	mac := hmac.New(sha256.New, key[:])
	_, _ = mac.Write([]byte("testing token " + text))
	return gatelatch.Secret(text + "-" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]))
}
