// SPDX-License-Identifier: Apache-2.0

package gatelatch_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
)

func TestWhatWasSealedOpensForItsPurpose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := gatelatch.Key(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		purpose := rapid.String().Draw(t, "purpose")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := key.Seal(purpose, plain)
		opened, err := key.Open(purpose, sealed)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("%x, %v", opened, err)
		}
		if again := key.Seal(purpose, plain); bytes.Equal(again, sealed) {
			t.Fatal("two seals of one text are the same")
		}
		if len(plain) > 3 && bytes.Contains(sealed, plain) {
			t.Fatal("the text can be read")
		}
	})
}

func TestWhatWasSealedOpensForNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, other := gatelatch.Key{1}, gatelatch.Key{2}
		purpose := rapid.String().Draw(t, "purpose")
		another := rapid.String().Filter(func(s string) bool { return s != purpose }).Draw(t, "another")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := key.Seal(purpose, plain)
		bit := rapid.IntRange(0, len(sealed)*8-1).Draw(t, "bit")
		changed := bytes.Clone(sealed)
		changed[bit/8] ^= 1 << (bit % 8)
		for name, open := range map[string]func() ([]byte, error){
			"another purpose": func() ([]byte, error) { return key.Open(another, sealed) },
			"another key":     func() ([]byte, error) { return other.Open(purpose, sealed) },
			"a changed bit":   func() ([]byte, error) { return key.Open(purpose, changed) },
			"one byte less":   func() ([]byte, error) { return key.Open(purpose, sealed[:len(sealed)-1]) },
			"one byte more":   func() ([]byte, error) { return key.Open(purpose, append(bytes.Clone(sealed), 0)) },
			"its nonce only":  func() ([]byte, error) { return key.Open(purpose, sealed[:12]) },
			"nothing":         func() ([]byte, error) { return key.Open(purpose, nil) },
		} {
			if opened, err := open(); !errors.Is(err, gatelatch.ErrSealed) || opened != nil {
				t.Errorf("%s: %x, %v", name, opened, err)
			}
		}
	})
}

// The form must never change: everything at rest depends on it.
func TestOpenFixedVector(t *testing.T) {
	var key gatelatch.Key
	for i := range key {
		key[i] = byte(i)
	}
	sealed, err := hex.DecodeString("6465666768696a6b6c6d6e6f2b74ac141c8a22be560d2d9bbfd433101f68c37e798a3580046b2bc8aa")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := key.Open("password user_1", sealed)
	if err != nil || string(plain) != "correct horse" {
		t.Errorf("%q, %v", plain, err)
	}
}

func TestSealedHidesFromPrintingAndLogs(t *testing.T) {
	sealed := gatelatch.Sealed(plainSecret)
	for _, verb := range verbs() {
		mustHide(t, verb, plainSecret, fmt.Sprintf(verb, sealed))
		mustHide(t, verb+" of a pointer", plainSecret, fmt.Sprintf(verb, &gatelatch.Password{Hash: sealed}))
	}
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "sealed", sealed, slog.Any("list", []gatelatch.Sealed{sealed}))
	mustHide(t, "a log", plainSecret, b.String())
}

// Credentials are kept as JSON: what is sealed must come back as it was.
func TestSealedGoesIntoJSONAndBack(t *testing.T) {
	sealed := gatelatch.Key{1}.Seal("password user_1", []byte("correct horse"))
	text, err := json.Marshal(gatelatch.Credentials{UserID: "user_1", Password: &gatelatch.Password{Hash: sealed, SetAt: noon}})
	if err != nil {
		t.Fatal(err)
	}
	var back gatelatch.Credentials
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	plain, err := gatelatch.Key{1}.Open("password user_1", back.Password.Hash)
	if err != nil || string(plain) != "correct horse" || !back.Password.SetAt.Equal(noon) {
		t.Errorf("%s: %q, %v", text, plain, err)
	}
	if back.UserID != "" || bytes.Contains(text, []byte("user_1")) {
		t.Errorf("the owner is written twice: %s", text)
	}
}
