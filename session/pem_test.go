// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatelatch/gatelatch/session"
)

func TestPublicPEMIsTheKeyThatSigns(t *testing.T) {
	ring := keyring(newFake())
	if _, err := ring.PublicPEM(session.RS256, noon); err == nil { // nothing was refreshed yet
		t.Fatal("a key was published before one was made")
	}
	for _, days := range []time.Duration{0, 31, 33} { // before, while and after a rotation
		now := noon.Add(days * day)
		refresh(t, ring, []string{session.RS256}, now)
		text, err := ring.PublicPEM(session.RS256, now)
		if err != nil {
			t.Fatal(err)
		}
		block, rest := pem.Decode(text)
		if block == nil || block.Type != "PUBLIC KEY" || len(rest) > 0 {
			t.Fatalf("not one PUBLIC KEY: %s", text)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		public, ok := key.(*rsa.PublicKey)
		if !ok || public.N.BitLen() != 2048 || public.E != 65537 {
			t.Fatalf("a key that Clerk's SDKs do not read: %T", key)
		}
		token := mint(t, ring, someone(t), session.RS256, now)
		_, err = jwt.Parse(token, func(*jwt.Token) (any, error) { return public, nil }, jwt.WithTimeFunc(func() time.Time { return now }))
		if err != nil {
			t.Errorf("day %d: %v", days, err)
		}
	}
}
