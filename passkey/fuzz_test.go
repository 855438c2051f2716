// SPDX-License-Identifier: Apache-2.0

package passkey_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/passkey"
)

// answers that are made once; fuzzing changes them from there.
var seeds = []string{
	"", "{}", `{"id":"AQ","rawId":"AQ","type":"public-key","response":{}}`,
	`{"id":"AQ","rawId":"AQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":""}}`,
	`{"id":"AQ","rawId":"AQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"o2NmbXRkbm9uZQ"}}`,
}

func FuzzReadAssertion(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	a := newAuthenticator(f)
	f.Add(a.assert(challenge))
	key := mustRegister(f, a)
	f.Fuzz(func(t *testing.T, text string) {
		read, no := passkey.ReadAssertion(text)
		if (read == nil) == (no == nil) {
			t.Fatalf("%q: %+v, %+v", text, read, no)
		}
		if no == nil {
			_, _ = site.Verify(read, key, noon)
		}
	})
}

func FuzzReadRegistration(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Add(newAuthenticator(f).register(challenge))
	f.Fuzz(func(t *testing.T, text string) {
		read, no := passkey.ReadRegistration(text)
		if (read == nil) == (no == nil) {
			t.Fatalf("%q: %+v, %+v", text, read, no)
		}
		if no != nil {
			return
		}
		if key, no := site.Register(read, "x", noon); no == nil && (len(key.CredentialID) == 0 || len(key.PublicKey) == 0) {
			t.Fatalf("%q: registered without a key", text)
		}
	})
}
