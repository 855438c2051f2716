// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

// TestNoWayAroundTheSecondProof plays random scripts of two users and three
// browsers with passwords, devices, second steps, links, forgotten passwords and
// questions to holders of sessions. What was really typed, by whom and where, is
// written down beside the service; every session is held against that.
func TestNoWayAroundTheSecondProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStage(t)
		for range rapid.IntRange(20, 90).Draw(t, "acts") {
			s.act()
		}
	})
}

// player is one of the two users.
type player struct {
	user     gatelatch.User
	address  string
	password string
	app      gatelatch.Secret // empty for who takes no second step
	backup   []gatelatch.Secret
}

// try is an attempt, with what has truly been given in it.
type try struct {
	id      string
	browser int
	player  int
	begun   time.Time
	given   map[string]bool
}

// stage is one script under way.
type stage struct {
	t        *rapid.T
	g        *flowtest.Gate
	browsers []flow.Caller
	players  []*player
	tries    []*try
	used     map[string]string // secrets for one use, and the attempt they completed
	sessions map[string]string // sessions, and the attempt they came from
	trusted  map[string]bool   // browser and player
}

func newStage(t *rapid.T) *stage {
	g := newGate(t, takesPasswords, unlimited)
	s := &stage{t: t, g: g, used: map[string]string{}, sessions: map[string]string{}, trusted: map[string]bool{}}
	for i := range 3 {
		s.browsers = append(s.browsers, g.BrowserAt(fmt.Sprintf("192.0.2.%d", i)))
	}
	for i, address := range []string{"ada@example.com", "bob@example.com"} {
		p := &player{user: g.AddUser(address), address: address, password: fmt.Sprintf("the words of player %d", i)}
		g.AddPassword(p.user.ID, p.password)
		if i == 0 {
			p.app, p.backup = g.AddTOTP(p.user.ID), g.AddBackupCodes(p.user.ID)
		}
		s.players = append(s.players, p)
	}
	return s
}

func (s *stage) act() {
	t := s.t
	if len(s.tries) == 0 || rapid.IntRange(0, 4).Draw(t, "new") == 0 {
		s.begin()
		return
	}
	x := s.tries[max(0, len(s.tries)-1-rapid.IntRange(0, 4).Draw(t, "attempt"))]
	browser := x.browser
	if rapid.IntRange(0, 7).Draw(t, "elsewhere") == 0 {
		browser = (browser + 1) % len(s.browsers)
	}
	s.goOn(x, browser, s.browsers[browser])
}

func (s *stage) begin() {
	x := &try{
		browser: rapid.IntRange(0, 2).Draw(s.t, "browser"), player: rapid.IntRange(0, 1).Draw(s.t, "player"),
		given: map[string]bool{}, begun: s.g.Clock.Now(),
	}
	out := check(s.t)(s.g.CreateSignIn(ctx(), s.browsers[x.browser], flow.SignInParams{Identifier: s.players[x.player].address}))
	x.id = out.SignIn.ID
	s.tries = append(s.tries, x)
}

func (s *stage) goOn(x *try, browser int, who flow.Caller) {
	t, g := s.t, s.g
	mine := browser == x.browser
	var out flow.Outcome
	switch rapid.IntRange(0, 9).Draw(t, "act") {
	case 0:
		g.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Second, 30 * time.Second, 11 * time.Minute, 31 * 24 * time.Hour}).Draw(t, "wait"))
		return
	case 1, 2:
		out = s.password(x, who, mine)
	case 3:
		out = check(t)(g.PrepareFirstFactor(ctx(), who, x.id, rapid.SampledFrom([]gatelatch.Strategy{"", gatelatch.EmailLink, gatelatch.ResetByEmail}).Draw(t, "way"), ""))
	case 4:
		typed := s.code(x, mine, "first", flow.PurposeSignIn, flow.PurposeReset)
		out = check(t)(g.AttemptFirstFactor(ctx(), who, x.id, "", typed))
	case 5:
		out = check(t)(g.PrepareSecondFactor(ctx(), who, x.id, "", ""))
	case 6, 7:
		out = s.second(x, who, mine)
	case 8:
		out = s.link(x, who, mine)
	case 9:
		out = check(t)(g.ResetPassword(ctx(), who, x.id, "a quite different sentence", true))
		if out.SignIn != nil && out.SignIn.Status == flow.SignInComplete && out.Issued != nil && code(out.Refusal) == "" {
			s.players[x.player].password = "a quite different sentence"
		}
	}
	s.look(x, mine, out)
}

func (s *stage) password(x *try, who flow.Caller, mine bool) flow.Outcome {
	words := []string{s.players[x.player].password, s.players[x.player].password, s.players[1-x.player].password, "wrong"}
	typed := rapid.SampledFrom(words).Draw(s.t, "password")
	if typed == s.players[x.player].password && mine {
		x.given["password"] = true
	}
	return check(s.t)(s.g.AttemptPassword(ctx(), who, x.id, gatelatch.Secret(typed)))
}

// code draws a code that was sent for some purposes, mostly that of the attempt.
func (s *stage) code(x *try, mine bool, what string, purposes ...flow.Purpose) string {
	s.g.Fetch()
	var own, others []string
	for _, m := range s.g.Inbox {
		switch {
		case m.Strategy == "" || !s.g.Clock.Now().Before(m.ExpireAt):
		case m.AttemptID == x.id && slices.Contains(purposes, flow.Purpose(m.Purpose)):
			own = append(own, s.g.CodeIn(m))
		default:
			others = append(others, s.g.CodeIn(m))
		}
	}
	if len(own) > 0 && rapid.IntRange(0, 2).Draw(s.t, "right") > 0 {
		if mine {
			x.given[what] = true
		}
		return own[len(own)-1]
	}
	if len(others) > 0 {
		return rapid.SampledFrom(others).Draw(s.t, "another's")
	}
	return "000000"
}

func (s *stage) second(x *try, who flow.Caller, mine bool) flow.Outcome {
	p, t := s.players[0], s.t // only one has an app; the other's attempts are tried with it, too
	st := rapid.SampledFrom([]gatelatch.Strategy{gatelatch.TOTPCode, gatelatch.BackupCode, "", gatelatch.EmailCode}).Draw(t, "second way")
	var typed string
	switch st {
	case gatelatch.TOTPCode:
		typed = s.g.AppCode(p.app)
	case gatelatch.BackupCode:
		typed = p.backup[rapid.IntRange(0, 2).Draw(t, "which")].Reveal()
	default:
		typed = s.code(x, mine, "device", flow.PurposeTrust)
		return check(t)(s.g.AttemptSecondFactor(ctx(), who, x.id, st, typed))
	}
	if rapid.IntRange(0, 3).Draw(t, "wrong") == 0 {
		typed = "zzzzz-zzzzz"[:len(typed)]
	} else if mine && x.player == 0 {
		x.given["second"], x.given["used "+typed] = true, true
	}
	out := check(t)(s.g.AttemptSecondFactor(ctx(), who, x.id, st, typed))
	if out.Issued == nil {
		return out
	}
	if by, ok := s.used[typed]; ok && by != x.id && st == gatelatch.BackupCode {
		t.Fatalf("a backup code completed two attempts")
	}
	s.used[typed] = x.id
	return out
}

func (s *stage) link(x *try, who flow.Caller, mine bool) flow.Outcome {
	s.g.Fetch()
	token := gatelatch.Secret("AAAAAAAAAAAAAAAAAAAAAA")
	for _, m := range s.g.Inbox {
		if m.AttemptID == x.id && m.Strategy == gatelatch.EmailLink && s.g.Clock.Now().Before(m.ExpireAt) {
			token = s.g.LinkToken(m)
			if mine {
				x.given[map[bool]string{true: "device", false: "first"}[m.Purpose == string(flow.PurposeTrust)]] = true
			}
		}
	}
	return check(s.t)(s.g.AttemptLink(ctx(), who, x.id, token))
}

// look holds an answer against what was given.
func (s *stage) look(x *try, mine bool, out flow.Outcome) {
	t := s.t
	if out.Issued == nil {
		return
	}
	held, p := out.Issued.Session, s.players[x.player]
	if !mine || held.UserID != p.user.ID {
		t.Fatalf("a session in another browser, or of somebody else: %+v", held)
	}
	if from, ok := s.sessions[held.ID]; ok && from != x.id {
		t.Fatal("two attempts share a session")
	}
	for id, from := range s.sessions {
		if from == x.id && id != held.ID {
			t.Fatal("two sessions from one attempt")
		}
	}
	s.sessions[held.ID] = x.id
	place := fmt.Sprint(x.browser, x.player)
	known := s.trusted[place]
	s.trusted[place] = true
	switch {
	case x.given["first"] && (p.app == "" || x.given["second"]):
	case x.given["password"] && x.given["second"]:
	case x.given["password"] && p.app == "" && (known || x.given["device"]):
	default:
		t.Fatalf("a session after %v, on a device that is known: %t", x.given, known)
	}
}
