// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// The events of the gate, for Caddy's events app. Their data holds ids only.
const (
	eventSignIn   = "gatelatch_sign_in"
	eventSignUp   = "gatelatch_sign_up"
	eventCodeSent = "gatelatch_code_sent"
	eventRefused  = "gatelatch_refused"
	eventWaiting  = "gatelatch_waitlisted"
	eventAccount  = "gatelatch_account_changed"
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
	if e.Outcome == flow.NoticeDropped {
		g.log.Warn("notice not sent for want of a budget", attrs...)
		return
	}
	if e.Err != nil {
		g.log.Error("step failed", append(attrs, slog.Any("error", e.Err))...)
		return
	}
	g.log.Info("step", attrs...)
	g.emitStep(e)
}

func (g *Gate) emitStep(e flow.Event) {
	data := map[string]any{"flow": e.Flow}
	if e.AttemptID != "" {
		data["attempt_id"] = e.AttemptID
	}
	if e.UserID != "" {
		data["user_id"], data["session_id"] = e.UserID, e.SessionID
	}
	switch {
	case refused(e):
		data["reason"] = e.Outcome
		g.emit(eventRefused, data)
	case e.Flow == flow.FlowAccount:
		data["change"] = string(e.Input)
		g.emit(eventAccount, data)
	case e.Outcome == string(flow.SignUpWaiting):
		g.emit(eventWaiting, data)
	case e.UserID == "":
	case e.New:
		g.emit(eventSignUp, data)
	default:
		g.emit(eventSignIn, data)
	}
}

// reached are the outcomes that are no refusals: statuses, and "done".
var reached = []string{
	"", "done",
	string(flow.NeedsIdentifier), string(flow.NeedsFirstFactor), string(flow.NeedsNewPassword), string(flow.NeedsSecondFactor),
	string(flow.NeedsClientTrust), string(flow.SignInComplete),
	string(flow.MissingRequirements), string(flow.SignUpTransferred), string(flow.SignUpWaiting),
}

// refused reports whether a step led to a refusal instead of a status.
func refused(e flow.Event) bool { return !slices.Contains(reached, e.Outcome) }

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
		if carriesCode(e.AttemptID) {
			g.emit(eventCodeSent, map[string]any{"channel": string(e.Channel), "attempt_id": e.AttemptID})
		}
	case "retry":
		g.log.Warn("message not sent yet", attrs...)
	default:
		g.log.Error("message not sent", attrs...)
	}
}

// carriesCode tells messages with a code from notices, which are about something
// else than an attempt, or nothing.
func carriesCode(about string) bool {
	prefix, _, _ := strings.Cut(about, "_")
	return prefix == gatelatch.PrefixSignIn || prefix == gatelatch.PrefixSignUp || prefix == gatelatch.PrefixChange
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
