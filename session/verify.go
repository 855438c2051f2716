// SPDX-License-Identifier: Apache-2.0

package session

import (
	"crypto"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatelatch/gatelatch"
)

const (
	// leeway is how far clocks may differ, as in Clerk's SDKs.
	leeway = 5 * time.Second
	// maxTokenText bounds what is looked at, in bytes. Session tokens have about 900.
	maxTokenText = 4096
)

// Claims are what a session token of ours says.
type Claims struct {
	UserID, SessionID string
	// IssuedAt and ExpireAt are its iat and exp.
	IssuedAt, ExpireAt time.Time
}

// sessionClaims are the claims that are read; the others are for upstreams.
type sessionClaims struct {
	jwt.RegisteredClaims
	SessionID string                  `json:"sid"`
	Party     string                  `json:"azp"`
	Status    gatelatch.SessionStatus `json:"sts"`
}

// Verify reads a session token that this site has signed and that is valid at now,
// with five seconds for clocks that differ: RS256 or ES256 by a key of the ring,
// which the token names and which is for that algorithm alone, the right issuer,
// the right audience, exp and nbf, of the category of session tokens, and not of a
// pending session; where it names the origin it was made for, that is one of this
// site. Sites that share a store and a publishable key have one issuer and one key
// ring, and still take no token that was made for the app of another. It says nothing of whether the session still lives: ask [Manager.BySession]. Tokens
// of templates and handshakes are none.
func (m *Minter) Verify(text string, now time.Time) (Claims, bool) {
	if len(text) > maxTokenText || strings.ContainsAny(text, "\r\n") { // base64 would overlook these
		return Claims{}, false
	}
	var c sessionClaims
	_, err := jwt.ParseWithClaims(text, &c, m.verifier,
		jwt.WithValidMethods([]string{RS256, ES256}), jwt.WithStrictDecoding(), jwt.WithIssuer(m.Issuer), jwt.WithAudience(m.audience()), jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil || !m.knows(c.Party) || c.Status != gatelatch.SessionActive || c.Subject == "" || c.SessionID == "" || c.IssuedAt == nil {
		return Claims{}, false
	}
	return Claims{UserID: c.Subject, SessionID: c.SessionID, IssuedAt: c.IssuedAt.UTC(), ExpireAt: c.ExpiresAt.UTC()}, true
}

// knows reports an origin whose pages have tokens of this site; tokens of native
// apps name none.
func (m *Minter) knows(party string) bool {
	return party == "" || party == m.Party || slices.Contains(m.Parties, party)
}

var errForeignToken = errors.New("a token of another kind or key")

// verifier returns the public key by which a token is verified. What kind of token
// it is counts before its signature does: that costs nothing.
func (m *Minter) verifier(t *jwt.Token) (any, error) {
	category, _ := t.Header["cat"].(string)
	typ, _ := t.Header["typ"].(string)
	kid, _ := t.Header["kid"].(string)
	if category != categorySession || typ != "JWT" || t.Header["crit"] != nil {
		return nil, errForeignToken
	}
	public, ok := m.Keys.public(kid, t.Method.Alg())
	if !ok {
		return nil, errForeignToken
	}
	return public, nil
}

// public returns the public key of an id and an algorithm.
func (k *Keyring) public(id, algorithm string) (crypto.PublicKey, bool) {
	s := k.current.Load()
	if s == nil {
		return nil, false
	}
	for i := range s.keys {
		if key := &s.keys[i]; key.id == id && key.algorithm == algorithm {
			return key.private.Public(), true
		}
	}
	return nil, false
}
