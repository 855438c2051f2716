// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gatelatch/gatelatch"
)

// StorePause is what a visitor or a program is told to wait when the store is
// away.
const StorePause = 5 * time.Second

// The types of problems that are more than their status (RFC 9457, section
// 3.1.1): what a program looks for.
const (
	ProblemTask   = "urn:gatelatch:problem:task"
	ProblemVerify = "urn:gatelatch:problem:reverify"
)

// problem is RFC 9457, with the address of the page that helps.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	SignIn string `json:"sign_in_url,omitempty"`
	// Task is what the session owes.
	Task    gatelatch.Task `json:"task,omitempty"`
	TaskURL string         `json:"task_url,omitempty"`
	// Required is what has to be proven anew, MaxAge how many seconds that is good.
	Required  Missing `json:"required,omitempty"`
	MaxAge    int64   `json:"max_age,omitempty"`
	VerifyURL string  `json:"verify_url,omitempty"`
}

// AnswerProblem writes 401 for a program: problem+json with the sign-in URL,
// never a page and never a redirect.
func AnswerProblem(w http.ResponseWriter, signIn string) {
	h := w.Header()
	h.Set("WWW-Authenticate", Authenticate(signIn))
	writeProblem(w, problem{
		Type: "about:blank", Title: "Unauthorized", Status: http.StatusUnauthorized,
		Detail: "Sign in first; this request was not passed on.", SignIn: signIn,
	})
}

// AnswerTask writes 401 for a program whose session owes a task: problem+json of
// type [ProblemTask], which names the task and the page where it is done.
func AnswerTask(w http.ResponseWriter, task gatelatch.Task, page string) {
	w.Header().Set("WWW-Authenticate", Authenticate(page))
	writeProblem(w, problem{
		Type: ProblemTask, Title: "Unauthorized", Status: http.StatusUnauthorized,
		Detail: taskDetail(task) + " This request was not passed on.", Task: task, TaskURL: page,
	})
}

func taskDetail(task gatelatch.Task) string {
	switch task {
	case gatelatch.TaskResetPassword:
		return "Set a new password first."
	case gatelatch.TaskSetupMFA:
		return "Set up a second step first."
	case gatelatch.TaskAcceptTerms:
		return "Accept the terms first."
	}
	return "Finish signing in first."
}

// AnswerVerify writes 403 for a program whose session does not meet what the
// path requires: problem+json of type [ProblemVerify], which says what is missing
// ("fresh" or "second_factor"), how many seconds old it may be where that
// matters, and the page that asks for it.
func AnswerVerify(w http.ResponseWriter, missing Missing, r Requirement, page string) {
	detail := "Confirm that it is you first."
	if missing == MissingSecondFactor {
		detail = "Confirm that it is you with your second step first."
	}
	writeProblem(w, problem{
		Type: ProblemVerify, Title: "Forbidden", Status: http.StatusForbidden,
		Detail: detail + " This request was not passed on.", Required: missing, MaxAge: int64(r.Fresh / time.Second), VerifyURL: page,
	})
}

// AnswerUnavailable writes 503 for a program.
func AnswerUnavailable(w http.ResponseWriter, retryAfter time.Duration) {
	w.Header().Set("Retry-After", Seconds(retryAfter))
	writeProblem(w, problem{
		Type: "about:blank", Title: "Service Unavailable", Status: http.StatusServiceUnavailable,
		Detail: "Who you are cannot be checked at the moment; this request was not passed on.",
	})
}

func writeProblem(w http.ResponseWriter, p problem) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	body, _ := json.Marshal(p) // strings and a number always marshal
	answer(w, p.Status, body)
}

// AnswerEmpty writes 401 without a body, for what no person reads.
func AnswerEmpty(w http.ResponseWriter, signIn string) {
	w.Header().Set("WWW-Authenticate", Authenticate(signIn))
	answer(w, http.StatusUnauthorized, nil)
}

// AnswerForbidden writes 403 for a preflight.
func AnswerForbidden(w http.ResponseWriter) { answer(w, http.StatusForbidden, nil) }

func answer(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may be gone; there is nobody to tell
}

// Authenticate returns the challenge that RFC 9110 15.5.2 asks of every 401.
// The scheme is one that no browser has a dialog for.
func Authenticate(signIn string) string { return `Gatelatch uri="` + signIn + `"` }

// Seconds writes a wait for Retry-After: whole seconds, rounded up, at least one.
func Seconds(d time.Duration) string {
	return strconv.FormatInt(max(int64((d+time.Second-1)/time.Second), 1), 10)
}
