// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
)

func init() { caddy.RegisterModule(new(AdminAPI)) }

const (
	// adminPrefix is where Caddy's admin endpoint serves the operations.
	adminPrefix = "/gatelatch/"
	// answersHeader names the operation that an answer is about. Some other program
	// at the address that an operator gave does not send it.
	answersHeader = "Gatelatch-Operation"
	// maxAdminBody bounds the body of one operation; imports come in parts.
	maxAdminBody = 8 << 20
)

// AdminAPI serves the operator's operations on Caddy's admin endpoint, for the
// commands of gatelatch and for programs. Each is a POST with a JSON object to a
// path under /gatelatch/, and answers JSON; those that only read also answer a
// GET. Caddy writes the addresses of admin requests to its log, so everything
// about people stands in the body. The one parameter of the address is store: it
// picks one of several stores, by its label or by the origin of a site that uses
// it. A refusal is {"error": "a sentence"}.
type AdminAPI struct{ log *slog.Logger }

// CaddyModule returns the Caddy module information.
func (*AdminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.gatelatch", New: func() caddy.Module { return new(AdminAPI) }}
}

// Provision prepares the log. Stores are looked up for each request: Caddy makes
// the admin endpoint before the sites.
func (a *AdminAPI) Provision(ctx caddy.Context) error {
	a.log = ctx.Slogger().With(slog.String("logger", "admin.api.gatelatch")) // here the context names nobody
	return nil
}

// Routes implements [caddy.AdminRouter].
func (a *AdminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: adminPrefix, Handler: caddy.AdminHandlerFunc(a.serve)}}
}

func (a *AdminAPI) serve(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, adminPrefix)
	op, ok := adminOperations[name]
	if !ok {
		return adminError(http.StatusNotFound, "There is no such operation.")
	}
	if no := checkAdminRequest(r, op); no != nil {
		return *no
	}
	service, no := pickStore(r.URL.Query().Get("store"), op.sends)
	if no != nil {
		return *no
	}
	answer, refusal, err := op.run(r.Context(), service, http.MaxBytesReader(w, r.Body, maxAdminBody))
	switch {
	case errors.Is(err, errAdminBody):
		return adminError(http.StatusBadRequest, err.Error())
	case err != nil:
		a.log.Error("operation failed", slog.String("operation", name), slog.Any("error", err))
		return adminError(http.StatusInternalServerError, "The operation failed; Caddy's log says why.")
	case refusal != nil:
		return adminError(refusal.Status(), refusal.Message)
	}
	if !op.reads {
		a.log.Info("operation", slog.String("operation", name), slog.String("id", idOf(answer)))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set(answersHeader, name)
	return json.NewEncoder(w).Encode(answer)
}

// checkAdminRequest refuses what could have come from a form on some page, which
// Caddy's own look at Origin refuses too.
func checkAdminRequest(r *http.Request, op adminOperation) *caddy.APIError {
	if r.Method == http.MethodGet && op.reads {
		return nil
	}
	if r.Method != http.MethodPost {
		no := adminError(http.StatusMethodNotAllowed, "Operations are asked for by POST.")
		return &no
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != op.takes() {
		no := adminError(http.StatusUnsupportedMediaType, "The Content-Type must be "+op.takes()+".")
		return &no
	}
	return nil
}

// adminError is an answer. The sentence may name somebody, so Caddy's log gets
// the status alone.
func adminError(status int, sentence string) caddy.APIError {
	return caddy.APIError{HTTPStatus: status, Err: errors.New(strings.ToLower(http.StatusText(status))), Message: sentence}
}

// errAdminBody is wrapped by errors about what was sent.
var errAdminBody = errors.New("the body")

// adminOperation is one operation.
type adminOperation struct {
	// reads says that nothing changes, and sends that a message may be queued, in
	// the name of one site.
	reads, sends bool
	// lines says that the body is JSON lines instead of one object.
	lines bool
	run   func(ctx context.Context, s *admin.Service, body io.Reader) (any, *gatelatch.Refusal, error)
}

const (
	oneObject = "application/json"
	jsonLines = "application/x-ndjson"
)

func (o adminOperation) takes() string {
	if o.lines {
		return jsonLines
	}
	return oneObject
}

// operation makes an operation of a function that takes one JSON object; no body
// at all is an empty one.
func operation[In, Out any](do func(context.Context, *admin.Service, In) (Out, *gatelatch.Refusal, error)) adminOperation {
	return adminOperation{run: func(ctx context.Context, s *admin.Service, body io.Reader) (any, *gatelatch.Refusal, error) {
		var in In
		d := json.NewDecoder(body)
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, fmt.Errorf("%w is not what this operation takes: %s", errAdminBody, wordDecode(err))
		}
		return do(ctx, s, in)
	}}
}

// wordDecode words what is wrong with a body without quoting it.
func wordDecode(err error) string {
	var kind *json.UnmarshalTypeError
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &kind):
		return "the field " + kind.Field + " is of another kind"
	case errors.As(err, &long):
		return "it is too long"
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	return "it is no JSON object"
}

// reading marks an operation that changes nothing, sending one that may queue a
// message.
func reading(o adminOperation) adminOperation { o.reads = true; return o }
func sending(o adminOperation) adminOperation { o.sends = true; return o }

// idOf names what an operation was about, for the log.
func idOf(answer any) string {
	switch v := answer.(type) {
	case *admin.UserView:
		return v.ID
	case *admin.SessionView:
		return v.ID
	case *admin.InvitationView:
		return v.ID
	case *admin.WaitlistView:
		return v.ID
	case *admin.Restriction:
		return v.ID
	case admin.SignUp:
		return string(v.Mode)
	}
	return ""
}

// Interface guards.
var (
	_ caddy.AdminRouter = (*AdminAPI)(nil)
	_ caddy.Provisioner = (*AdminAPI)(nil)
)
