// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// try sends one message once and reports whether it may be forgotten.
func (q *Queue) try(ctx context.Context, m Queued) bool {
	now := q.config.Now()
	event := SendEvent{Site: m.Site, Channel: ChannelFor(m.To.Kind), MessageID: m.ID, AttemptID: m.AttemptID}
	if !now.Before(m.ExpireAt) {
		event.Result = "expired"
		q.report(ctx, event)
		return true
	}
	event.Err = q.send(ctx, m, now)
	event.Took = q.config.Now().Sub(now)
	event.Result = result(event.Err)
	q.report(ctx, event)
	if event.Result != "retry" {
		return true
	}
	q.retry(ctx, m)
	return false
}

func result(err error) string {
	switch {
	case err == nil:
		return "sent"
	case IsPermanent(err):
		return "refused"
	}
	return "retry"
}

func (q *Queue) send(ctx context.Context, m Queued, now time.Time) error {
	s, ok := q.site(m.Site)
	if !ok {
		return fmt.Errorf("site %q is not configured at the moment", m.Site)
	}
	channel := ChannelFor(m.To.Kind)
	sender := s.Senders[channel]
	if sender == nil {
		return fmt.Errorf("site %q has no sender for %s", m.Site, channel)
	}
	message, err := Compose(s.Brand, s.occasion(m), m.ID, now)
	if err != nil {
		return Permanent(fmt.Errorf("wording a message: %w", err))
	}
	ctx, cancel := afterwards(ctx, stopGrace)
	defer cancel()
	return call(ctx, sender, message)
}

// occasion finds again what the queue does not hold: a code where the message is
// to carry one, and where it leads.
func (s Site) occasion(m Queued) Occasion {
	o := Occasion{
		Purpose: m.Purpose, Channel: ChannelFor(m.To.Kind), To: m.Display,
		ExpireAt: m.ExpireAt, AskedAt: m.AskedAt, Details: m.Details,
	}
	if m.Strategy != "" {
		o.Code = s.Code(m)
	}
	if s.Link != nil {
		o.Link = s.Link(m)
	}
	return o
}

// afterwards bounds one call of a sender, and lets it go on for a moment when
// the queue is ending: a call that is cut may be repeated at the next start, and
// somebody gets the message twice.
func afterwards(queue context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(queue), sendTimeout)
	stop := context.AfterFunc(queue, func() {
		t := time.AfterFunc(grace, cancel)
		context.AfterFunc(ctx, func() { t.Stop() })
	})
	return ctx, func() { stop(); cancel() }
}

// call keeps the process up when a sender breaks. What it broke with may hold
// anything, so only its type is told, and the words of the runtime.
func call(ctx context.Context, s Sender, m Message) (err error) {
	defer func() {
		switch broken := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("a sender broke: %w", broken)
		default:
			err = fmt.Errorf("a sender broke with %T", broken)
		}
	}()
	return s.Send(ctx, m)
}

// retry schedules the next try: after 1, 2, 4 ... seconds, at most a minute. A
// message that cannot be rescheduled becomes due again when its claim lapses.
func (q *Queue) retry(ctx context.Context, m Queued) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	wait := min(time.Second<<min(m.Tries, 6), time.Minute)
	if err := q.config.Repo.RetryMessage(ctx, m.ID, q.config.Now().Add(wait), m.Tries+1); err != nil {
		q.report(ctx, SendEvent{Site: m.Site, MessageID: m.ID, Result: "error", Err: fmt.Errorf("rescheduling a message: %w", err)})
		return
	}
	q.Wake() // the pump sleeps until what was due next before
}
