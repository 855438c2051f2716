// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
)

func init() { caddy.RegisterModule(listener{}) }

// heard is what the listener of the one test heard.
var heard = make(chan caddy.Event, 64)

// listener is a handler of events, as an operator would name one.
type listener struct{}

func (listener) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "events.handlers.gatelatch_test", New: func() caddy.Module { return new(listener) }}
}

func (*listener) UnmarshalCaddyfile(*caddyfile.Dispenser) error { return nil }

func (listener) Handle(_ context.Context, e caddy.Event) error {
	heard <- e
	return nil
}

var _ caddyevents.Handler = listener{}

func TestEventsHoldIDsOnly(t *testing.T) {
	p := newPlace(t)
	names := []string{"gatelatch_code_sent", "gatelatch_refused", "gatelatch_sign_up", "gatelatch_sign_in"}
	global := strings.TrimSuffix(globalOptions, "}\n") + "\tevents {\n"
	for _, name := range names {
		global += "\t\ton " + name + " gatelatch_test\n"
	}
	if err := caddy.Load(configWith(t, global+"\t}\n}\n", p.site()), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	b := newBrowser(t, p.origin())
	b.submit(b.ask("bob@example.com"), "code", wrong(b.code(p, "bob@example.com")), "step", "verify")
	b.signUp(p, "ada@example.com")
	newBrowser(t, p.origin()).signIn(p, "ada@example.com")
	got := make(map[string]bool)
	for len(got) < len(names) {
		select {
		case e := <-heard:
			got[e.Name()] = true
			if text := fmt.Sprint(e.Data); strings.Contains(text, "example.com") || e.Data["attempt_id"] == "" {
				t.Errorf("%s: %s", e.Name(), text)
			}
		case <-time.After(time.Minute):
			t.Fatalf("heard only %v", got)
		}
	}
}
