// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch/gate"
)

// table is the documented answer to a request without a session.
var table = map[gate.Kind]gate.Decision{
	gate.Navigation: gate.SignIn, gate.FormPost: gate.SignInPosted, gate.Script: gate.Problem,
	gate.Subresource: gate.Empty, gate.Upgrade: gate.Empty, gate.EventStream: gate.Empty,
	gate.Frame: gate.FramePage, gate.Preflight: gate.Forbidden,
}

func TestDecide(t *testing.T) {
	for kind, refusal := range table {
		for _, through := range []bool{false, true} {
			absent := refusal
			if kind == gate.Preflight && through {
				absent = gate.Pass
			}
			for state, want := range map[gate.State]gate.Decision{
				gate.Live: gate.Pass, gate.Absent: absent, gate.Unknown: gate.Unavailable, gate.State(3): gate.Unavailable,
			} {
				if got := gate.Decide(gate.Facts{Kind: kind, Session: state, PassPreflight: through}); got != want {
					t.Errorf("%s, state %d, preflights pass %v: %s, want %s", kind, state, through, got, want)
				}
			}
		}
	}
}

func TestNothingPassesOnAGuess(t *testing.T) {
	if d := gate.Decide(gate.Facts{}); d == gate.Pass {
		t.Error("the zero value passes")
	}
	rapid.Check(t, func(t *rapid.T) {
		f := gate.Facts{
			Kind:          gate.Kind(rapid.SampledFrom([]string{"navigation", "preflight", "", "Navigation", "else"}).Draw(t, "kind")),
			Session:       gate.State(rapid.Byte().Draw(t, "state")),
			PassPreflight: rapid.Bool().Draw(t, "through"),
		}
		d := gate.Decide(f)
		allowed := f.Session == gate.Live || f.Session == gate.Absent && f.Kind == gate.Preflight && f.PassPreflight
		if (d == gate.Pass) != allowed {
			t.Errorf("%+v: %s", f, d)
		}
		if f.Session > gate.Live && d != gate.Unavailable {
			t.Errorf("an unknown state %+v gets %s", f, d)
		}
	})
}

func TestAnswersToPrograms(t *testing.T) {
	const signIn = "https://app.example.com/.auth/sign-in"
	for name, row := range map[string]struct {
		answer func(*httptest.ResponseRecorder)
		status int
		body   bool
	}{
		"problem":     {func(w *httptest.ResponseRecorder) { gate.AnswerProblem(w, signIn) }, 401, true},
		"unavailable": {func(w *httptest.ResponseRecorder) { gate.AnswerUnavailable(w, 5*time.Second) }, 503, true},
		"empty":       {func(w *httptest.ResponseRecorder) { gate.AnswerEmpty(w, signIn) }, 401, false},
		"forbidden":   {func(w *httptest.ResponseRecorder) { gate.AnswerForbidden(w) }, 403, false},
	} {
		w := httptest.NewRecorder()
		row.answer(w)
		h := w.Header()
		if w.Code != row.status || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", name, w.Code, h)
		}
		if (w.Code == 401) != (h.Get("WWW-Authenticate") == `Gatelatch uri="`+signIn+`"`) {
			t.Errorf("%s: WWW-Authenticate is %q", name, h.Get("WWW-Authenticate"))
		}
		if (w.Code == 503) != (h.Get("Retry-After") == "5") || h.Get("Location") != "" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", name, h)
		}
		if !row.body {
			if w.Body.Len() != 0 || h.Get("Content-Type") != "" {
				t.Errorf("%s: has a body", name)
			}
			continue
		}
		var p struct {
			Type, Title, Detail string
			Status              int
			SignIn              string `json:"sign_in_url"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != row.status || p.Title == "" || p.Detail == "" || p.Type != "about:blank" {
			t.Errorf("%s: %v %s", name, err, w.Body)
		}
		if h.Get("Content-Type") != "application/problem+json" || (p.SignIn != "") != (row.status == 401) {
			t.Errorf("%s: %v %s", name, h, w.Body)
		}
	}
}

func TestSecondsRoundUpAndNeverReachZero(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "1", 0: "1", 1: "1", time.Second: "1", time.Second + 1: "2", 90 * time.Second: "90", time.Hour - 1: "3600",
	} {
		if got := gate.Seconds(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
