// SPDX-License-Identifier: Apache-2.0

package session

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatelatch/gatelatch"
)

// tokenVersion is the claim v: the second version of Clerk's session tokens.
const tokenVersion = 2

// The header parameter cat tells what a token is for, in Clerk's words: a token of
// one category never passes for one of another, here or in Clerk's SDKs.
const (
	categorySession  = "cl_B7d4PD111AAA"
	categoryTemplate = "cl_B7d4PD222AAA"
)

// ErrPending says that a session which owes tasks asks for a token of a template.
// Those do not say that anything is owed, so whoever reads one would let somebody in
// who has not finished signing in.
var ErrPending = errors.New("a session that owes tasks gets no token of a template")

// NoParty leaves the claim azp out of a token, see [Signing].
const NoParty = "-"

// Signing says how a token of a session is made.
type Signing struct {
	// Party is the origin that asked, the claim azp; the site's own when empty, none
	// when it is [NoParty].
	Party string
	// Status is the claim sts; active when empty.
	Status gatelatch.SessionStatus
	// Template gives claims of the operator's own instead of the usual ones; may be
	// nil.
	Template *Template
	// Lifetime replaces the usual 60 s, or that of the template; zero for those. More
	// than [MaxTemplateLife] is cut to that.
	Lifetime time.Duration
	// UpdatedAt is when the sessions of the client changed last, in Unix seconds, as
	// [Held.UpdatedAt] has it: iat is never before that. Zero where no client is told.
	UpdatedAt int64
	Now       time.Time
}

// Sign returns a token of a session, made anew, with the claims of Clerk's session
// tokens (version 2): azp, exp, fva, iat, iss, jti, nbf, sid, sts, sub and v, and
// aud and amr beside them. One with a template has azp, exp, iat, iss, jti, nbf and
// sub, and what the template says; it is no session token, and not made for whoever
// reads those.
//
// iat is never before the session began, since Clerk's SDKs take a token that is
// older than its client's last change for a stale one. An error means that there
// is no key yet, or that the template cannot be read; [ErrPending] that Status is
// another than active, and a template was asked for. [Minter.Recent] is the same
// without a new signature each time.
func (m *Minter) Sign(p Principal, o Signing) (gatelatch.Secret, error) {
	d, err := m.draft(p, o)
	if err != nil {
		return "", err
	}
	return d.sign()
}

// draft writes what a token is to say.
func (m *Minter) draft(p Principal, o Signing) (draft, error) {
	since := max(p.Session.CreatedAt.Unix(), o.UpdatedAt)
	h := holder{userID: p.User.ID, sessionID: p.Session.ID, proven: provenOf(p.Session).told(), since: since}
	status := o.Status
	if status == "" {
		status = gatelatch.SessionActive
	}
	if o.Template != nil && status != gatelatch.SessionActive {
		return draft{}, ErrPending
	}
	claims := m.claims(h, status, o.life(), o.Now)
	if party := m.party(o); party != "" {
		claims["azp"] = party
	}
	if o.Template == nil {
		claims["v"] = tokenVersion
		return m.drafted(claims, categorySession, o.Now)
	}
	if err := m.fill(claims, o.Template, p); err != nil {
		return draft{}, err
	}
	return m.drafted(claims, categoryTemplate, o.Now)
}

func (o Signing) life() time.Duration {
	switch {
	case o.Lifetime > 0:
		return min(o.Lifetime, MaxTemplateLife)
	case o.Template != nil && o.Template.Lifetime > 0:
		return min(o.Template.Lifetime, MaxTemplateLife)
	}
	return tokenLife
}

func (m *Minter) party(o Signing) string {
	switch o.Party {
	case NoParty:
		return ""
	case "":
		return m.Party
	}
	return o.Party
}

// fill makes the claims of a session token those of a template.
func (m *Minter) fill(claims jwt.MapClaims, t *Template, p Principal) error {
	for _, name := range []string{"aud", "sid", "sts", "fva", "amr"} {
		delete(claims, name)
	}
	origin := m.Party
	if origin == "" {
		origin = m.Issuer
	}
	from := told{Principal: p, origin: origin}
	for name, written := range t.Claims {
		if err := checkClaim(name, written); err != nil {
			return fmt.Errorf("token template %s: claim %q: %w", t.Name, name, err)
		}
		v, err := expand(written, from.value)
		if err != nil {
			return fmt.Errorf("token template %s: claim %q: %w", t.Name, name, err)
		}
		claims[name] = v
	}
	return nil
}

// holder is whom a token is about.
type holder struct {
	userID, sessionID string
	proven            Proven
	since             int64 // Unix seconds
}

func (m *Minter) claims(h holder, status gatelatch.SessionStatus, life time.Duration, now time.Time) jwt.MapClaims {
	iat := max(now.Unix(), h.since)
	return jwt.MapClaims{
		"iss": m.Issuer, "aud": m.audience(), "sub": h.userID, "sid": h.sessionID,
		"iat": iat, "nbf": iat - int64(skew/time.Second), "exp": iat + int64(life/time.Second),
		"jti": gatelatch.NewID("jwt", now),
		"fva": h.proven.Ages(now), "amr": h.proven.Methods(), "sts": string(status),
	}
}

// SignHandshake returns the token that brings cookies to a page of another origin:
// a list of Set-Cookie texts in the claim handshake, as @clerk/backend reads them
// from the query parameter __clerk_handshake. It names nobody, so it is no session
// token.
func (m *Minter) SignHandshake(cookies []string, now time.Time) (gatelatch.Secret, error) {
	claims := jwt.MapClaims{
		"iss": m.Issuer, "iat": now.Unix(), "nbf": now.Add(-skew).Unix(), "exp": now.Add(tokenLife).Unix(), "handshake": cookies,
	}
	return m.sign(claims, "", now)
}

// sign signs claims with the key of the moment. The category stands in the header;
// without one there is none.
func (m *Minter) sign(claims jwt.MapClaims, category string, now time.Time) (gatelatch.Secret, error) {
	d, err := m.drafted(claims, category, now)
	if err != nil {
		return "", err
	}
	return d.sign()
}

// draft is a token before it is signed, with the key that is to sign it.
type draft struct {
	claims    jwt.MapClaims
	category  string
	algorithm string
	key       signingKey
}

func (m *Minter) drafted(claims jwt.MapClaims, category string, now time.Time) (draft, error) {
	key, err := m.Keys.signer(m.Algorithm, now)
	if err != nil {
		return draft{}, fmt.Errorf("minting a token: %w", err)
	}
	return draft{claims, category, m.Algorithm, key}, nil
}

func (d draft) sign() (gatelatch.Secret, error) {
	t := jwt.NewWithClaims(jwt.GetSigningMethod(d.algorithm), d.claims)
	t.Header["kid"] = d.key.id
	if d.category != "" {
		t.Header["cat"] = d.category
	}
	text, err := t.SignedString(d.key.private)
	if err != nil {
		return "", fmt.Errorf("minting a token: %w", err)
	}
	return gatelatch.Secret(text), nil
}
