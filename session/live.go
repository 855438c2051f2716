// SPDX-License-Identifier: Apache-2.0

package session

import (
	"sync/atomic"
	"time"

	"github.com/gatelatch/gatelatch"
)

// Field is something a live session can tell the upstream.
type Field uint8

// The fields, in the order in which Live keeps them.
const (
	UserID Field = iota
	UserEmail
	UserPhone
	UserName
	SessionID
	fieldCount
)

// Fields are the fields by the names that operators and placeholders use.
var Fields = map[string]Field{
	"user.id": UserID, "user.email": UserEmail, "user.phone": UserPhone,
	"user.name": UserName, "session.id": SessionID,
}

// Live is a session that lets its holder in, as the cache keeps it: made once
// from the store, then shared by every request of the session. It is safe for
// concurrent use.
type Live struct {
	values   [fieldCount]string
	key      cacheKey
	duties   duties
	proven   proven
	marks    marks
	signedIn int64 // Unix seconds
	expireAt int64 // Unix nanoseconds, absolute
	staleAt  int64 // Unix nanoseconds, when the store is asked again
	seen     atomic.Int64
	minted   atomic.Pointer[minted]
	lookup   func(string) (any, bool)
}

func newLive(p Principal, key cacheKey, m marks, staleAt time.Time) *Live {
	email, _ := p.User.Primary(gatelatch.EmailAddress)
	phone, _ := p.User.Primary(gatelatch.PhoneNumber)
	l := &Live{
		key: key, duties: dutiesOf(p.User), proven: provenOf(p.Session), marks: m, signedIn: p.Session.CreatedAt.Unix(),
		expireAt: p.Session.ExpireAt.UnixNano(), staleAt: staleAt.UnixNano(),
	}
	l.values = [fieldCount]string{p.User.ID, email.Display, phone.Display, p.User.Name(), p.Session.ID}
	l.seen.Store(p.Session.LastActiveAt.UnixNano())
	l.lookup = l.placeholder
	return l
}

// Value returns a field; empty when the user has none.
func (l *Live) Value(f Field) string { return l.values[f] }

// SignedInAt returns the moment of authentication.
func (l *Live) SignedInAt() time.Time { return time.Unix(l.signedIn, 0).UTC() }

// ExpireAt returns the absolute limit of the session.
func (l *Live) ExpireAt() time.Time { return time.Unix(0, l.expireAt).UTC() }

// Placeholders answers http.auth.user.* names; the same function value for
// the life of the entry, so that handing it on costs nothing.
func (l *Live) Placeholders() func(string) (any, bool) { return l.lookup }

// placeholderPrefix is where Caddy's authentication handlers put a user.
const placeholderPrefix = "http.auth.user."

func (l *Live) placeholder(key string) (any, bool) {
	if len(key) <= len(placeholderPrefix) || key[:len(placeholderPrefix)] != placeholderPrefix {
		return nil, false
	}
	switch key[len(placeholderPrefix):] {
	case "id":
		return l.values[UserID], true
	case "email":
		return l.values[UserEmail], true
	case "phone":
		return l.values[UserPhone], true
	case "name":
		return l.values[UserName], true
	case "session_id":
		return l.values[SessionID], true
	}
	return nil, false
}

// within reports whether the entry still speaks for the store, and the session
// for its user.
func (l *Live) within(now int64, idle time.Duration) bool {
	return now < l.staleAt && now < l.expireAt && (idle <= 0 || now < l.seen.Load()+int64(idle))
}
