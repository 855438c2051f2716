// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatelatch/gatelatch"
)

const (
	// tokenLife is how long a minted token is valid.
	tokenLife = 60 * time.Second
	// renewBefore is how much of it an upstream is left with at the least.
	renewBefore = 10 * time.Second
	// skew is how far a token is dated back, for clocks that are a little behind.
	skew = 10 * time.Second
)

// Minter signs the tokens that tell one site's upstream who a request comes
// from. A session is minted for about once a minute, and never in between.
type Minter struct {
	Keys      *Keyring
	Algorithm string // ES256 or RS256
	Issuer    string // the site's origin
	Audience  string // empty: the origin
}

// minted is a token of a session, ready to be put into a header. A session
// that is used on several sites has one for each.
type minted struct {
	by      *Minter
	header  []string
	madeAt  int64
	renewAt int64
	next    *minted
}

// Header returns "Bearer <token>" as the one value of a header, valid for at
// least ten seconds from now. The caller must not change it. Two requests that
// find it missing may both mint; one of the two is kept.
func (m *Minter) Header(l *Live, now time.Time) ([]string, error) {
	list := l.minted.Load()
	for t := list; t != nil; t = t.next {
		if t.by == m && t.madeAt <= now.UnixNano() && now.UnixNano() < t.renewAt {
			return t.header, nil
		}
	}
	text, err := m.Mint(l, now)
	if err != nil {
		return nil, err
	}
	t := &minted{by: m, header: []string{"Bearer " + text.Reveal()}, madeAt: now.UnixNano(), renewAt: now.Add(tokenLife - renewBefore).UnixNano()}
	t.next = list.without(m, now.UnixNano())
	l.minted.CompareAndSwap(list, t)
	return t.header, nil
}

// without returns the still usable tokens of other minters.
func (t *minted) without(m *Minter, now int64) *minted {
	if t == nil {
		return nil
	}
	rest := t.next.without(m, now)
	if t.by == m || now >= t.renewAt {
		return rest
	}
	return &minted{t.by, t.header, t.madeAt, t.renewAt, rest}
}

// Mint signs a token (RFC 7519) for a session: iss, aud, sub (the user), sid
// (the session), iat, nbf, exp, jti; and what the holder has shown: fva, amr, and
// sts, which is always "active", since a session that owes a task gets no token.
//
// fva is Clerk's "factor verification age": whole minutes since the first factor
// and since the second were proven, as of iat; -1 where there was no second.
// amr are the methods in the words of RFC 8176, see [Proven.Methods].
func (m *Minter) Mint(l *Live, now time.Time) (gatelatch.Secret, error) {
	key, err := m.Keys.signer(m.Algorithm, now)
	if err != nil {
		return "", fmt.Errorf("minting a token: %w", err)
	}
	t := jwt.NewWithClaims(jwt.GetSigningMethod(m.Algorithm), m.claims(l, now))
	t.Header["kid"] = key.id
	text, err := t.SignedString(key.private)
	if err != nil {
		return "", fmt.Errorf("minting a token: %w", err)
	}
	return gatelatch.Secret(text), nil
}

func (m *Minter) claims(l *Live, now time.Time) jwt.MapClaims {
	audience := m.Audience
	if audience == "" {
		audience = m.Issuer
	}
	p := l.Proven()
	return jwt.MapClaims{
		"iss": m.Issuer, "aud": audience, "sub": l.Value(UserID), "sid": l.Value(SessionID),
		"iat": now.Unix(), "nbf": now.Add(-skew).Unix(), "exp": now.Add(tokenLife).Unix(),
		"jti": gatelatch.NewID("jwt", now),
		"fva": p.Ages(now), "amr": p.Methods(), "sts": string(gatelatch.SessionActive),
	}
}
