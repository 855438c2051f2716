// SPDX-License-Identifier: Apache-2.0

package gatelatch_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
)

func allKeys(k gatelatch.Keys) map[string][]byte {
	check, _ := hex.DecodeString(k.Check)
	return map[string][]byte{
		"code": k.Code[:], "token": k.Token[:], "budget": k.Budget[:], "form": k.Form[:], "encrypt": k.Encrypt[:],
		"factor": k.Factor[:], "link": k.Link[:], "check": check,
	}
}

// hkdf32 is RFC 5869 written out for one block of output and no salt, to check
// the derivation by another way.
func hkdf32(secret []byte, info string) []byte {
	extract := hmac.New(sha256.New, make([]byte, sha256.Size))
	extract.Write(secret)
	expand := hmac.New(sha256.New, extract.Sum(nil))
	expand.Write([]byte(info))
	expand.Write([]byte{1})
	return expand.Sum(nil)
}

// The vectors must never change: every cookie, code and stored key depends on
// them.
func TestDeriveKeysFixedVectors(t *testing.T) {
	secret := make([]byte, gatelatch.SiteSecretSize)
	for i := range secret {
		secret[i] = byte(i)
	}
	k, err := gatelatch.DeriveKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]string{
		"code":    "c67acdf192c2f0b1acdc958bd28d38b71c667b14140ff8c9f1cff3099408a83f",
		"token":   "1f34ef9584a52b0c5716ff92f8cc29658a2790a1f139590ad5cc900c51d2bd99",
		"budget":  "aefdc6c2f2155353d7dff4ef6e6abb10ebab930a934037b74dc3face7dc7259b",
		"form":    "bcaf58d1b9a398ea65445cc19498911b955b203cdec3dc06d8efa7451678ba82",
		"encrypt": "a9df86dc918c58c890c53747da40e7a15c3803fec3f16c446212d73f4529f6b3",
		"factor":  "057ac70018d01d951d4af6cbfeb5cbc3a6ce97f386cd0307f4d5bcdcf01305d1",
		"link":    "0c7c570bb3b263ce36528bfbd9a843ba450ef0a01bb67208d83114c98b6db9e1",
		"check":   "706176ccfb419122a5c1ec4609c801e7b1f922a4891b2f15d8b47cc687bf4635",
	} {
		if got := hex.EncodeToString(allKeys(k)[label]); got != want {
			t.Errorf("%s key is %s, was %s", label, got, want)
		}
	}
}

func TestDeriveKeysIsHKDFWithOneLabelEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), gatelatch.SiteSecretSize, 96).Draw(t, "secret")
		k, err := gatelatch.DeriveKeys(secret)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for label, key := range allKeys(k) {
			if want := hkdf32(secret, "gatelatch "+label+" v1"); !bytes.Equal(key, want) {
				t.Errorf("%s: %x, want %x", label, key, want)
			}
			if other, taken := seen[string(key)]; taken {
				t.Errorf("%s and %s are one key", label, other)
			}
			seen[string(key)] = label
		}
	})
}

func TestDeriveKeysTellsSecretsApart(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, gatelatch.SiteSecretSize)
	a, _ := gatelatch.DeriveKeys(secret)
	again, _ := gatelatch.DeriveKeys(secret)
	if a != again {
		t.Fatal("one secret must always give the same keys")
	}
	secret[31] ^= 1
	b, _ := gatelatch.DeriveKeys(secret)
	for label, key := range allKeys(a) {
		if bytes.Equal(key, allKeys(b)[label]) {
			t.Errorf("%s does not depend on the last bit of the secret", label)
		}
	}
}

func TestDeriveKeysRefusesShortSecrets(t *testing.T) {
	for _, n := range []int{0, 1, 16, gatelatch.SiteSecretSize - 1} {
		k, err := gatelatch.DeriveKeys(make([]byte, n))
		if !errors.Is(err, gatelatch.ErrShortSecret) || k != (gatelatch.Keys{}) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
