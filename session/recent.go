// SPDX-License-Identifier: Apache-2.0

package session

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/patrickmn/go-cache"

	"github.com/gatelatch/gatelatch"
)

const (
	// recentFor is how old a token may be that is handed out once more. Clerk's SDKs
	// ask for another when 15 of its 60 seconds are left.
	recentFor = 10 * time.Second
	// recentShare bounds the same for tokens of a shorter life: to a sixth of it.
	recentShare = 6
	// recentMost bounds how many tokens are kept of each of two generations.
	recentMost = 2048
	// recentText is the longest token that is kept, in bytes: an operator's template may
	// bring a whole bag of metadata.
	recentText = 4096
)

// Recent is Sign, but for one thing: when a token was made in the last ten seconds
// that says exactly the same, by the key that would sign now, that one is returned. A
// page asks for the same several times while it loads, and a signature of RS256 takes
// most of such an answer. Concurrent calls that would say the same share one
// signature.
//
// Whether the session lives is for the caller to know, as with Sign: p must have come
// from the store just now.
func (m *Minter) Recent(p Principal, o Signing) (gatelatch.Secret, error) {
	d, err := m.draft(p, o)
	if err != nil {
		return "", err
	}
	says, err := d.says()
	if err != nil {
		return "", err
	}
	s := m.recent.find(says, o.Now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serves(d.iat(), max(p.Session.CreatedAt.Unix(), o.UpdatedAt), recentOf(o.life())) {
		return s.text, nil
	}
	text, err := d.sign()
	if err == nil && len(text) <= recentText {
		s.text, s.iat = text, d.iat()
	}
	return text, err
}

func recentOf(life time.Duration) int64 {
	return int64(min(recentFor, life/recentShare) / time.Second)
}

// says is a hash of everything that a token says, and by which key, but for when: two
// drafts of one hash differ in nothing that anybody could have asked for. Claims are
// left out by name, so that one which is added some day counts.
func (d draft) says() (cacheKey, error) {
	claims := maps.Clone(d.claims)
	life := d.exp() - d.iat()
	for _, when := range []string{"iat", "nbf", "exp", "jti"} {
		delete(claims, when)
	}
	text, err := json.Marshal([]any{d.algorithm, d.key.id, d.category, life, claims}) // maps are written in the order of their keys
	if err != nil {
		return cacheKey{}, fmt.Errorf("writing claims: %w", err)
	}
	return sha256.Sum256(text), nil
}

func (d draft) iat() int64 { return seconds64(d.claims, "iat") }
func (d draft) exp() int64 { return seconds64(d.claims, "exp") }

func seconds64(c jwt.MapClaims, name string) int64 {
	at, _ := c[name].(int64)
	return at
}

// signed is the newest token of all that say the same; mu is held while it is made.
type signed struct {
	mu   sync.Mutex
	text gatelatch.Secret
	iat  int64 // Unix seconds
}

// serves reports a token that is younger than age, in seconds, and not from before since. A clock
// that was put back has none serve.
func (s *signed) serves(now, since, age int64) bool {
	return s.text != "" && s.iat >= since && s.iat <= now && now-s.iat < age
}

// recent keeps what was signed lately, in two generations: what was not asked for
// during a whole one is forgotten. The zero value is ready for use. go-cache keeps a
// clock of its own, which is not used here.
type recent struct {
	mu         sync.Mutex
	young, old *cache.Cache
	turned     time.Time
}

// find returns the place of what says the same, which may be empty yet.
func (r *recent) find(says cacheKey, now time.Time) *signed {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	if s, ok := placed(r.young, says); ok {
		return s
	}
	s, ok := placed(r.old, says)
	if !ok {
		s = new(signed)
	}
	r.young.SetDefault(string(says[:]), s)
	return s
}

func placed(in *cache.Cache, says cacheKey) (*signed, bool) {
	v, _ := in.Get(string(says[:]))
	s, ok := v.(*signed)
	return s, ok
}

// turn begins a new generation when one is over, or full.
func (r *recent) turn(now time.Time) {
	age := now.Sub(r.turned)
	switch {
	case r.young == nil, age < -recentFor, age > 2*recentFor: // the clock may have been put back
		r.old = cache.New(cache.NoExpiration, 0)
	case age > recentFor, r.young.ItemCount() >= recentMost:
		r.old = r.young
	default:
		return
	}
	r.young, r.turned = cache.New(cache.NoExpiration, 0), now
}
