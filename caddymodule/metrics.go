// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
)

// What the gate decides beside the decisions on protected paths.
const (
	decidedOwn       gate.Decision = "own"
	decidedFrontend  gate.Decision = "frontend_api"
	decidedBackend   gate.Decision = "backend_api"
	decidedPublic    gate.Decision = "public"
	decidedMalformed gate.Decision = "malformed"
)

// metrics counts over reloads; each configuration registers them anew.
var metrics = newCollectors()

// collectors are what the gate can be watched by. All labels have closed sets
// of values: no host, path, address or identifier.
type collectors struct {
	decisions *prometheus.CounterVec
	steps     *prometheus.CounterVec
	messages  *prometheus.CounterVec
	cached    prometheus.GaugeFunc

	byDecision map[gate.Decision]prometheus.Counter
	passed     prometheus.Counter // the one that counts on every request
}

func newCollectors() *collectors {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "caddy", Subsystem: "gatelatch", Name: name, Help: help,
		}, labels)
	}
	c := &collectors{
		decisions:  counter("decisions_total", "Requests by what the gate decided.", "decision"),
		steps:      counter("flow_steps_total", "Steps of sign-ins and sign-ups by what they led to.", "flow", "input", "outcome"),
		messages:   counter("messages_total", "Tries to send a message by what became of them.", "channel", "result"),
		byDecision: make(map[gate.Decision]prometheus.Counter),
		cached: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "caddy", Subsystem: "gatelatch", Name: "cached_sessions", Help: "Sessions answered for without asking the store.",
		}, cachedSessions),
	}
	for _, d := range []gate.Decision{
		gate.Pass, gate.SignIn, gate.SignInPosted, gate.Problem, gate.Empty, gate.FramePage, gate.Forbidden,
		gate.TaskPage, gate.TaskProblem, gate.VerifyPage, gate.VerifyProblem, gate.Unavailable, decidedOwn, decidedFrontend, decidedBackend,
		decidedPublic, decidedMalformed,
	} {
		c.byDecision[d] = c.decisions.WithLabelValues(string(d))
	}
	c.passed = c.byDecision[gate.Pass]
	return c
}

func cachedSessions() float64 {
	n := 0
	pool.Range(func(_, value any) bool {
		if s, ok := value.(*shared); ok {
			n += s.cached()
		}
		return true
	})
	return float64(n)
}

// register adds the collectors to the registry of a configuration. A second
// gate of the same configuration finds them there.
func (c *collectors) register(r *prometheus.Registry) error {
	if r == nil {
		return nil
	}
	for _, collector := range []prometheus.Collector{c.decisions, c.steps, c.messages, c.cached} {
		var already prometheus.AlreadyRegisteredError
		if err := r.Register(collector); err != nil && !errors.As(err, &already) {
			return err
		}
	}
	return nil
}

func (c *collectors) decided(d gate.Decision) {
	if counter, ok := c.byDecision[d]; ok {
		counter.Inc()
	}
}

func (c *collectors) step(e flow.Event) {
	c.steps.WithLabelValues(e.Flow, string(e.Input), e.Outcome).Inc()
}

func (c *collectors) sent(e delivery.SendEvent) {
	if e.Channel == "" {
		return // about the queue, not about a message
	}
	c.messages.WithLabelValues(string(e.Channel), e.Result).Inc()
}
