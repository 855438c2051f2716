// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// totpCode is what an authenticator app shows.
func totpCode(t testing.TB, secret string, now time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, now)
	if err != nil {
		t.Fatalf("the app: %v", err)
	}
	return code
}
