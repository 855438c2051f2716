// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"maps"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

type signInEdge = edge[flow.SignIn, flow.SignInInput]

// signInEdges runs every row of the sign-in table, by its input and guard.
func signInEdges() map[string]signInEdge {
	edges := map[string]signInEdge{}
	for _, some := range []map[string]signInEdge{
		beginEdges(), firstEdges(), firstEndEdges(), passwordEdges(), resetEdges(),
		secondEdges("second step: ", needsSecond(), gatelatch.PhoneCode, gatelatch.EmailCode),
		secondEdges("new device: ", needsTrust(), gatelatch.EmailCode, gatelatch.EmailLink), moreSecondEdges(),
	} {
		maps.Copy(edges, some)
	}
	return edges
}

func beginEdges() map[string]signInEdge {
	closed := under(closedPolicy(), 0)
	proven := flow.Adopt{Proven: provenEmail(), Owner: user1}
	by := func(o flow.Owner) flow.Adopt { return flow.Adopt{Proven: provenEmail(), Owner: o} }
	shown := func(o flow.Owner) flow.ShowPasskey {
		return flow.ShowPasskey{Identifier: emailFactor(ada).To, Owner: o}
	}
	ticket := func(o flow.Owner) flow.ShowTicket { return flow.ShowTicket{Identifier: emailFactor(ada).To, Owner: o} }
	ask := func(l flow.Level, o flow.Owner) flow.AskOnce {
		return flow.AskOnce{Again: flow.Again{SessionID: "sess_1", Level: l}, Owner: o, Factors: []flow.Factor{emailFactor(ada)}}
	}
	return map[string]signInEdge{
		"identify: a user holds the address":                              {freshSignIn(), flow.Identify{Factor: emailFactor(ada), User: holder()}, at(0), boundToStored},
		"identify: a user keeps the number for the second step":           {freshSignIn(), flow.Identify{Factor: phoneFactor(number), User: keeper()}, at(0), decoy(true)},
		"identify: nobody holds it, and the rules let it sign up or wait": {freshSignIn(), flow.Identify{Factor: emailFactor(ada)}, at(0), decoy(false)},
		"identify: nobody holds it, and the rules refuse it":              {freshSignIn(), flow.Identify{Factor: emailFactor(ada)}, closed, decoy(true)},
		"adopt: the address is not proven, or nobody holds it, or it is kept for the second step": {
			freshSignIn(), flow.Adopt{Proven: flow.Verification{Status: flow.Unverified}, Owner: user1}, at(0), nil,
		},
		"adopt: its owner is banned":                                      {freshSignIn(), by(banned(user1)), at(0), nil},
		"adopt: its owner is locked":                                      {freshSignIn(), by(locked(user1)), at(0), nil},
		"adopt: an operator has given the address to its owner, unproven": {freshSignIn(), by(unproven(user1)), at(0), nil},
		"adopt: its owner takes a second step":                            {freshSignIn(), by(twoStep()), at(0), asksSecond},
		"adopt: the client is new to its owner":                           {freshSignIn(), by(stranger()), at(0), nil},
		"adopt: the address is proven and has an owner":                   {freshSignIn(), proven, at(0), nil},
		"passkey: nobody is known by it":                                  {freshSignIn(), shown(flow.Owner{}), at(0), nil},
		"passkey: its owner is banned":                                    {freshSignIn(), shown(banned(user1)), at(0), nil},
		"passkey: the client is new to its owner":                         {freshSignIn(), shown(stranger()), at(0), nil},
		"passkey: verified, also where a second step is set up":           {freshSignIn(), shown(twoStep()), at(0), nil},
		"passkey: its owner is locked":                                    {freshSignIn(), shown(locked(user1)), at(0), nil},
		"ticket: its user is unknown":                                     {freshSignIn(), ticket(flow.Owner{}), at(0), nil},
		"ticket: its user is banned":                                      {freshSignIn(), ticket(banned(user1)), at(0), nil},
		"ticket: its user is locked":                                      {freshSignIn(), ticket(locked(user1)), at(0), nil},
		"ticket: its user takes a second step":                            {freshSignIn(), ticket(twoStep()), at(0), asksSecond},
		"ticket: the client is new to its user":                           {freshSignIn(), ticket(stranger()), at(0), nil},
		"ticket: the ticket is good":                                      {freshSignIn(), ticket(user1), at(0), nil},
		"again: the user is locked":                                       {freshSignIn(), ask(flow.LevelFirst, locked(user1)), at(0), nil},
		"again: the session or its user is unknown":                       {freshSignIn(), ask(flow.LevelFirst, flow.Owner{}), at(0), nil},
		"again: the user is banned":                                       {freshSignIn(), ask(flow.LevelFirst, banned(user1)), at(0), nil},
		"again: a second step is asked for, and there is none":            {freshSignIn(), ask(flow.LevelMulti, user1), at(0), nil},
		"again: only the second step is asked for":                        {freshSignIn(), ask(flow.LevelSecond, twoStep()), at(0), asksSecond},
		"again: the first step is asked for, or both":                     {freshSignIn(), ask(flow.LevelMulti, twoStep()), at(0), nil},
	}
}

func firstEdges() map[string]signInEdge {
	const m, s = time.Minute, time.Second
	email := gatelatch.EmailCode
	right, again := flow.Attempt{Strategy: email, Correct: true, Owner: user1}, flow.Prepare{Strategy: email}
	asked := asks(flow.LevelFirst)
	key := func(right bool) flow.Attempt {
		return flow.Attempt{Strategy: gatelatch.PasskeyStrategy, Correct: right, Owner: user1}
	}
	return map[string]signInEdge{
		"prepare: the strategy is not one of the factors, or sends nothing": {knownSignIn(), flow.Prepare{Strategy: gatelatch.PhoneCode}, at(0), nil},
		"prepare: the holder of a session is asked, and the address is no more theirs": {
			asked, flow.Prepare{Strategy: email, Owner: flow.Owner{ID: "user_2"}}, at(0), nil,
		},
		"prepare: the address is proven already":                 {transferableSignIn(), again, at(m), nil},
		"prepare: all guesses are spent":                         {guessed(sent(knownSignIn()), 5), again, at(m), nil},
		"prepare: another way than the one under way":            {guessed(sent(knownSignIn()), 2), flow.Prepare{Strategy: gatelatch.EmailLink}, at(s), anotherWay},
		"prepare: the last message is younger than resend_after": {sent(knownSignIn()), again, at(30*s - 1), nil},
		"prepare: a decoy":                                       {decoySignIn(), again, under(closedPolicy(), 0), sendsOne(1)},
		"prepare: no code yet, or the last one has expired":      {guessed(sent(knownSignIn()), 2), again, at(10 * m), renewed},
		"prepare: the code still lives":                          {guessed(sent(knownSignIn()), 2), again, at(30 * s), sameCode},
		"attempt: the holder of a session is asked, and the address is no more theirs": {
			sent(asked), flow.Attempt{Strategy: email, Correct: true, Owner: flow.Owner{ID: "user_2"}}, at(0), nil,
		},
		"attempt: a passkey, where nobody is known yet":               {knownSignIn(), key(true), at(0), nil},
		"attempt: a passkey of the holder of a session, wrong":        {asked, key(false), at(0), guesses(0, 1)},
		"attempt: a passkey of the holder of a session, right":        {asks(flow.LevelMulti), key(true), at(0), nil},
		"attempt: no code was asked for":                              {knownSignIn(), right, at(0), nil},
		"attempt: the address is proven already":                      {transferableSignIn(), right, at(0), nil},
		"attempt: all guesses are spent":                              {guessed(sent(knownSignIn()), 5), right, at(0), nil},
		"attempt: the code has expired":                               {sent(knownSignIn()), right, at(10 * m), nil},
		"attempt: another strategy than the code's":                   {sent(knownSignIn()), flow.Attempt{Strategy: gatelatch.PhoneCode, Correct: true, Owner: user1}, at(0), nil},
		"attempt: right, nobody holds the address":                    {sent(unknownSignIn()), flow.Attempt{Strategy: email, Correct: true}, at(0), attempts(1, flow.Transferable)},
		"attempt: right, the holder of a session owes only this step": {sent(asked), right, at(0), nil},
	}
}

// firstEndEdges are what a judged code leads to.
func firstEndEdges() map[string]signInEdge {
	const m = time.Minute
	email := gatelatch.EmailCode
	right := func(o flow.Owner) flow.Attempt { return flow.Attempt{Strategy: email, Correct: true, Owner: o} }
	kept := user1
	kept.Reserved = true
	return map[string]signInEdge{
		"attempt: wrong, a decoy, or a number kept for the second step, the last guess": {guessed(sent(decoySignIn()), 4), right(user1), at(0), attempts(5, flow.Failed)},
		"attempt: wrong, a decoy, or a number kept for the second step":                 {sent(knownSignIn()), right(kept), at(0), attempts(1, flow.Unverified)},
		"attempt: right, the owner is banned":                                           {sent(knownSignIn()), right(banned(user1)), at(0), attempts(1, flow.Unverified)},
		"attempt: right, the owner is locked":                                           {sent(knownSignIn()), right(locked(user1)), at(0), attempts(1, flow.Unverified)},
		"attempt: right, an operator has given the address to its owner, unproven": {
			sent(knownSignIn()), right(unproven(user1)), at(0), attempts(1, flow.Verified),
		},
		"attempt: right, in order to set a new password": {
			resetting(), flow.Attempt{Strategy: gatelatch.ResetByEmail, Correct: true, Owner: twoStep()}, at(m), attempts(1, flow.Verified),
		},
		"attempt: right, the owner takes a second step":  {sent(knownSignIn()), right(twoStep()), at(0), asksSecond},
		"attempt: right, the client is new to the owner": {sent(knownSignIn()), right(stranger()), at(0), attempts(1, flow.Verified)},
		"attempt: right, somebody holds the address":     {sent(knownSignIn()), right(user1), at(10*m - 1), attempts(1, flow.Verified)},
	}
}

func passwordEdges() map[string]signInEdge {
	with := func(p flow.Policy) flow.Env { return under(p, time.Second) }
	p, untrusting := withPasswords(), withPasswords()
	untrusting.ClientTrust = 0
	judge := func(right bool, o flow.Owner) flow.JudgeGuess { return flow.JudgeGuess{Correct: right, Owner: o} }
	begun := passwordSignIn()
	one := tried(begun, 1)
	return map[string]signInEdge{
		"count: no password is taken here":           {knownSignIn(), flow.CountGuess{}, at(0), nil},
		"count: the address is proven already":       {provenElsewhere(begun), flow.CountGuess{}, with(p), nil},
		"count: all guesses are spent":               {tried(begun, 5), flow.CountGuess{}, with(p), nil},
		"count: a guess is left":                     {tried(begun, 4), flow.CountGuess{}, with(p), guesses(5, 0)},
		"password: no guess was counted":             {begun, judge(true, user1), with(p), nil},
		"password: the address was proven meanwhile": {provenElsewhere(one), judge(true, user1), with(p), nil},
		"password: the holder of a session is asked, and it is somebody else's": {
			tried(asks(flow.LevelFirst), 1), judge(true, flow.Owner{ID: "user_2"}), with(p), nil,
		},
		"password: right, the owner is banned":                         {one, judge(true, banned(user1)), with(p), nil},
		"password: right, the owner is locked":                         {one, judge(true, locked(user1)), with(p), nil},
		"password: right, the holder of a session owes only this step": {tried(asks(flow.LevelFirst), 1), judge(true, user1), with(p), nil},
		"password: right, the owner takes a second step":               {one, judge(true, twoStep()), with(p), asksSecond},
		"password: right, on a client that is new to the owner":        {one, judge(true, stranger()), with(p), asksTrust},
		"password: right, on a new client, where no client is trusted": {one, judge(true, stranger()), with(untrusting), guesses(0, 0)},
		"password: right, on a client that is the owner's":             {one, judge(true, user1), with(p), guesses(0, 0)},
		"password: wrong, a decoy, or nobody's, the last guess":        {tried(begun, 5), judge(true, flow.Owner{}), with(p), nil},
		"password: wrong, a decoy, or nobody's":                        {one, judge(false, user1), with(p), nil},
	}
}

func resetEdges() map[string]signInEdge {
	give := func(o flow.Owner) flow.SetPassword {
		return flow.SetPassword{Hash: gatelatch.Sealed("sealed"), Owner: o}
	}
	owes, now := owesPassword(), under(withPasswords(), time.Minute)
	return map[string]signInEdge{
		"reset: no password, or the user is gone":     {owes, flow.SetPassword{Owner: user1}, now, nil},
		"reset: the code was right too long ago":      {owes, give(user1), under(withPasswords(), flow.ResetLifetime), nil},
		"reset: the owner is banned":                  {owes, give(banned(user1)), now, nil},
		"reset: the owner is locked":                  {owes, give(locked(user1)), now, nil},
		"reset: the owner takes a second step":        {owes, give(twoStep()), now, keepsPassword},
		"reset: on a client that is new to the owner": {owes, give(stranger()), now, dropsPassword},
		"reset: on a client that is the owner's":      {owes, give(user1), now, dropsPassword},
	}
}

// secondEdges are those of a status that waits for a second proof, by a code
// that st sends or that other does.
func secondEdges(label string, s flow.SignIn, st, other gatelatch.Strategy) map[string]signInEdge {
	const m, sec = time.Minute, time.Second
	owner, known := stranger(), trusted(stranger())
	if s.Status == flow.NeedsSecondFactor {
		owner, known, other = twoStep(), twoStep(), gatelatch.TOTPCode
		owner.Trusted = false
	}
	at := func(after time.Duration) flow.Env { return under(withPasswords(), after) }
	ask := func(st gatelatch.Strategy) flow.Prepare { return flow.Prepare{Strategy: st, Owner: owner} }
	sentSecond := func(s flow.SignIn) flow.SignIn { return flow.AdvanceSignIn(s, ask(st), at(0)).Next }
	guessedSecond := func(n int) flow.SignIn {
		s := sentSecond(s)
		for range n {
			s = flow.AdvanceSignIn(s, flow.Attempt{Strategy: st, Owner: owner}, at(0)).Next
		}
		return s
	}
	switched := ask(other)
	if s.Status == flow.NeedsSecondFactor {
		switched.Strategy, switched.AddressID = st, "idn_phone2"
	}
	give := func(st gatelatch.Strategy, right bool, o flow.Owner) flow.Attempt {
		return flow.Attempt{Strategy: st, Correct: right, Owner: o}
	}
	otherAsked := flow.AdvanceSignIn(sentSecond(s), ask(other), at(0)).Next
	edges := map[string]signInEdge{
		"prepare: the strategy is not one of the second factors, or sends nothing": {s, flow.Prepare{Strategy: gatelatch.PasswordStrategy}, at(0), nil},
		"prepare: the address or number is no more the user's":                     {s, flow.Prepare{Strategy: st, Owner: without(owner)}, at(0), nil},
		"attempt: that way is no more the user's":                                  {sentSecond(s), give(st, true, without(owner)), at(0), secondTries(0)},
		"prepare: all guesses at the code are spent":                               {guessedSecond(5), ask(st), at(m), nil},
		"prepare: another way, or another number, than the one under way":          {guessedSecond(2), switched, at(sec), anotherSecond},
		"prepare: the last message is younger than resend_after":                   {sentSecond(s), ask(st), at(30*sec - 1), nil},
		"prepare: no code yet, or the last one has expired":                        {guessedSecond(2), ask(st), at(10 * m), nil},
		"prepare: the code still lives":                                            {guessedSecond(2), ask(st), at(30 * sec), nil},
		"attempt: the user is gone, or it is somebody else":                        {sentSecond(s), give(st, true, flow.Owner{ID: "user_2"}), at(0), nil},
		"attempt: the strategy is not one of the second factors":                   {sentSecond(s), give(gatelatch.PasswordStrategy, true, owner), at(0), nil},
		"attempt: no code was asked for":                                           {s, give(st, true, owner), at(0), nil},
		"attempt: all guesses are spent":                                           {guessedSecond(5), give(st, true, owner), at(0), nil},
		"attempt: the code has expired":                                            {sentSecond(s), give(st, true, owner), at(10 * m), nil},
		"attempt: another way than the code's":                                     {otherAsked, give(st, true, owner), at(0), nil},
		"attempt: wrong, the last guess":                                           {guessedSecond(4), give(st, false, owner), at(0), secondTries(5)},
		"attempt: wrong":                                                           {sentSecond(s), give(st, false, owner), at(0), secondTries(1)},
		"attempt: right, the user is banned":                                       {sentSecond(s), give(st, true, banned(owner)), at(0), secondTries(1)},
		"attempt: right, the user is locked":                                       {sentSecond(s), give(st, true, locked(owner)), at(0), secondTries(1)},
		"attempt: right, an address that an operator has given, unproven":          {sentSecond(s), give(st, true, unproven(known)), at(0), secondTries(1)},
		"attempt: right, on a client that is new to the user":                      {sentSecond(s), give(st, true, owner), at(0), secondTries(1)},
		"attempt: right, on a client that is the user's":                           {sentSecond(s), give(st, true, known), at(0), secondTries(1)},
	}
	if s.Status == flow.NeedsSecondFactor { // the app's code is asked for by nobody: another number is
		other := flow.AdvanceSignIn(sentSecond(s), switched, at(0)).Next
		other.Second.Strategy = gatelatch.EmailCode
		edges["attempt: another way than the code's"] = signInEdge{other, give(st, true, owner), at(0), nil}
	}
	labelled := map[string]signInEdge{}
	for guard, e := range edges {
		input := guard[:len("prepare: ")]
		labelled[input+label+guard[len(input):]] = e
	}
	return labelled
}

func moreSecondEdges() map[string]signInEdge {
	again := flow.AdvanceSignIn(freshSignIn(), flow.AskOnce{
		Again: flow.Again{SessionID: "sess_1", Level: flow.LevelSecond}, Owner: twoStep(),
	}, at(0)).Next
	trusting := under(withPasswords(), 0)
	asked := flow.AdvanceSignIn(needsTrust(), flow.Prepare{Strategy: gatelatch.EmailCode, Owner: stranger()}, trusting).Next
	careful := twoStep()
	careful.Trust = stranger().Trust
	return map[string]signInEdge{
		"attempt: second step: right, the holder of a session was asked": {again, flow.Attempt{Strategy: gatelatch.TOTPCode, Correct: true, Owner: twoStep()}, at(0), guesses(0, 1)},
		"attempt: new device: right, the user has set up a second step meanwhile": {
			asked, flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: careful}, trusting, asksSecond,
		},
	}
}
