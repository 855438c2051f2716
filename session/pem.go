// SPDX-License-Identifier: Apache-2.0

package session

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"
)

// PublicPEM returns the public half of the key that signs at now, as PEM of type
// PUBLIC KEY (RFC 7468 13): what Clerk's backend SDKs take as jwtKey.
func (k *Keyring) PublicPEM(algorithm string, now time.Time) ([]byte, error) {
	key, err := k.signer(algorithm, now)
	if err != nil {
		return nil, fmt.Errorf("publishing a key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.private.Public())
	if err != nil {
		return nil, fmt.Errorf("encoding a public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
