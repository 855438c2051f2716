// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// StorePause is what a visitor or a program is told to wait when the store is
// away.
const StorePause = 5 * time.Second

// problem is RFC 9457, with the address of the sign-in page.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	SignIn string `json:"sign_in_url,omitempty"`
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
