// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// one is a store that knows one session.
type one struct{ p session.Principal }

func (o one) PrincipalByTokenHash(context.Context, gatelatch.TokenHash) (session.Principal, error) {
	return o.p, nil
}

func (o one) PrincipalsByClient(context.Context, gatelatch.TokenHash, int) (gatelatch.Client, []session.Principal, error) {
	return o.p.Client, []session.Principal{o.p}, nil
}
func (one) TouchSessions(context.Context, []session.Touch) error { return nil }
func (one) EndSession(context.Context, string, gatelatch.SessionStatus, time.Time) error {
	return nil
}
func (one) SigningKeys(context.Context) ([]session.StoredKey, error)      { return nil, nil }
func (one) PutSigningKey(context.Context, session.StoredKey) error        { return nil }
func (one) DeleteSigningKeys(ctx context.Context, before time.Time) error { return nil }

// folded is how the least careful upstream reads a header name.
func folded(name string) string {
	return strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name))
}

func FuzzStripHeaders(f *testing.F) {
	for _, name := range ownHeaders() {
		for _, spelling := range misspellings(name) {
			f.Add(spelling, "keep-alive")
			f.Add("Accept", spelling+", close")
		}
	}
	f.Add("Connection", "a,,b")
	id := identity()
	own := map[string]bool{}
	for _, name := range ownHeaders() {
		own[folded(name)] = true
	}
	claimed := func(name string) bool { return own[folded(name)] || strings.HasPrefix(folded(name), "remote-") }
	f.Fuzz(func(t *testing.T, name, connection string) {
		r := &http.Request{Header: http.Header{name: {"value"}}}
		if name != "Connection" {
			r.Header["Connection"] = []string{connection}
		}
		id.Strip(r)
		if _, there := r.Header[name]; there && claimed(name) {
			t.Errorf("%q stays", name)
		}
		if _, there := r.Header[name]; !there && !claimed(name) && name != "Connection" && name != "Cookie" {
			t.Errorf("%q is gone", name)
		}
		for _, line := range r.Header["Connection"] {
			for part := range strings.SplitSeq(line, ",") {
				if part = strings.TrimSpace(part); claimed(part) || strings.EqualFold(part, "cookie") {
					t.Errorf("Connection %q still names %q", connection, part)
				}
			}
		}
	})
}
