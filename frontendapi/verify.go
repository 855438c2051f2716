// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"cmp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

// SessionVerification is the holder of a session proving anew who it is. What was
// proven is written down on the session; there is no new one.
type SessionVerification struct {
	Object string            `json:"object"` // "session_verification"
	ID     string            `json:"id"`
	Status flow.SignInStatus `json:"status"` // needs_first_factor, needs_second_factor, complete
	Level  flow.Level        `json:"level"`
	// Session is the one that is asked, as it stands now.
	Session                  Session            `json:"session"`
	SupportedFirstFactors    []Factor           `json:"supported_first_factors"`
	SupportedSecondFactors   []Factor           `json:"supported_second_factors"`
	FirstFactorVerification  *wire.Verification `json:"first_factor_verification"`
	SecondFactorVerification *wire.Verification `json:"second_factor_verification"`
}

// verifying is a proof under way, and the session that it is about.
type verifying struct {
	p  session.Principal
	si flow.SignIn
}

// beginVerify asks the holder of a session once more. Who asked before, and did not
// finish, begins anew.
func (c *call) beginVerify() {
	p, ok := c.named()
	if !ok {
		return
	}
	level, r, err := c.levelFor(p)
	if err != nil || r != nil {
		c.went(r, err)
		return
	}
	c.verified(p, nil)(c.Flow.AskAgain(c.r.Context(), c.known(), p.Session.ID, level, ""))
}

// levelFor is what a session is asked for. Who takes no second step cannot be asked
// for one. Whose only second factor is a passkey takes the first step with it, which
// is both; programs do not know it as a second one.
func (c *call) levelFor(p session.Principal) (flow.Level, *gatelatch.Refusal, error) {
	asked := flow.Level(cmp.Or(c.form.text("level"), string(flow.LevelFirst)))
	switch asked {
	case flow.LevelFirst, flow.LevelSecond, flow.LevelMulti:
	default:
		return "", &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: "level", Message: "There is no such level."}, nil
	}
	self, err := c.Account.Self(c.r.Context(), c.actor(p))
	switch {
	case err != nil:
		return "", nil, err
	case self == nil:
		return "", signedOut(), nil
	case self.Level == flow.LevelFirst:
		return flow.LevelFirst, nil, nil
	case asked == flow.LevelSecond && !self.User.TwoStep():
		return flow.LevelMulti, nil, nil
	}
	return asked, nil, nil
}

// underVerify returns the proof under way of the session that the path names.
// Without one the answer has been given.
func (c *call) underVerify() (verifying, bool) {
	p, ok := c.named()
	if !ok {
		return verifying{}, false
	}
	si, err := c.Flow.PendingAgain(c.r.Context(), c.known(), p.Session.ID)
	switch {
	case err != nil:
		c.fail(err)
	case si == nil:
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "Nothing was asked of this session. Start over."})
	default:
		return verifying{p: p, si: *si}, true
	}
	return verifying{}, false
}

func (c *call) showVerify() {
	v, ok := c.underVerify()
	if !ok {
		return
	}
	shown, err := c.verificationOfSession(v.p.Session.ID, v.si)
	switch {
	case err != nil:
		c.fail(err)
	case shown == nil:
		c.refuse(signedOut())
	default:
		c.read(shown)
	}
}

// verified returns what answers a step; put, which may be nil, adds to the answer.
func (c *call) verified(p session.Principal, put func(*SessionVerification)) func(flow.Outcome, error) {
	return func(out flow.Outcome, err error) {
		r := out.Refusal
		if err == nil && r == nil && out.SignIn == nil {
			r = unknown()
		}
		if !c.went(r, err) {
			return
		}
		shown, err := c.verificationOfSession(p.Session.ID, *out.SignIn)
		switch {
		case err != nil:
			c.fail(err)
			return
		case shown == nil:
			c.refuse(signedOut())
			return
		}
		if put != nil {
			put(shown)
		}
		c.answer(shown)
	}
}

// verificationOfSession is a proof as it stands; nil when its session is over.
func (c *call) verificationOfSession(sessionID string, si flow.SignIn) (*SessionVerification, error) {
	held, err := c.sessions()
	if err != nil {
		return nil, err
	}
	p := find(held, sessionID)
	if p == nil || si.Again == nil {
		return nil, nil
	}
	s, err := c.sessionOf(*p)
	if err != nil {
		return nil, err
	}
	v := &SessionVerification{
		Object: "session_verification", ID: si.ID, Status: si.Status, Level: si.Again.Level, Session: s,
		SupportedFirstFactors: firstFactors(si.Factors), FirstFactorVerification: c.firstOf(si),
	}
	if si.SecondFactors != nil || si.Second != nil || si.SecondBy != "" {
		v.SupportedSecondFactors, v.SecondFactorVerification = secondFactors(si.SecondFactors), c.secondOf(si)
	}
	return v, nil
}
