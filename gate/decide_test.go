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

// answers are what a kind of request gets in each state of its session.
type answers struct{ absent, pending, unmet gate.Decision }

// table is the documented answer to a request that does not pass.
var table = map[gate.Kind]answers{
	gate.Navigation:  {gate.SignIn, gate.TaskPage, gate.VerifyPage},
	gate.FormPost:    {gate.SignInPosted, gate.TaskPage, gate.VerifyPage},
	gate.Script:      {gate.Problem, gate.TaskProblem, gate.VerifyProblem},
	gate.Subresource: {gate.Empty, gate.TaskProblem, gate.VerifyProblem},
	gate.Upgrade:     {gate.Empty, gate.TaskProblem, gate.VerifyProblem},
	gate.EventStream: {gate.Empty, gate.TaskProblem, gate.VerifyProblem},
	gate.Frame:       {gate.FramePage, gate.FramePage, gate.FramePage},
	gate.Preflight:   {gate.Forbidden, gate.Forbidden, gate.Forbidden},
	"else":           {gate.Problem, gate.TaskProblem, gate.VerifyProblem},
}

func TestDecide(t *testing.T) {
	for kind, row := range table {
		for _, through := range []bool{false, true} {
			want := map[gate.State]gate.Decision{
				gate.Live: gate.Pass, gate.Absent: row.absent, gate.Pending: row.pending, gate.Unmet: row.unmet,
				gate.Unknown: gate.Unavailable, gate.State(5): gate.Unavailable, gate.State(255): gate.Unavailable,
			}
			if kind == gate.Preflight && through {
				want[gate.Absent], want[gate.Pending], want[gate.Unmet] = gate.Pass, gate.Pass, gate.Pass
			}
			for state, want := range want {
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
		known := f.Session >= gate.Absent && f.Session <= gate.Unmet
		allowed := f.Session == gate.Live || known && f.Kind == gate.Preflight && f.PassPreflight
		if (d == gate.Pass) != allowed {
			t.Errorf("%+v: %s", f, d)
		}
		if !known && d != gate.Unavailable {
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
