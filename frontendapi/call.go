// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// call is one request on its way. An action reads it, and ends it with exactly
// one of answer, read, bare, refuse and fail.
type call struct {
	*Handler
	w     http.ResponseWriter
	r     *http.Request
	now   time.Time
	query url.Values
	form  form
	// values are the segments of the path that the route has in braces.
	values map[string]string
	// native says that a program without cookies asks.
	native bool
	// origin is that of the page that asks: the site's own or an allowed one; empty
	// when no page said.
	origin string
	// token is the client's; zero for a client that has none. given says that it is
	// new with this answer.
	token session.Token
	given bool
	// renewed says that the client cookie is to be given anew: it is kept for longer.
	renewed bool
	// held are the client's sessions, once they were looked up.
	held *session.Held
	// shown are the ids of all that was in held in this call.
	shown []string
	// offered is a sign-in that is stored nowhere.
	offered *SignIn
	// chosen is the session that this call has made, or switched to.
	chosen string
}

// value returns a segment of the path. What cannot be an id is none.
func (c *call) value(name string) string {
	const longest = 64
	id := c.values[name]
	if len(id) > longest {
		return ""
	}
	for _, b := range []byte(id) {
		if b != '_' && b != '-' && (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'z') {
			return ""
		}
	}
	return id
}

// caller returns who asks, and gives whoever has no client token one: call it
// only where an attempt may begin.
func (c *call) caller() flow.Caller {
	if c.token.IsZero() {
		c.giveToken()
	}
	return c.known()
}

// giveToken makes the caller a client that nobody has seen.
func (c *call) giveToken() { c.token, c.given = c.Tokens.New(c.kind()), true }

// kind is that of the token by which the caller is known. A cookie opens nothing to
// native programs, whose token is enough by itself, nor the other way round.
func (c *call) kind() session.Kind {
	if c.native {
		return session.NativeToken
	}
	return session.ClientToken
}

// known returns who asks. Of a client without a token nothing is known.
func (c *call) known() flow.Caller {
	return flow.Caller{
		Client: c.token, IP: c.ClientIP(c.r), UserAgent: c.r.UserAgent(), Tester: c.Flow.Tester(c.query.Get("__clerk_testing_token")),
	}
}

// callTimeout bounds a call, once its body was read. It goes on although the browser
// may have gone: programs leave pages while an answer is on its way, and what was
// asked for is done all the same.
const callTimeout = 15 * time.Second

// sessions returns what the caller sees of what the client holds. It is looked up
// once for each call, and again after [call.changed].
func (c *call) sessions() (*session.Held, error) {
	if c.held != nil {
		return c.held, nil
	}
	held := session.Held{}
	if !c.token.IsZero() {
		var err error
		if held, err = c.Sessions.OfClient(c.r.Context(), c.token, c.Idle, c.now); err != nil {
			return nil, err
		}
	}
	if !c.native {
		var err error
		if held, err = c.seen(held); err != nil {
			return nil, err
		}
	}
	c.held = &held
	return c.held, nil
}

// seen returns what a browser sees of what its client holds. One that sees nothing
// of a client on which somebody is signed in is not that client: the cookie may have
// been planted, here or where the sign-in was. It has no part in what is under way
// there either, and begins as somebody new.
func (c *call) seen(held session.Held) (session.Held, error) {
	viewer, err := c.Sessions.Recall(c.r.Context(), held, c.viewer(), c.Idle, c.now)
	if err != nil {
		return session.Held{}, err
	}
	seen := held.SeenBy(viewer, c.now)
	if len(seen.Principals) == 0 && len(held.Principals) > 0 {
		c.token = session.Token{}
		return session.Held{}, nil
	}
	for _, p := range seen.Principals {
		c.shown = append(c.shown, p.Session.ID)
	}
	return seen, nil
}

// viewer is the browser that asks. What this call has shown it, or made for it, it
// holds until the answer, also where the session of its cookie ends meanwhile.
func (c *call) viewer() session.Viewer {
	v := c.known().Viewer()
	if t, ok := c.Tokens.Parse(session.SessionToken, c.Jar.Read(c.r.Header).Session); ok {
		v.Session = t.Hash()
	}
	v.Known = append(slices.Clone(c.shown), c.chosen)
	return v
}

// changed says that what the client holds is not what it was.
func (c *call) changed() { c.held = nil }

// selected returns the session that counts as the client's: the one this call has
// chosen, the one of the gate's session cookie, or else the one used last; nil
// when the client holds none.
func (c *call) selected(held *session.Held) *session.Principal {
	if p := find(held, c.chosen); p != nil {
		return p
	}
	if p := c.byCookie(held); p != nil {
		return p
	}
	var last *session.Principal
	for i := range held.Principals {
		p := &held.Principals[i]
		if last == nil || p.Session.LastActiveAt.After(last.Session.LastActiveAt) {
			last = p
		}
	}
	return last
}

// byCookie returns the session that the gate's session cookie names.
func (c *call) byCookie(held *session.Held) *session.Principal {
	if c.native || len(held.Principals) == 0 {
		return nil
	}
	t, ok := c.Tokens.Parse(session.SessionToken, c.Jar.Read(c.r.Header).Session)
	if !ok {
		return nil
	}
	hash := t.Hash()
	for i := range held.Principals {
		if held.Principals[i].Session.TokenHash == hash {
			return &held.Principals[i]
		}
	}
	return nil
}

func find(held *session.Held, id string) *session.Principal {
	for i := range held.Principals {
		if id != "" && held.Principals[i].Session.ID == id {
			return &held.Principals[i]
		}
	}
	return nil
}

// principal returns the session that a call is about: the one of the query
// parameter _clerk_session_id, or else the selected one. Without one the answer
// has been given.
func (c *call) principal() (session.Principal, bool) {
	held, err := c.sessions()
	if err != nil {
		c.fail(err)
		return session.Principal{}, false
	}
	p := c.selected(held)
	if id := c.query.Get("_clerk_session_id"); id != "" {
		p = find(held, id)
	}
	if p == nil {
		c.refuse(signedOut())
		return session.Principal{}, false
	}
	return *p, true
}

// actor returns a session as the account knows it.
func (c *call) actor(p session.Principal) account.Actor {
	return account.Actor{Caller: c.known(), SessionID: p.Session.ID}
}

// signedOut is the one refusal that makes programs forget a session: it is said
// of dead sessions alone.
func signedOut() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeSignedOut, Message: "You are signed out. Sign in again."}
}

// unknown refuses what is not there, or somebody else's.
func unknown() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "There is nothing here by that name."}
}

// notOffered refuses what this gate does not do.
func notOffered() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeNotOffered, Message: "This site does not offer that."}
}
