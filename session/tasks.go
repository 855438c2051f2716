// SPDX-License-Identifier: Apache-2.0

package session

import "github.com/gatelatch/gatelatch"

// Rules say what a site asks of a session before it lets its holder in.
type Rules struct {
	// SecondFactor asks everybody to set up a second factor.
	SecondFactor bool
	// NoPasskeys says that passkeys cannot work on the site, so that one is no
	// second factor there.
	NoPasskeys bool
	// Passwords says that the site takes passwords. Where it does not, nobody can be
	// asked for a new one.
	Passwords bool
	// Terms is the version of the terms to be accepted; empty for none.
	Terms string
}

// Tasks returns what a session of a user owes under the rules, in the order in
// which it comes; nil when nothing. Tasks are computed and never stored: each is
// over once the user has done what it asks for. A passkey is a second factor
// too, since it proves both at once, where it can be shown at all.
func (r Rules) Tasks(u gatelatch.User) []gatelatch.Task {
	d := dutiesOf(u)
	var tasks []gatelatch.Task
	if d.lacksPassword(r) {
		tasks = append(tasks, gatelatch.TaskResetPassword)
	}
	if d.lacksSecond(r) {
		tasks = append(tasks, gatelatch.TaskSetupMFA)
	}
	if d.lacksTerms(r) {
		tasks = append(tasks, gatelatch.TaskAcceptTerms)
	}
	return tasks
}

// Task returns the first task that the session owes under the rules, or
// nothing. It costs a few comparisons.
func (l *Live) Task(r Rules) gatelatch.Task {
	switch {
	case l.duties.lacksPassword(r):
		return gatelatch.TaskResetPassword
	case l.duties.lacksSecond(r):
		return gatelatch.TaskSetupMFA
	case l.duties.lacksTerms(r):
		return gatelatch.TaskAcceptTerms
	}
	return ""
}

// duties is what of a user the rules look at.
type duties struct {
	terms   string // the version accepted
	reset   bool   // an operator asks for a new password
	second  bool   // a second factor is set up that works everywhere
	passkey bool   // one is set up that works where passkeys do
}

func dutiesOf(u gatelatch.User) duties {
	return duties{terms: u.TermsVersion, reset: u.PasswordReset, second: u.TwoStep(), passkey: u.Factors.Passkey}
}

func (d *duties) lacksPassword(r Rules) bool { return r.Passwords && d.reset }

func (d *duties) lacksSecond(r Rules) bool {
	return r.SecondFactor && !d.second && (r.NoPasskeys || !d.passkey)
}

func (d *duties) lacksTerms(r Rules) bool { return r.Terms != "" && r.Terms != d.terms }
