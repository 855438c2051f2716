// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// kinds are people of whom a sign-in page must not tell one from another.
var kinds = []string{"known", "bare", "nobody"}

// populate makes an account with a password and one without.
func populate(t *testing.T, g *harness.Gate) {
	t.Helper()
	withPassword(t, g, "known@example.org", horse)
	v := g.NewVisitor()
	p := page(t)(v.Open("/.auth/sign-up"))
	p = page(t)(v.Follow(v.Submit(p, "sign_up", map[string]string{"email_address": "bare@example.org"})))
	if _, err := v.Enter(p, g.Outbox.Code(t, "bare@example.org", 1)); err != nil {
		t.Fatal(err)
	}
}

// TestPasswordsDoNotTellWhoExists goes through the pages as somebody with a
// password, somebody without, and nobody, and compares all there is to see.
func TestPasswordsDoNotTellWhoExists(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"open", "closed"} {
		t.Run(mode, func(t *testing.T) {
			g := harness.Start(t, harness.Config{Directive: generous + withSecond})
			populate(t, g)
			if mode == "closed" {
				g.Config.Directive += "sign_up closed\n"
				g.Write(g.Caddyfile())
				if err := g.Reload(); err != nil {
					t.Fatal(err)
				}
			}
			pages := map[string][]string{}
			for _, kind := range kinds {
				pages[kind] = sequence(t, g, kind)
			}
			for _, kind := range kinds[1:] {
				for i, want := range pages["known"] {
					if got := pages[kind][i]; got != want {
						t.Errorf("answer %d tells %s from known:\n%s\n---\n%s", i, kind, got, want)
					}
				}
			}
		})
	}
}

// sequence goes wrong in every way that takes no proof, and returns what a
// visitor can see of each answer.
func sequence(t *testing.T, g *harness.Gate, kind string) []string {
	t.Helper()
	v := g.NewVisitor()
	defer v.Close()
	v.Retries = overReloads
	address := kind + "@example.org"
	var list []string
	see := func(p *harness.Page, err error) *harness.Page {
		t.Helper()
		list = append(list, plain(page(t)(p, err), address))
		return p
	}
	submit := func(p *harness.Page, step string, fields map[string]string) *harness.Page {
		t.Helper()
		answer := see(v.Submit(p, step, fields))
		if answer.Location() == "" {
			return answer
		}
		return see(v.Follow(answer, nil))
	}
	first := page(t)(v.Open("/home"))
	p := submit(first, "identify", map[string]string{"identifier": address})
	at := p.URL.Path
	p = submit(p, "password", map[string]string{"password": donkey})
	submit(p, "password", map[string]string{"password": ""})
	for range 4 {
		p = submit(p, "password", map[string]string{"password": donkey})
	}
	ways := see(v.Open(at + "?ways=1"))
	for _, way := range []string{"email_code", "email_link", "reset_password_email_code"} {
		p = see(v.Follow(v.Choose(ways, way)))
		p = submit(p, "verify", map[string]string{"code": "12"})
		submit(p, "verify", map[string]string{"code": "000000"})
		submit(p, "resend", nil)
	}
	see(v.Open(at + "?way=totp"))
	see(v.Open(at + "?way=passkey"))
	return list
}

// plain is an answer without what is random, and without the address.
func plain(p *harness.Page, address string) string {
	var head []string
	for name, values := range p.Header {
		switch name {
		case "Date", "Content-Length":
		case "Set-Cookie":
			head = append(head, fmt.Sprint(name, len(values)))
		default:
			head = append(head, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(head)
	text := strings.Join(head, "\n") + "\n" + p.Body
	for _, f := range p.Forms {
		for _, own := range []string{f.Action, f.Inputs["attempt"], f.Inputs["form_token"], f.Inputs["address"]} {
			if own != "" {
				text = replaceAll(text, own, "~")
			}
		}
		for _, way := range f.Ways {
			if _, id, ok := strings.Cut(way, ":"); ok {
				text = replaceAll(text, id, "~")
			}
		}
	}
	text = attemptID.ReplaceAllString(text, "~")
	text = secondsLeft.ReplaceAllString(text, "~")
	text = passkeyOptions.ReplaceAllString(text, "~")
	for _, own := range []string{address, mask(address), url.QueryEscape(address)} {
		text = replaceAll(text, own, "<somebody>")
	}
	return fmt.Sprint(p.Status, "\n", text)
}

// TestTimesDoNotTellWhoExists compares how long wrong passwords take, for
// somebody who has one, somebody who has none, and nobody. They take turns, so
// that whatever else the machine does befalls all of them. What a gate tells by
// its times it tells in every round; what a busy machine adds is another in each.
func TestTimesDoNotTellWhoExists(t *testing.T) {
	slow(t)
	var told map[string]string
	for round := range 6 {
		g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
		populate(t, g)
		found := apart(t, timed(t, g))
		g.Kill()
		if round > 0 {
			maps.DeleteFunc(found, func(kind, way string) bool { return told[kind] != way })
		}
		if told = found; len(told) == 0 {
			return
		}
	}
	for kind, way := range told {
		t.Errorf("a wrong password of %s takes %s time than one of known, each time it is measured", kind, way)
	}
}

// timed measures wrong passwords of every kind.
func timed(t *testing.T, g *harness.Gate) map[string][]time.Duration {
	t.Helper()
	const tries = 40 // fewer than failures_in_a_row
	took := map[string][]time.Duration{}
	forms := map[string]*harness.Page{}
	visitors := map[string]*harness.Visitor{}
	for i := range tries + 5 {
		for _, kind := range kinds {
			if i%5 == 0 {
				visitors[kind] = g.NewVisitor()
				forms[kind] = page(t)(visitors[kind].AtPassword("/home", kind+"@example.org"))
			}
			begun := time.Now()
			p := page(t)(visitors[kind].Submit(forms[kind], "password", map[string]string{"password": donkey}))
			if i >= 5 { // the first ones warm the machine up
				took[kind] = append(took[kind], time.Since(begun))
			}
			if p.Status != 422 && p.Status != 400 { // the fifth ends the attempt
				t.Fatalf("%s: %d %.300s", kind, p.Status, p.Body)
			}
		}
	}
	return took
}

// apart says of which kinds the times differ from those of the known, and how.
func apart(t *testing.T, took map[string][]time.Duration) map[string]string {
	t.Helper()
	middle, found := map[string]time.Duration{}, map[string]string{}
	for kind, all := range took {
		slices.Sort(all)
		middle[kind] = all[len(all)/2]
		t.Logf("%-7s median %v, fastest %v, slowest %v of %d", kind, middle[kind], all[0], all[len(all)-1], len(all))
	}
	for _, kind := range kinds {
		more := middle[kind] - middle["known"]
		switch {
		case more.Abs() <= max(middle["known"]/4, 15*time.Millisecond):
		case more > 0:
			found[kind] = "more"
		default:
			found[kind] = "less"
		}
	}
	return found
}
