// SPDX-License-Identifier: Apache-2.0

package passkey_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/passkey"
)

func TestAChallengeIsForOnePurposeAndOneBond(t *testing.T) {
	c := passkey.Challenges{Key: gatelatch.Key{1}}
	made := c.New("sign_in", "client_1", noon)
	for _, row := range []struct {
		name           string
		from           passkey.Challenges
		challenge      []byte
		purpose, bound string
		now            time.Time
		ok             bool
	}{
		{"as it was made", c, made, "sign_in", "client_1", noon, true},
		{"a millisecond before its end", c, made, "sign_in", "client_1", noon.Add(passkey.ChallengeLifetime - time.Millisecond), true},
		{"at its end", c, made, "sign_in", "client_1", noon.Add(passkey.ChallengeLifetime), false},
		{"long over", c, made, "sign_in", "client_1", noon.Add(24 * time.Hour), false},
		{"another purpose", c, made, "register", "client_1", noon, false},
		{"another bond", c, made, "sign_in", "client_2", noon, false},
		{"purpose and bond cut elsewhere", c, made, "sign_inc", "lient_1", noon, false},
		{"another key", passkey.Challenges{Key: gatelatch.Key{2}}, made, "sign_in", "client_1", noon, false},
		{"cut short", c, made[:len(made)-1], "sign_in", "client_1", noon, false},
		{"made longer", c, append(slices.Clip(made), 0), "sign_in", "client_1", noon, false},
		{"nothing", c, nil, "sign_in", "client_1", noon, false},
	} {
		end, ok := row.from.Check(row.challenge, row.purpose, row.bound, row.now)
		if ok != row.ok {
			t.Errorf("%s: %v", row.name, ok)
		}
		if ok && !end.Equal(noon.Add(passkey.ChallengeLifetime)) {
			t.Errorf("%s: ends at %v", row.name, end)
		}
	}
}

func TestNoBitOfAChallengeCanBeChanged(t *testing.T) {
	c := passkey.Challenges{Key: gatelatch.Key{1}}
	rapid.Check(t, func(t *rapid.T) {
		made := c.New("sign_in", "client_1", noon)
		bit := rapid.IntRange(0, len(made)*8-1).Draw(t, "bit")
		made[bit/8] ^= 1 << (bit % 8)
		if _, ok := c.Check(made, "sign_in", "client_1", noon); ok {
			t.Errorf("bit %d changed, and accepted", bit)
		}
	})
}

func TestNoTwoChallengesAreTheSame(t *testing.T) {
	c := passkey.Challenges{Key: gatelatch.Key{1}}
	if bytes.Equal(c.New("a", "b", noon), c.New("a", "b", noon)) {
		t.Error("a challenge came twice")
	}
}

// An answer that is sent again carries a challenge that was taken, or is over;
// one that was made for another page is bound to something else.
func TestReplay(t *testing.T) {
	c := passkey.Challenges{Key: gatelatch.Key{1}}
	a := newAuthenticator(t)
	key := mustRegister(t, a)
	read := assertion(t, a.assert(c.New("sign_in", "client_1", noon)))
	if _, no := site.Verify(read, key, noon); no != nil {
		t.Fatal(*no)
	}
	if _, ok := c.Check(read.Challenge, "sign_in", "client_1", noon); !ok {
		t.Error("the first answer is refused")
	}
	if _, ok := c.Check(read.Challenge, "sign_in", "client_2", noon); ok {
		t.Error("the answer works in another browser")
	}
	if _, ok := c.Check(read.Challenge, "sign_in", "client_1", noon.Add(passkey.ChallengeLifetime)); ok {
		t.Error("the answer works for ever")
	}
	own := assertion(t, a.assert(challenge))
	if _, ok := c.Check(own.Challenge, "sign_in", "client_1", noon); ok {
		t.Error("a challenge of somebody's own making works")
	}
}
