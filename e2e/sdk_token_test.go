// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// sessionClaims are those of a session token of Clerk's second version.
type sessionClaims struct {
	Azp, Iss, Sub, Sid, Jti string
	Exp, Iat, Nbf           int64
	FVA                     []int  `json:"fva"`
	Version                 int    `json:"v"`
	Status                  string `json:"sts"`
}

// tokenClaims reads the claims of a token.
func tokenClaims(t testing.TB, token string) sessionClaims {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token: %q", token)
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c sessionClaims
	if err := json.Unmarshal(body, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
