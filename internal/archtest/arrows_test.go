// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// arrows says what each package may import of the others. They point inward:
// from Caddy, over the views, to the flows, the sessions and the vocabulary.
// Stores and senders stand outside too, since they implement what the core
// declares.
var arrows = map[string][]string{
	// the vocabulary: the standard library only
	".": {},

	// leaves
	"identifier":   {"."},
	"limit":        {"."},
	"password":     {"."},
	"secondfactor": {"."},
	"passkey":      {"."},
	"device":       {},
	"admission":    {".", "identifier"},
	"metadata":     {"."},

	// the shapes that both JSON interfaces speak
	"wire": {"."},

	// the core
	"session":  {"."},
	"delivery": {".", "device", "identifier"},
	"flow": {
		".", "admission", "delivery", "device", "identifier", "limit", "metadata", "passkey", "password", "secondfactor", "session",
	},
	"account": {".", "delivery", "device", "flow", "identifier", "metadata", "passkey", "password", "secondfactor", "session"},
	"admin": {
		".", "admission", "delivery", "device", "flow", "identifier", "metadata", "password", "secondfactor", "session",
	},

	// senders
	"delivery/internal/wire": {"."},
	"delivery/outbox":        {".", "delivery"},
	"delivery/smtp":          {".", "delivery", "delivery/internal/wire"},
	"delivery/twilio":        {".", "delivery", "delivery/internal/wire"},
	"delivery/webhook":       {".", "delivery", "delivery/internal/wire"},

	// stores
	"store":                 {".", "admin", "delivery", "flow", "session"},
	"store/sqlstore":        {".", "admin", "delivery", "flow", "session", "store", "store/sqlstore/..."},
	"store/sqlstore/stored": {"."},
	"store/sqlstore/txn":    {"."},
	"store/sqlite":          {".", "store", "store/sqlstore/..."},
	"store/postgres":        {".", "store", "store/sqlstore/..."},
	"store/memory": {
		".", "admin", "delivery", "flow", "session", "store", "store/sqlstore/stored", "store/sqlstore/txn",
	},
	"store/storetest": {".", "admin", "delivery", "flow", "session", "store"},

	// views: they never see a store, nor another view. That pages knows gate is
	// the one exception: a page answers in the place of the request that gate has
	// classified, and asks it for the kind and for safe return paths. Of password
	// it knows one error, which is a page of its own.
	"gate":  {".", "session"},
	"pages": {".", "account", "delivery", "device", "flow", "gate", "identifier", "password", "session"},

	// The JSON views know the shapes on the wire. frontendapi asks gate, as pages
	// does, whose a request is; backendapi is for the operator and stands on admin.
	"frontendapi": {
		".", "account", "device", "flow", "gate", "identifier", "metadata", "passkey", "password", "session", "wire",
	},
	"backendapi": {".", "admin", "device", "limit", "metadata", "password", "session", "wire"},

	// the edge
	"caddymodule": {
		".", "account", "admin", "admission", "backendapi", "delivery/...", "flow", "frontendapi", "gate", "identifier", "limit",
		"pages", "passkey", "password", "session", "store/...", "wire",
	},
	"cmd/gatelatch": {".", "caddymodule", "delivery/outbox", "wire"},
}

// workshop holds tests, benchmarks and their tools, which may use everything
// and which nothing else may use.
const workshop = "internal/"

func TestArrowsPointInward(t *testing.T) {
	packages := sources(t)
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		if strings.HasPrefix(dir, workshop) {
			continue
		}
		allowed, ok := arrows[dir]
		if !ok && len(packages[dir].imports) > 0 {
			t.Errorf("package %s has no row in the table of arrows: decide which layer it belongs to and add one", dir)
			continue
		}
		for _, path := range packages[dir].imports {
			if to, ours := inside(path); ours && !within(to, allowed) {
				t.Errorf("%s imports %s, which points outward or sideways: declare an interface in %s and let "+
					"caddymodule bring the two together (design: imports point inward only)", dir, to, dir)
			}
		}
	}
}

func TestTableOfArrowsIsUpToDate(t *testing.T) {
	packages := sources(t)
	for dir := range arrows {
		if _, ok := packages[dir]; !ok {
			t.Errorf("the table of arrows has a row for %s, which does not exist: remove the row", dir)
		}
	}
}
