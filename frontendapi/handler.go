// SPDX-License-Identifier: Apache-2.0

// Package frontendapi speaks Clerk's Frontend API: the same operations as the
// pages, as JSON, for programs that were written with Clerk's SDKs. Handlers
// decode, call and render; nothing is decided here.
package frontendapi

import (
	"context"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// Sessions is what the API needs of the session manager.
type Sessions interface {
	OfClient(ctx context.Context, client session.Token, idle time.Duration, now time.Time) (session.Held, error)
	Recall(ctx context.Context, h session.Held, v session.Viewer, idle time.Duration, now time.Time) (session.Viewer, error)
	Touch(ctx context.Context, sessionID string, now time.Time) error
}

// Site is what the environment tells of the site.
type Site struct {
	Name string
	// Base is the prefix of the gate's own paths, such as /.auth; the API is below
	// Base + "/v1".
	Base string
	// Origins are the site's own, the first is the one it goes by.
	Origins []string
	// Allowed are other origins whose pages may call the API.
	Allowed []string
	// Email and Phone say which identifiers are used; PasswordMin how short a
	// password may be.
	Email, Phone bool
	PasswordMin  int
	// Logo, Help, Terms are addresses; empty for none.
	Logo, Help, Terms string
	// MultiSession lets a client hold several sessions.
	MultiSession bool
	// Native lets programs without cookies in.
	Native bool
	// Scripts is a directory with the files of npm packages below @clerk/, or the
	// https address of a network that serves them; empty for neither.
	Scripts string
}

// Handler serves the paths under Base + "/v1", "/npm/" and "/openapi.json". All
// fields but Templates and Report are required. It is safe for concurrent use.
type Handler struct {
	Site     Site
	Flow     *flow.Service
	Account  *account.Service
	Sessions Sessions
	// Rules say what a session owes; Idle is the idle limit of sessions.
	Rules   session.Rules
	Idle    time.Duration
	Jar     session.Jar
	Cookies session.ScriptCookies
	Tokens  session.Tokens
	Minter  *session.Minter
	// Templates are the operator's own sets of claims, by name.
	Templates map[string]session.Template
	// KeySet returns the public signing keys.
	KeySet func() []byte
	// ClientIP returns the visitor's address, trusted proxies resolved.
	ClientIP func(r *http.Request) netip.Addr
	Now      func() time.Time
	// Report hears of machine failures, without secrets; may be nil.
	Report func(r *http.Request, err error)

	nobody     atomic.Pointer[nobodysHandshake]
	scriptless sync.Once // says so in the log
}

// ServeHTTP answers a path under the base of the API.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, h.Site.Base)
	switch {
	case path == "/openapi.json":
		describe(w)
	case path == avatarPath:
		serveAvatar(w, r)
	case strings.HasPrefix(path, "/npm/"):
		h.serveScript(w, r, strings.TrimPrefix(path, "/npm/"))
	default:
		h.newCall(w, r).serve(strings.TrimSuffix(strings.TrimPrefix(path, "/v1"), "/")) // SDKs write some with a slash
	}
}

// newCall reads who asks. A program without cookies brings its token in a header.
func (h *Handler) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := &call{Handler: h, w: w, r: r, now: h.Now().UTC(), query: r.URL.Query()}
	c.native = c.query.Get("_is_native") == "1"
	text := h.Jar.Read(r.Header).Client
	if c.native {
		text = r.Header.Get("Authorization")
	}
	c.token, _ = h.Tokens.Parse(c.kind(), text) // zero for one that is not ours
	return c
}

// serve answers a path below the prefix of the version.
func (c *call) serve(path string) {
	switch {
	case !c.admitted():
		return
	case c.r.Method == http.MethodOptions:
		c.preflight()
		return
	case c.native && !c.Site.Native:
		c.turnAway(http.StatusBadRequest, &gatelatch.Refusal{Code: gatelatch.CodeNativeDisabled, Message: "This site takes no requests of native apps."})
		return
	}
	methods, values := match(strings.TrimSuffix(path, "/")) // some lists are asked for with a slash behind
	if methods == nil {
		c.turnAway(http.StatusNotFound, unknown())
		return
	}
	t, ok := methods[override(c.r)]
	if !ok {
		c.refuseMethod(methods)
		return
	}
	c.values = values
	c.do(t)
}

// unread is the status of a body that cannot be read. What is wrong with one field is
// told as ever, but for calls on sessions: programs take that status to mean that the
// session is over.
func (t *route) unread(r *gatelatch.Refusal) int {
	if r.Param == "" || strings.HasPrefix(t.path, "/client/sessions/") {
		return http.StatusBadRequest
	}
	return r.Status()
}

func (c *call) refuseMethod(methods map[string]*route) {
	c.w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
	c.turnAway(http.StatusMethodNotAllowed, &gatelatch.Refusal{Code: gatelatch.CodeMethod, Message: "This cannot be done here."})
}

// do reads the body and runs the action.
func (c *call) do(t *route) {
	if t.method != http.MethodGet && len(t.form) > 0 { // what takes no fields reads no body
		f, r := readForm(c.w, c.r, t.form)
		if r != nil {
			c.turnAway(t.unread(r), r)
			return
		}
		c.form = f
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.r.Context()), callTimeout)
	defer cancel()
	c.r = c.r.WithContext(ctx)
	if !t.site {
		if _, err := c.sessions(); err != nil { // says whether the client is this browser's
			c.fail(err)
			return
		}
	}
	t.do(c)
}
