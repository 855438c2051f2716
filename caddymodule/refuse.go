// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"net/http"
	"net/url"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/pages"
	"github.com/gatelatch/gatelatch/session"
)

// standing is how a session stands towards one request.
type standing struct {
	state gate.State
	// task is what a pending session owes first.
	task gatelatch.Task
	// required is what the path asks for, missing what the session lacks of it.
	required gate.Requirement
	missing  gate.Missing
}

// judge says whether a session, nil for none, lets a request pass: it must owe
// no task, and meet what the path requires.
func (g *running) judge(r *http.Request, asked *url.URL, live *session.Live, now time.Time) standing {
	if live == nil {
		return standing{state: gate.Absent}
	}
	if task := live.Task(g.rules); task != "" {
		return standing{state: gate.Pending, task: task}
	}
	if len(g.requirements) == 0 {
		return standing{state: gate.Live}
	}
	required := g.required(r, asked)
	if missing := required.Met(live.Proven(), now); missing != "" {
		return standing{state: gate.Unmet, required: required, missing: missing}
	}
	return standing{state: gate.Live}
}

// refuse answers a request that may not pass, in a way its sender understands.
func (g *running) refuse(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, asked *url.URL, s standing) error {
	d := gate.Decide(gate.Facts{Kind: gate.Classify(r), Session: s.state, PassPreflight: g.passPreflight})
	metrics.decided(d)
	switch d {
	case gate.Pass: // a preflight; nobody speaks on with the upstream behind it
		g.identity.Strip(r)
		if g.scripts != nil && r.Header["Cookie"] != nil {
			g.scripts.Replace(r.Header, "", 0)
		}
		r.Header.Del("Upgrade")
		return next.ServeHTTP(w, r)
	case gate.SignIn, gate.SignInPosted:
		g.pages.Challenge(w, r, asked.RequestURI(), d == gate.SignInPosted)
	case gate.FramePage:
		g.pages.Frame(w, r)
	case gate.TaskPage:
		g.pages.Task(w, r, s.task, asked.RequestURI())
	case gate.TaskProblem:
		gate.AnswerTask(w, s.task, g.routes.Base+"/tasks/"+string(s.task))
	case gate.VerifyPage:
		g.pages.AskAgain(w, r, asked.RequestURI(), levelOf(s.missing))
	case gate.VerifyProblem:
		gate.AnswerVerify(w, s.missing, s.required, g.verifyPage(s.missing))
	case gate.Empty:
		gate.AnswerEmpty(w, g.signIn)
	case gate.Forbidden:
		gate.AnswerForbidden(w)
	default:
		gate.AnswerProblem(w, g.signIn)
	}
	linger(w, r)
	return nil
}

// levelOf says what has to be proven once more.
func levelOf(m gate.Missing) flow.Level {
	if m == gate.MissingSecondFactor {
		return flow.LevelSecond
	}
	return flow.LevelFirst
}

// verifyPage is where a program sends somebody to prove what is missing.
func (g *running) verifyPage(m gate.Missing) string {
	return g.routes.Base + "/verify?" + url.Values{pages.ParamLevel: {string(levelOf(m))}}.Encode()
}
