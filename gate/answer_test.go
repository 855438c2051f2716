// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/gate"
)

// answered checks an answer to a program, whole.
func answered(t *testing.T, w *httptest.ResponseRecorder, status int, challenge, body string) {
	t.Helper()
	h := w.Header()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("%d %s\nwant %d %s", w.Code, w.Body, status, body)
	}
	if h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", h)
	}
	if h.Get("WWW-Authenticate") != challenge || h.Get("Location") != "" {
		t.Errorf("%v, want the challenge %q", h, challenge)
	}
}

func TestAnswerTask(t *testing.T) {
	for task, detail := range map[gatelatch.Task]string{
		gatelatch.TaskResetPassword: "Set a new password first.",
		gatelatch.TaskSetupMFA:      "Set up a second step first.",
		gatelatch.TaskAcceptTerms:   "Accept the terms first.",
		"else":                      "Finish signing in first.",
	} {
		w := httptest.NewRecorder()
		gate.AnswerTask(w, task, "/.auth/tasks/"+string(task))
		answered(t, w, 401, `Gatelatch uri="/.auth/tasks/`+string(task)+`"`,
			`{"type":"urn:gatelatch:problem:task","title":"Unauthorized","status":401,"detail":"`+detail+
				` This request was not passed on.","task":"`+string(task)+`","task_url":"/.auth/tasks/`+string(task)+`"}`)
	}
}

func TestAnswerVerify(t *testing.T) {
	for name, row := range map[string]struct {
		missing gate.Missing
		asked   gate.Requirement
		body    string
	}{
		"a factor": {gate.MissingFresh, gate.Requirement{Fresh: 10 * time.Minute}, `"detail":"Confirm that it is you first. This request was not passed on.",` +
			`"required":"fresh","max_age":600,"verify_url":"/.auth/verify"`},
		"a second factor of any age": {gate.MissingSecondFactor, gate.Requirement{SecondFactor: true}, `"detail":"Confirm that it is you with your second step first. ` +
			`This request was not passed on.","required":"second_factor","verify_url":"/.auth/verify"`},
		"a fresh second factor": {gate.MissingSecondFactor, gate.Requirement{SecondFactor: true, Fresh: time.Minute}, `"detail":"Confirm that it is you with your second step first. ` +
			`This request was not passed on.","required":"second_factor","max_age":60,"verify_url":"/.auth/verify"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			gate.AnswerVerify(w, row.missing, row.asked, "/.auth/verify")
			answered(t, w, 403, "", `{"type":"urn:gatelatch:problem:reverify","title":"Forbidden","status":403,`+row.body+`}`)
		})
	}
}
