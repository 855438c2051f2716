// SPDX-License-Identifier: Apache-2.0

package gate

// State is what is known of a request's session.
type State uint8

// The states. The zero value is the one that lets nobody in.
const (
	// Unknown means that the question could not be answered.
	Unknown State = iota
	// Absent means that there is no session.
	Absent
	// Live means that there is one, and it is good.
	Live
	// Pending means that there is one, and it owes a task first.
	Pending
	// Unmet means that there is one, and this path requires more of it.
	Unmet
)

// Facts are what a decision rests on.
type Facts struct {
	Kind    Kind
	Session State
	// PassPreflight lets CORS preflights through to the upstream.
	PassPreflight bool
}

// Decision is what a request to a protected path gets.
type Decision string

// The decisions.
const (
	Pass Decision = "pass"
	// SignIn is the sign-in page at the very URL that was asked for.
	SignIn Decision = "sign_in"
	// SignInPosted is the same page; it says that nothing was passed on.
	SignInPosted Decision = "sign_in_posted"
	// Problem is 401 in application/problem+json.
	Problem Decision = "problem"
	// Empty is 401 without a body.
	Empty Decision = "empty"
	// FramePage is a small page that leads out of the frame.
	FramePage Decision = "frame"
	// Forbidden is 403 for a preflight that nobody asked to be let through.
	Forbidden Decision = "forbidden"
	// TaskPage is the page of what the session owes, with 401, at the very URL that
	// was asked for; TaskProblem is 401 in application/problem+json.
	TaskPage    Decision = "task"
	TaskProblem Decision = "task_problem"
	// VerifyPage is a page that asks who somebody is once more, with 401, at the
	// very URL that was asked for; VerifyProblem is 403 in application/problem+json.
	VerifyPage    Decision = "verify"
	VerifyProblem Decision = "verify_problem"
	// Unavailable is 503: nobody is let in on a guess.
	Unavailable Decision = "unavailable"
)

// refusals is the table of what a kind gets without a session.
var refusals = map[Kind]Decision{
	Navigation: SignIn, FormPost: SignInPosted, Script: Problem, Subresource: Empty,
	Upgrade: Empty, EventStream: Empty, Frame: FramePage, Preflight: Forbidden,
}

// pending is the table for a session that owes a task.
var pending = map[Kind]Decision{
	Navigation: TaskPage, FormPost: TaskPage, Frame: FramePage, Preflight: Forbidden,
}

// unmet is the table for a session of which a path requires more.
var unmet = map[Kind]Decision{
	Navigation: VerifyPage, FormPost: VerifyPage, Frame: FramePage, Preflight: Forbidden,
}

// Decide returns what a request to a protected path gets.
func Decide(f Facts) Decision {
	switch f.Session {
	case Live:
		return Pass
	case Absent:
		return f.refuse(refusals, Problem)
	case Pending:
		return f.refuse(pending, TaskProblem)
	case Unmet:
		return f.refuse(unmet, VerifyProblem)
	default:
		return Unavailable
	}
}

// refuse looks the kind up; what a table does not name gets the answer for the
// rest.
func (f Facts) refuse(table map[Kind]Decision, rest Decision) Decision {
	if f.Kind == Preflight && f.PassPreflight {
		return Pass
	}
	if d, ok := table[f.Kind]; ok {
		return d
	}
	return rest
}
