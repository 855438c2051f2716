// SPDX-License-Identifier: Apache-2.0

package session

import (
	"cmp"
	"time"

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
	// Party is the claim azp of tokens for the upstream, with v: 2, as Clerk's backend
	// SDKs expect them; empty for a site without the Frontend API.
	Party string
	// Parties are the other origins for whose pages tokens are signed, see
	// [Signing.Party]: [Minter.Verify] takes tokens of these and of Party.
	Parties []string

	recent recent
}

func (m *Minter) audience() string { return cmp.Or(m.Audience, m.Issuer) }

// minted is a token of a session, ready to be put into a header, or into the
// cookies that an upstream reads. A session that is used on several sites has one
// for each.
type minted struct {
	by     *Minter
	header []string
	pairs  string // empty where there are no such cookies
	madeAt int64
	next   *minted
}

// Header returns "Bearer <token>" as the one value of a header, valid for at
// least ten seconds from now. The caller must not change it. Two requests that
// find it missing may both mint; one of the two is kept.
func (m *Minter) Header(l *Live, now time.Time) ([]string, error) {
	t, err := m.current(l, nil, renewBefore, now)
	if err != nil {
		return nil, err
	}
	return t.header, nil
}

// current returns a token that is valid for at least left from now, the cached
// one if it will do.
func (m *Minter) current(l *Live, c *ScriptCookies, left time.Duration, now time.Time) (*minted, error) {
	list := l.minted.Load()
	for t := list; t != nil; t = t.next {
		if t.by == m && t.madeAt <= now.UnixNano() && t.lasts(left, now.UnixNano()) {
			return t, nil
		}
	}
	text, err := m.Mint(l, now)
	if err != nil {
		return nil, err
	}
	t := &minted{by: m, header: []string{bearer + text.Reveal()}, madeAt: now.UnixNano()}
	if c != nil {
		t.pairs = c.pairs(text, l.signedIn)
	}
	t.next = list.without(m, now.UnixNano())
	l.minted.CompareAndSwap(list, t)
	return t, nil
}

const bearer = "Bearer "

// lasts reports whether a token is still valid for a while.
func (t *minted) lasts(left time.Duration, now int64) bool {
	return now < t.madeAt+int64(tokenLife-left)
}

// without returns the still usable tokens of other minters.
func (t *minted) without(m *Minter, now int64) *minted {
	if t == nil {
		return nil
	}
	rest := t.next.without(m, now)
	if t.by == m || !t.lasts(renewBefore, now) {
		return rest
	}
	return &minted{t.by, t.header, t.pairs, t.madeAt, rest}
}

// Mint signs a token (RFC 7519) for a session: iss, aud, sub (the user), sid
// (the session), iat, nbf, exp, jti; and what the holder has shown: fva, amr, and
// sts, which is always "active", since a session that owes a task gets no token.
// With a Party it says azp and v as well.
//
// fva is Clerk's "factor verification age": whole minutes since the first factor
// and since the second were proven, as of iat; -1 where there was no second.
// amr are the methods in the words of RFC 8176, see [Proven.Methods].
func (m *Minter) Mint(l *Live, now time.Time) (gatelatch.Secret, error) {
	h := holder{userID: l.Value(UserID), sessionID: l.Value(SessionID), proven: l.Proven(), since: l.signedIn}
	claims := m.claims(h, gatelatch.SessionActive, tokenLife, now)
	if m.Party == "" {
		return m.sign(claims, "", now)
	}
	claims["azp"], claims["v"] = m.Party, tokenVersion
	return m.sign(claims, categorySession, now)
}
