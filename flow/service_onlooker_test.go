// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

// onlooker reads what every operation has committed and knows what must never
// be there. It keeps books of its own and believes no counter of the program.
type onlooker struct {
	t    *rapid.T
	g    *flowtest.Gate
	mark int

	signIns  map[string]flow.SignIn
	signUps  map[string]flow.SignUp
	holders  map[gatelatch.Identifier]gatelatch.User
	trusted  map[string]bool // user and client
	sessions []gatelatch.Session
	ended    map[string]bool
	// proven and spent hold nonces: of challenges that the right browser has
	// answered rightly and in time, and of those that led to a session.
	proven, spent map[string]bool
	sends         journal
	wrong         journal
	judged        map[string]int       // by challenge
	lastSend      map[string]time.Time // by nonce and attempt
}

func newOnlooker(t *rapid.T, g *flowtest.Gate) *onlooker {
	return &onlooker{
		t: t, g: g, signIns: map[string]flow.SignIn{}, signUps: map[string]flow.SignUp{},
		holders: map[gatelatch.Identifier]gatelatch.User{}, trusted: map[string]bool{}, ended: map[string]bool{},
		proven: map[string]bool{}, spent: map[string]bool{}, sends: journal{}, wrong: journal{},
		judged: map[string]int{}, lastSend: map[string]time.Time{},
	}
}

func (o *onlooker) now() time.Time { return o.g.Clock.Now() }

// signOut ends one of the sessions.
func (o *onlooker) signOut(which int) {
	if which >= len(o.sessions) {
		return
	}
	s := o.sessions[which]
	o.ended[s.ID] = true
	if err := o.g.Store.EndSession(ctx(), s.ID, gatelatch.SessionEnded, o.now()); err != nil {
		o.t.Fatalf("signing out: %v", err)
	}
}

// look checks one operation.
func (o *onlooker) look(a act, out flow.Outcome) {
	writes := o.g.Store.Since(o.mark)
	o.mark = o.g.Store.Mark()
	o.noteProof(a)
	if out.Refusal != nil {
		o.refused(a, out, writes)
	}
	trusted := len(o.trusted)
	for _, w := range writes {
		o.written(a, w)
	}
	if n := len(o.trusted) - trusted; n > 1 {
		o.t.Fatalf("%s: trusted %d clients at once", a.what, n)
	}
	o.issued(a, out)
}

// noteProof notes that the right browser has given the right code of an
// attempt back in time. Whether the service takes it is its own affair.
func (o *onlooker) noteProof(a act) {
	if a.typed == "" || a.browser != a.attempt.browser {
		return
	}
	for _, m := range o.g.Inbox {
		if m.AttemptID == a.attempt.id && o.g.CodeIn(m) == a.typed && o.now().Before(m.ExpireAt) {
			o.proven[string(m.Nonce)] = true
		}
	}
}

func (o *onlooker) written(a act, w flowtest.Write) {
	switch v := w.Value.(type) {
	case flow.SignIn:
		o.signIn(a, v)
	case flow.SignUp:
		o.signUp(a, v)
	case gatelatch.User:
		o.user(v)
	case gatelatch.Session:
		o.session(v)
	case gatelatch.ClientTrust:
		o.trusted[v.UserID+" "+v.ClientID] = true
	case delivery.Queued:
		o.message(a, v)
	}
}

func (o *onlooker) signIn(a act, next flow.SignIn) {
	old, known := o.signIns[next.ID]
	if !slices.Contains(flow.SignInStatuses(), next.Status) {
		o.t.Fatalf("unknown status %q", next.Status)
	}
	if known && old.Status == flow.SignInComplete && !same(old, next) {
		o.t.Fatalf("%s moved a complete sign-in", a.what)
	}
	o.challenge(a, next.ID, next.ClientID, old.First, next.First)
	o.signIns[next.ID] = next
}

func (o *onlooker) signUp(a act, next flow.SignUp) {
	old, known := o.signUps[next.ID]
	if !slices.Contains(flow.SignUpStatuses(), next.Status) {
		o.t.Fatalf("unknown status %q", next.Status)
	}
	if known && old.Status != flow.MissingRequirements && !same(old, next) {
		o.t.Fatalf("%s moved a sign-up that is %s", a.what, old.Status)
	}
	o.challenge(a, next.ID, next.ClientID, old.EmailProof, next.EmailProof)
	o.challenge(a, next.ID, next.ClientID, old.PhoneProof, next.PhoneProof)
	o.signUps[next.ID] = next
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func (o *onlooker) user(u gatelatch.User) {
	for _, a := range u.Addresses {
		if _, taken := o.holders[a.Identifier]; taken {
			o.t.Fatalf("a second user holds an address")
		}
		o.holders[a.Identifier] = u
	}
}

// session finds the attempt that made a session, and checks what it rests on.
func (o *onlooker) session(s gatelatch.Session) {
	o.sessions = append(o.sessions, s)
	var proofs []*flow.Verification
	client := ""
	for _, si := range o.signIns {
		if si.SessionID == s.ID {
			proofs, client = append(proofs, si.First), si.ClientID
		}
	}
	for _, su := range o.signUps {
		if su.SessionID == s.ID {
			proofs, client = append(proofs, su.EmailProof, su.PhoneProof), su.ClientID
		}
	}
	n := 0
	for _, v := range proofs {
		if v == nil {
			continue
		}
		n++
		if !o.proven[string(v.Nonce)] {
			o.t.Fatal("a session from a code that nobody has given back rightly, in time, from the right browser")
		}
		if o.spent[string(v.Nonce)] {
			o.t.Fatal("a second session from one proof")
		}
		o.spent[string(v.Nonce)] = true
		if o.holders[v.To].ID != s.UserID {
			o.t.Fatal("the session is of a user who does not hold the address")
		}
	}
	if n == 0 || client != s.ClientID {
		o.t.Fatalf("a session with %d proofs, on client %s of %s", n, s.ClientID, client)
	}
}

// refused checks invariant 7: nothing but counters, and the visitor's client.
func (o *onlooker) refused(a act, out flow.Outcome, writes []flowtest.Write) {
	for _, w := range writes {
		switch v := w.Value.(type) {
		case flow.SignIn:
			old, known := o.signIns[v.ID]
			if known && old.First != nil && v.First != nil {
				v.First = ptr(withoutCounters(*old.First, *v.First))
			}
			if !known || !same(old, v) {
				o.t.Fatalf("%s was refused with %s, and a sign-in changed", a.what, out.Refusal.Code)
			}
		case flow.SignUp:
			o.refusedSignUp(a, out, v)
		case gatelatch.Client:
		default:
			if w.What != "PutCounter" && w.What != "DeleteCounter" {
				o.t.Fatalf("%s was refused with %s, and wrote %s", a.what, out.Refusal.Code, w.What)
			}
		}
	}
}

func (o *onlooker) refusedSignUp(a act, out flow.Outcome, v flow.SignUp) {
	if a.atOnce && (out.Refusal.Code == gatelatch.CodeResendTooSoon || out.Refusal.Code == gatelatch.CodeFailed) {
		return
	}
	old, known := o.signUps[v.ID]
	for _, pair := range [][2]**flow.Verification{{&old.EmailProof, &v.EmailProof}, {&old.PhoneProof, &v.PhoneProof}} {
		if was, is := *pair[0], *pair[1]; was != nil && is != nil {
			next := withoutCounters(*was, *is)
			if was.Status == flow.Verified && next.Status == flow.Transferable {
				next.Status = flow.Verified // somebody has taken the address meanwhile
			}
			*pair[1] = &next
		}
	}
	if !known || !same(old, v) {
		o.t.Fatalf("%s was refused with %s, and a sign-up changed", a.what, out.Refusal.Code)
	}
}

// issued checks who is answered with a session: the browser of the attempt, with
// the session of that attempt, and never with one that was ended.
func (o *onlooker) issued(a act, out flow.Outcome) {
	if out.Issued == nil {
		return
	}
	s := out.Issued.Session
	if a.browser != a.attempt.browser || a.attempt.id == "" {
		o.t.Fatalf("%s: a session for another browser", a.what)
	}
	if o.ended[s.ID] {
		o.t.Fatalf("%s: a session that was ended came back", a.what)
	}
	if out.Issued.Token.Hash() != s.TokenHash || !slices.ContainsFunc(o.sessions, func(x gatelatch.Session) bool { return x.ID == s.ID }) {
		o.t.Fatalf("%s: a session that is not stored", a.what)
	}
}
