// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gatelatch/gatelatch"
)

// The signing algorithms offered (RFC 7518).
const (
	ES256 = "ES256"
	RS256 = "RS256"
)

const (
	// rotateAfter is how long a key signs.
	rotateAfter = 30 * 24 * time.Hour
	// publishAhead is how long a new key stands in the key set before it signs,
	// so that verifiers who cached the set know it when it does.
	publishAhead = 24 * time.Hour
	// keepAfter is how long a key stays in the set after it has stopped signing.
	keepAfter = 24 * time.Hour
	// rsaBits is fixed: Clerk's SDKs read no other size.
	rsaBits = 2048
)

// Keyring holds the signing keys of an installation. They live in the store,
// encrypted with a key that does not. It is safe for concurrent use; Refresh
// makes, rotates and forgets keys and must have run once before anything signs.
type Keyring struct {
	Repo    Repo
	Encrypt gatelatch.Key
	mu      sync.Mutex // one Refresh at a time, or each would make a key
	current atomic.Pointer[keySet]
}

type keySet struct {
	keys []signingKey // newest first
	json []byte
}

type signingKey struct {
	id, algorithm string
	private       crypto.Signer
	createdAt     time.Time
}

// errNoKey says that nothing can be signed yet.
var errNoKey = errors.New("no signing key has been made yet")

// KeySet returns the public keys as a JSON Web Key Set (RFC 7517).
func (k *Keyring) KeySet() []byte {
	if s := k.current.Load(); s != nil {
		return s.json
	}
	return []byte(`{"keys":[]}`)
}

// signer returns the key that signs at now: the newest that has been published
// long enough, or the oldest there is when none has.
func (k *Keyring) signer(algorithm string, now time.Time) (signingKey, error) {
	var newest *signingKey
	s := k.current.Load()
	if s == nil {
		return signingKey{}, errNoKey
	}
	for i := range s.keys {
		key := &s.keys[i]
		if key.algorithm != algorithm {
			continue
		}
		if !now.Before(key.createdAt.Add(publishAhead)) {
			return *key, nil
		}
		newest = key // the oldest of the new ones
	}
	if newest == nil {
		return signingKey{}, errNoKey
	}
	return *newest, nil
}

// Refresh reads the keys, makes one for each algorithm whose newest key has
// signed long enough, and forgets those that no valid token can name.
func (k *Keyring) Refresh(ctx context.Context, algorithms []string, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys, err := k.load(ctx)
	if err != nil {
		return err
	}
	made := false
	for _, a := range algorithms {
		if !stale(keys, a, now) {
			continue
		}
		if err := k.add(ctx, a, now); err != nil {
			return err
		}
		made = true
	}
	if made {
		if keys, err = k.load(ctx); err != nil {
			return err
		}
	}
	if err := k.Repo.DeleteSigningKeys(ctx, succeeded(keys, algorithms, now)); err != nil {
		return fmt.Errorf("forgetting old signing keys: %w", err)
	}
	return k.publish(keys)
}

// succeeded returns the moment before which no key has signed for keepAfter:
// each algorithm has a younger one that has taken over by then. Age alone does
// not tell, since a process that was off for long still signs with an old key.
func succeeded(keys []signingKey, algorithms []string, now time.Time) time.Time {
	var before time.Time
	for i, a := range algorithms {
		successor := time.Time{}
		for _, key := range keys {
			if key.algorithm == a && !now.Before(key.createdAt.Add(publishAhead+keepAfter)) {
				successor = key.createdAt
				break
			}
		}
		if i == 0 || successor.Before(before) {
			before = successor
		}
	}
	return before
}

func stale(keys []signingKey, algorithm string, now time.Time) bool {
	for _, key := range keys {
		if key.algorithm == algorithm {
			return !now.Before(key.createdAt.Add(rotateAfter))
		}
	}
	return true
}

func (k *Keyring) load(ctx context.Context) ([]signingKey, error) {
	stored, err := k.Repo.SigningKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading signing keys: %w", err)
	}
	keys := make([]signingKey, 0, len(stored))
	for _, s := range stored {
		key, err := k.open(s)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (k *Keyring) add(ctx context.Context, algorithm string, now time.Time) error {
	private, err := generate(algorithm)
	if err != nil {
		return fmt.Errorf("making a signing key: %w", err)
	}
	stored, err := k.seal(gatelatch.NewID("key", now), algorithm, private, now)
	if err != nil {
		return err
	}
	if err := k.Repo.PutSigningKey(ctx, stored); err != nil {
		return fmt.Errorf("keeping a signing key: %w", err)
	}
	return nil
}

func generate(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	}
	return nil, fmt.Errorf("unknown algorithm %q", algorithm)
}

func (k *Keyring) publish(keys []signingKey) error {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{
			Key: key.private.Public(), KeyID: key.id, Algorithm: key.algorithm, Use: "sig",
		})
	}
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("writing the key set: %w", err)
	}
	k.current.Store(&keySet{keys: keys, json: text})
	return nil
}

// seal encrypts a private key; the id and the algorithm are bound to it.
func (k *Keyring) seal(id, algorithm string, private crypto.Signer, now time.Time) (StoredKey, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return StoredKey{}, fmt.Errorf("encoding a signing key: %w", err)
	}
	aead, err := k.aead()
	if err != nil {
		return StoredKey{}, err
	}
	sealed := aead.Seal(nil, nil, der, []byte(id+" "+algorithm))
	return StoredKey{ID: id, Algorithm: algorithm, Sealed: sealed, CreatedAt: now}, nil
}

func (k *Keyring) open(s StoredKey) (signingKey, error) {
	aead, err := k.aead()
	if err != nil {
		return signingKey{}, err
	}
	der, err := aead.Open(nil, nil, s.Sealed, []byte(s.ID+" "+s.Algorithm))
	if err != nil {
		return signingKey{}, fmt.Errorf("decrypting signing key %s: %w", s.ID, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return signingKey{}, fmt.Errorf("reading signing key %s: %w", s.ID, err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return signingKey{}, fmt.Errorf("signing key %s cannot sign", s.ID)
	}
	return signingKey{s.ID, s.Algorithm, signer, s.CreatedAt}, nil
}

// aead is AES-256-GCM with a random nonce inside the ciphertext.
func (k *Keyring) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.Encrypt[:])
	if err != nil {
		return nil, fmt.Errorf("preparing the encryption of signing keys: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
