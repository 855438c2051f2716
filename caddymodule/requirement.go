// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/gate"
)

// loadRequirements provisions the matchers of requirements.
func (g *Gate) loadRequirements(ctx caddy.Context) error {
	for _, r := range g.Requirements {
		if len(r.MatcherSetsRaw) == 0 {
			continue // every request
		}
		loaded, err := ctx.LoadModule(r, "MatcherSetsRaw")
		if err != nil {
			return fmt.Errorf("require: loading matchers: %w", err)
		}
		if err := r.matchers.FromInterface(loaded); err != nil {
			return fmt.Errorf("require: %w", err)
		}
	}
	return nil
}

// required returns what a request has to meet beside a session: all that match it
// together. A matcher that fails asks: an error must not open a path.
func (g *running) required(r *http.Request, asked *url.URL) gate.Requirement {
	var all gate.Requirement
	requests := spellings(r, asked)
	for _, req := range g.requirements {
		if req.matches(requests) {
			all = all.And(gate.Requirement{Fresh: time.Duration(req.Fresh), SecondFactor: req.SecondFactor})
		}
	}
	return all
}

func (r *Requirement) matches(requests []*http.Request) bool {
	for _, request := range requests {
		if ok, err := r.matchers.AnyMatchWithError(request); ok || err != nil {
			return true
		}
	}
	return false
}

// spellings returns a request with each address that the app may take it for: as
// the browser sent it, as rewrites have made it, and with what some servers fold
// away, so that /admin;x=1/users and /admin%5cusers ask as /admin/users does.
func spellings(r *http.Request, asked *url.URL) []*http.Request {
	all := []*http.Request{r}
	if asked != r.URL && asked.Path != r.URL.Path {
		all = append(all, at(r, asked))
	}
	for _, u := range []*url.URL{r.URL, asked} {
		if folded := fold(u.Path); folded != u.Path {
			other := *u
			other.Path, other.RawPath = folded, ""
			all = append(all, at(r, &other))
		}
	}
	return all
}

// at returns the request as if it were for another address. Matchers may keep
// something in its context, as they do for the request itself.
func at(r *http.Request, u *url.URL) *http.Request {
	other := *r
	other.URL = u
	return &other
}

// fold drops the parameters of path segments, and reads backslashes as slashes,
// and one more layer of percent-encoding: each escape for itself, so that one that
// is none hides no other.
func fold(path string) string {
	if !strings.ContainsAny(path, `;\%`) {
		return path
	}
	segments := strings.Split(strings.ReplaceAll(unescape(path), `\`, "/"), "/")
	for i, s := range segments {
		segments[i], _, _ = strings.Cut(s, ";")
	}
	return strings.Join(segments, "/")
}

// unescape decodes the percent escapes of a path, and leaves as they are those
// that are none.
func unescape(path string) string {
	var plain strings.Builder
	for {
		before, after, found := strings.Cut(path, "%")
		plain.WriteString(before)
		if !found {
			return plain.String()
		}
		path = after
		if b, err := hex.DecodeString(after[:min(2, len(after))]); err == nil && len(b) == 1 {
			plain.Write(b)
			path = after[2:]
			continue
		}
		plain.WriteByte('%')
	}
}
