// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
)

// Sessions is what the pages need of the session manager.
type Sessions interface {
	Authenticate(ctx context.Context, c session.Cookies, idle time.Duration, now time.Time) (*session.Live, error)
	End(ctx context.Context, l *session.Live, status gatelatch.SessionStatus, now time.Time) error
	OfClient(ctx context.Context, client session.Token, idle time.Duration, now time.Time) (session.Held, error)
	Recall(ctx context.Context, h session.Held, v session.Viewer, idle time.Duration, now time.Time) (session.Viewer, error)
	Touch(ctx context.Context, sessionID string, now time.Time) error
}

// Handler serves the gate's own paths, and the sign-in page at any other. All
// fields but Outbox, PublicKey and Report are required. It is safe for concurrent use.
type Handler struct {
	Site     Site
	Renderer *Renderer
	Flow     *flow.Service
	// Account is what somebody who is signed in does to the account.
	Account  *account.Service
	Sessions Sessions
	// Idle is the idle limit of sessions.
	Idle    time.Duration
	Jar     session.Jar
	Tokens  session.Tokens
	FormKey gatelatch.Key
	// Origins are the site's own origins, "https://app.example.com".
	Origins []string
	// KeySet returns the public signing keys.
	KeySet func() []byte
	// PublicKey returns the public key that signs now, as PEM; nil for a site that
	// publishes none.
	PublicKey func() ([]byte, error)
	// ClientIP returns the visitor's address, trusted proxies resolved.
	ClientIP func(r *http.Request) netip.Addr
	// Outbox returns what a development site would have sent; nil on any other.
	Outbox func() ([]OutboxEntry, error)
	Now    func() time.Time
	// Report hears of machine failures, without secrets; may be nil.
	Report func(r *http.Request, err error)

	last lastDoors
}

// visit is one request on its way through the handler.
type visit struct {
	*Handler
	w   http.ResponseWriter
	r   *http.Request
	now time.Time
	// id is the last segment of a path that names an attempt or an asset.
	id string
	// way is the way to take a step whose page is asked for, choose that the page
	// of all of them is.
	way    gatelatch.Strategy
	choose bool
	// leaves says that the answer leads to another address, also where the script
	// would show the next page in place: the one that is showing holds a token.
	leaves bool
	// given is the client token that this answer gives to the browser.
	given session.Token
}

type action func(*visit)

// methods are the actions of one path.
type methods struct{ get, post action }

// routes are the gate's own paths below its base. A path that ends in a slash
// takes one more segment.
var routes = withAccount(map[string]methods{
	"/sign-in":               {get: (*visit).signInPage, post: (*visit).signInStart},
	"/sign-in/":              {get: (*visit).signInResume, post: (*visit).signInStep},
	"/sign-up":               {get: (*visit).signUpPage, post: (*visit).signUpStart},
	"/sign-up/":              {get: (*visit).signUpResume, post: (*visit).signUpStep},
	"/sign-out":              {post: (*visit).signOut},
	"/signed-out":            {get: (*visit).signedOut},
	"/forget.css":            {get: (*visit).forget},
	"/outbox":                {get: (*visit).outbox},
	"/assets/":               {get: (*visit).asset},
	"/.well-known/jwks.json": {get: (*visit).keySet},
	"/.well-known/jwt-key":   {get: (*visit).publicKey},

	"/link/":   {get: (*visit).linkPage, post: (*visit).linkStep},
	"/not-me/": {get: (*visit).notMePage, post: (*visit).disown},
	choosePath: {get: (*visit).choosePage, post: (*visit).chooseStep},
	"/verify":  {get: (*visit).verifyPage, post: (*visit).askAgain},
	"/tasks/":  {get: (*visit).taskPage, post: (*visit).taskStep},

	"/.well-known/change-password": {get: (*visit).changePassword},
})

// ServeHTTP answers a path under the gate's base.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := h.visit(w, r)
	m, ok := v.route(strings.TrimPrefix(r.URL.Path, h.Site.Base))
	switch {
	case !ok:
		v.fail(http.StatusNotFound)
	case (r.Method == http.MethodGet || r.Method == http.MethodHead) && m.get != nil:
		m.get(v)
	case r.Method == http.MethodPost && m.post != nil:
		m.post(v)
	default:
		w.Header().Set("Allow", m.allow())
		v.fail(http.StatusMethodNotAllowed)
	}
}

func (h *Handler) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Handler: h, w: w, r: r, now: h.Now().UTC()}
}

func (v *visit) route(path string) (methods, bool) {
	if m, ok := routes[path]; ok && !strings.HasSuffix(path, "/") {
		return m, true
	}
	i := strings.LastIndexByte(path, '/')
	if i < 0 || i+1 == len(path) {
		return methods{}, false
	}
	v.id = path[i+1:]
	m, ok := routes[path[:i+1]]
	return m, ok
}

func (m methods) allow() string {
	switch {
	case m.get == nil:
		return "POST"
	case m.post == nil:
		return "GET, HEAD"
	}
	return "GET, HEAD, POST"
}

// Challenge answers a navigation without a session: the sign-in page, at the
// very URL that was asked for. returnTo is that URL's path and query; posted
// says that a form was sent there, which has not been passed on.
func (h *Handler) Challenge(w http.ResponseWriter, r *http.Request, returnTo string, posted bool) {
	v := h.visit(w, r)
	if v.challengeChoice(returnTo, posted) {
		return
	}
	view := v.signInFirst(v.safeReturn(returnTo), "")
	view.Posted = posted
	if posted {
		view.Notice = NoticePosted
	}
	v.clearDeadCookie()
	w.Header().Set("WWW-Authenticate", gate.Authenticate(h.Site.Base+"/sign-in"))
	v.show(http.StatusUnauthorized, view)
}

// Frame answers a navigation inside another page.
func (h *Handler) Frame(w http.ResponseWriter, r *http.Request) {
	v := h.visit(w, r)
	w.Header().Set("WWW-Authenticate", gate.Authenticate(h.Site.Base+"/sign-in"))
	v.render(http.StatusUnauthorized, View{Page: PageFrame}, framedPolicy)
}

// Error answers with a page for a status; retryAfter, when not zero, says how
// long to wait.
func (h *Handler) Error(w http.ResponseWriter, r *http.Request, status int, retryAfter time.Duration) {
	if retryAfter > 0 {
		w.Header().Set("Retry-After", gate.Seconds(retryAfter))
	}
	h.visit(w, r).fail(status)
}

func (v *visit) fail(status int) {
	v.render(status, View{Page: PageError, StatusCode: status}, pagePolicy)
}

// down answers when a machine failed: nobody gets in, nothing is lost, and the
// same request works again later.
func (v *visit) down(err error) {
	if errors.Is(err, password.ErrBusy) {
		v.busy()
		return
	}
	if v.Report != nil {
		v.Report(v.r, err)
	}
	v.w.Header().Set("Retry-After", gate.Seconds(gate.StorePause))
	v.fail(http.StatusServiceUnavailable)
}

// live returns the visitor's session, or nil; false when that is not known, in
// which case the answer has been given.
func (v *visit) live() (*session.Live, bool) {
	l, err := v.Sessions.Authenticate(v.r.Context(), v.Jar.Read(v.r.Header), v.Idle, v.now)
	if err != nil {
		v.down(err)
		return nil, false
	}
	return l, true
}

// clearDeadCookie takes back a session cookie that no longer means anything.
func (v *visit) clearDeadCookie() {
	if v.Jar.Read(v.r.Header).Session != "" {
		v.Jar.ClearSession(v.w.Header())
	}
}

// scripted reports whether our own script asks, which shows answers in place.
func (v *visit) scripted() bool { return v.r.Header.Get("Gatelatch-Script") == "1" }

var errOutbox = errors.New("reading the development outbox")
