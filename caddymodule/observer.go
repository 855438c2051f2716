// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"log/slog"
	"net/http"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// The events of the gate, for Caddy's events app. Their data holds ids only.
const (
	eventSignIn   = "gatelatch_sign_in"
	eventSignUp   = "gatelatch_sign_up"
	eventCodeSent = "gatelatch_code_sent"
	eventRefused  = "gatelatch_refused"
)

// eventsInFlight bounds how many handlers of events run at once. More are
// dropped: an event never makes a visitor wait.
const eventsInFlight = 64

// Observe writes one line of audit for a step, counts it and tells the events
// app. Addresses are masked before they come here.
func (g *Gate) Observe(e flow.Event) {
	metrics.step(e)
	attrs := []any{
		slog.String("flow", e.Flow), slog.String("input", string(e.Input)), slog.String("outcome", e.Outcome),
		slog.String("attempt_id", e.AttemptID), slog.String("to", e.To),
	}
	if e.UserID != "" {
		attrs = append(attrs, slog.String("user_id", e.UserID), slog.String("session_id", e.SessionID), slog.Bool("new_user", e.New))
	}
	if e.Err != nil {
		g.log.Error("step failed", append(attrs, slog.Any("error", e.Err))...)
		return
	}
	g.log.Info("step", attrs...)
	g.emitStep(e)
}

func (g *Gate) emitStep(e flow.Event) {
	data := map[string]any{"flow": e.Flow, "attempt_id": e.AttemptID}
	switch {
	case e.UserID == "" && refused(e):
		data["reason"] = e.Outcome
		g.emit(eventRefused, data)
	case e.UserID == "":
	case e.New:
		data["user_id"], data["session_id"] = e.UserID, e.SessionID
		g.emit(eventSignUp, data)
	default:
		data["user_id"], data["session_id"] = e.UserID, e.SessionID
		g.emit(eventSignIn, data)
	}
}

// refused reports whether a step led to a refusal instead of a status.
func refused(e flow.Event) bool {
	switch e.Outcome {
	case string(flow.NeedsIdentifier), string(flow.NeedsFirstFactor), string(flow.SignInComplete),
		string(flow.MissingRequirements), string(flow.SignUpTransferred):
		return false
	}
	return e.Outcome != ""
}

// observeSend tells what became of one try to send a message, or of the queue
// as a whole.
func (g *Gate) observeSend(e delivery.SendEvent) {
	if e.MessageID == "" {
		g.log.Error("delivery queue failed", slog.Any("error", e.Err))
		return
	}
	attrs := []any{
		slog.String("channel", string(e.Channel)), slog.String("result", e.Result),
		slog.String("message_id", e.MessageID), slog.String("attempt_id", e.AttemptID), slog.Duration("took", e.Took),
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	switch e.Result {
	case "sent":
		g.log.Info("message sent", attrs...)
		g.emit(eventCodeSent, map[string]any{"channel": string(e.Channel), "attempt_id": e.AttemptID})
	case "retry":
		g.log.Warn("message not sent yet", attrs...)
	default:
		g.log.Error("message not sent", attrs...)
	}
}

// emit tells the events app, without waiting for whoever listens.
func (g *Gate) emit(name string, data map[string]any) {
	if !g.events.ShouldEmit(name) {
		return
	}
	select {
	case g.emitting <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-g.emitting }()
		g.events.Emit(g.ctx, name, data)
	}()
}

// report tells of a failure while a page was made.
func (g *Gate) report(r *http.Request, err error) {
	g.log.Error("request failed", slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
}

var _ flow.Observer = (*Gate)(nil)
