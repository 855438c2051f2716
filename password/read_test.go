// SPDX-License-Identifier: Apache-2.0

package password_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
)

// foreign are hashes that other programs have made: the reference code of
// argon2, libcrypt, and Python's hashlib for the rest.
var foreign = []struct {
	name, stored string
	plain        gatelatch.Secret
}{
	{"argon2id", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
	{"argon2id, two lanes", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
	{"argon2i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"},
	{"bcrypt 2b", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"},
	{"bcrypt 2a", "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"},
	{"bcrypt 2y", "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"},
	{"scrypt", "$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$6g3umF+uVrJsObaTZhIbbTlgrvOEFcCItdwSjtPF67M", "correct horse"},
	{"pbkdf2", "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M", "correct horse"},
	{
		"pbkdf2 with the length of its key",
		"$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M", "correct horse",
	},
	{"passlib", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M", "correct horse"},
	{
		"passlib, sha512", "$pbkdf2-sha512$1000$..........8$h9Hznl.3tMZVfjx7A9BzQ29w5RUOJTyTL6UxFST/OouLdM5nm8yGnCOT2KPNu7jfbrmHTkC3KtUlN8FkXJOHRg",
		"correct horse",
	},
	{"Django", "pbkdf2_sha256$1000$NaClNaCl$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=", "correct horse"},
	// Other programs take the bytes as they were typed: neither form of this
	// accent is the normal one throughout.
	{"as it was typed", "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$l6gYcoPiEK+i/G+nCYT/sq87h0QXEHGt7kKZ8nMQ89Y", "cafe\u0301 cr\u00e8me"},
}

func TestForeignHashesAreReadAndOutdated(t *testing.T) {
	h := password.NewHasher(password.Params{}, 0, 0)
	for _, row := range foreign {
		if err := password.Readable(row.stored); err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if v := mustVerify(t, h, row.stored, row.plain); !v.Match || !v.Outdated {
			t.Errorf("%s: %+v", row.name, v)
		}
		for _, wrong := range []gatelatch.Secret{"", row.plain + " ", "Password", row.plain[1:]} {
			if mustVerify(t, h, row.stored, wrong).Match {
				t.Errorf("%s matches %q", row.name, wrong.Reveal())
			}
		}
	}
}

// A short salt or key is reason enough to hash anew.
func TestOurFormFromElsewhereIsMadeAnew(t *testing.T) {
	h := password.NewHasher(password.Params{Memory: 256, Iterations: 2, Parallelism: 1}, 1, 1)
	if v := mustVerify(t, h, foreign[0].stored, foreign[0].plain); !v.Match || !v.Outdated {
		t.Errorf("a salt of eight bytes: %+v", v)
	}
}

// The other variant is made anew, however costly it is.
func TestArgon2iIsOutdated(t *testing.T) {
	made := argon2.Key([]byte("correct horse"), []byte("0123456789abcdef"), 3, 512, 1, 32)
	stored := "$argon2i$v=19$m=512,t=3,p=1$" + salt + "$" + base64.RawStdEncoding.EncodeToString(made)
	if v := mustVerify(t, password.NewHasher(cheap, 1, 1), stored, "correct horse"); !v.Match || !v.Outdated {
		t.Errorf("%+v", v)
	}
}

const (
	salt = "MDEyMzQ1Njc4OWFiY2RlZg"
	key  = "cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M"
)

func TestHashesThatAreNotTakenOver(t *testing.T) {
	h := password.NewHasher(cheap, 1, 1)
	for name, stored := range map[string]string{
		"nothing at all":                "",
		"a password":                    "correct horse",
		"md5":                           "5f4dcc3b5aa765d61d8327deb882cf99",
		"md5crypt":                      "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0",
		"sha512crypt":                   "$6$rounds=5000$abc$def",
		"argon2d":                       "$argon2d$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"an old argon2":                 "$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + key,
		"argon2 without a version":      "$argon2id$m=256,t=2,p=1$" + salt + "$" + key,
		"no passes":                     "$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + key,
		"no lanes":                      "$argon2id$v=19$m=256,t=1,p=0$" + salt + "$" + key,
		"no memory":                     "$argon2id$v=19$m=0,t=1,p=1$" + salt + "$" + key,
		"a negative figure":             "$argon2id$v=19$m=-256,t=1,p=1$" + salt + "$" + key,
		"a figure too many":             "$argon2id$v=19$m=256,t=1,p=1,x=1$" + salt + "$" + key,
		"figures in another order":      "$argon2id$v=19$t=1,m=256,p=1$" + salt + "$" + key,
		"a gigabyte":                    "$argon2id$v=19$m=1048576,t=1,p=1$" + salt + "$" + key,
		"many passes":                   "$argon2id$v=19$m=65536,t=17,p=1$" + salt + "$" + key,
		"more passes than fit":          "$argon2id$v=19$m=64,t=4294967296,p=1$" + salt + "$" + key,
		"many lanes":                    "$argon2id$v=19$m=65536,t=1,p=255$" + salt + "$" + key,
		"no salt":                       "$argon2id$v=19$m=256,t=1,p=1$$" + key,
		"no key":                        "$argon2id$v=19$m=256,t=1,p=1$" + salt + "$",
		"a key hit by chance":           "$argon2id$v=19$m=256,t=1,p=1$" + salt + "$AA",
		"padding":                       "$argon2id$v=19$m=256,t=1,p=1$" + salt + "==$" + key,
		"bits beyond the last byte":     "$argon2id$v=19$m=256,t=1,p=1$" + salt + "$" + key[:len(key)-1] + "N",
		"a line break in the salt":      "$argon2id$v=19$m=256,t=1,p=1$" + salt[:4] + "\n" + salt[4:] + "$" + key,
		"a piece too many":              "$argon2id$v=19$m=256,t=1,p=1$" + salt + "$" + key + "$",
		"bcrypt cut short":              "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6",
		"bcrypt that takes hours":       "$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"bcrypt of a cost too high":     "$2b$15$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"bcrypt of no cost":             "$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"bcrypt with a line break":      "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e\n",
		"bcrypt 2x":                     "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"scrypt with a gigabyte":        "$scrypt$ln=20,r=8,p=1$" + salt + "$" + key,
		"scrypt of more than a second":  "$scrypt$ln=17,r=8,p=9$" + salt + "$" + key,
		"scrypt that never ends":        "$scrypt$ln=10,r=8,p=4294967295$" + salt + "$" + key,
		"scrypt of size nought":         "$scrypt$ln=0,r=8,p=1$" + salt + "$" + key,
		"scrypt with a shift overflown": "$scrypt$ln=64,r=8,p=1$" + salt + "$" + key,
		"firebase's scrypt":             "$scrypt$ln=14,r=8,p=1,sep=Bw==$" + salt + "$" + key,
		"pbkdf2 that never ends":        "$pbkdf2-sha256$i=4294967295$" + salt + "$" + key,
		"pbkdf2 of two million and one": "$pbkdf2-sha256$i=2000001$" + salt + "$" + key,
		"pbkdf2 of no rounds":           "$pbkdf2-sha256$i=0$" + salt + "$" + key,
		"pbkdf2 of a wrong length":      "$pbkdf2-sha256$i=1000,l=64$" + salt + "$" + key,
		"pbkdf2 with md5":               "$pbkdf2-md5$i=1000$" + salt + "$" + key,
		"Django that never ends":        "pbkdf2_sha256$4294967295$NaClNaCl$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=",
		"Django without a salt":         "pbkdf2_sha256$1000$$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=",
		"Django's unusable password":    "!",
		"very long":                     "$argon2id$v=19$m=256,t=1,p=1$" + strings.Repeat("A", 4096) + "$" + key,
	} {
		err := password.Readable(stored)
		if err == nil {
			t.Errorf("%s would be taken over", name)
			continue
		}
		if strings.Contains(err.Error(), key[:8]) || strings.Contains(err.Error(), "abcdefgh") {
			t.Errorf("%s: the error shows the hash: %v", name, err)
		}
		if stored == "" {
			continue
		}
		if v, err := h.Verify(context.Background(), stored, "correct horse"); err == nil || v.Match {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

func FuzzReadable(f *testing.F) {
	for _, row := range foreign {
		f.Add(row.stored)
	}
	for _, stored := range []string{"", "$", "$scrypt$ln=4,r=1,p=1$" + salt + "$" + key, "$2b$04$", "pbkdf2_sha512$1$a$b", "$argon2id$v=19$m=8,t=1,p=1$$"} {
		f.Add(stored)
	}
	h := password.NewHasher(cheap, 1, 1)
	f.Fuzz(func(t *testing.T, stored string) {
		if password.Readable(stored) != nil || costly(stored) {
			return
		}
		if _, err := h.Verify(context.Background(), stored, "correct horse"); err != nil {
			t.Fatalf("%q can be read, and then: %v", stored, err)
		}
	})
}

// costly keeps the fuzzer from spending its time on hashing.
func costly(stored string) bool {
	for _, cheap := range []string{"m=256,t=2,", "$04$", "ln=4,", "i=1000$", "$1000$", "$1$"} {
		if strings.Contains(stored, cheap) {
			return false
		}
	}
	return true
}
