// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// linked asks for a link and returns its token.
func linked(t fatal, g *flowtest.Gate, who flow.Caller, id string) gatelatch.Secret {
	t.Helper()
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, gatelatch.EmailLink, "")), "")
	got := g.Fetch()
	return g.LinkToken(got[len(got)-1])
}

func view(t fatal, g *flowtest.Gate, who flow.Caller, id string, token gatelatch.Secret) (flow.LinkView, gatelatch.Code) {
	t.Helper()
	v, r, err := g.ViewLink(ctx(), who, id, token)
	if err != nil {
		t.Fatalf("a machine failed: %v", err)
	}
	return v, code(r)
}

func TestALink(t *testing.T) {
	g := newGate(t)
	g.AddUser("Ada@Example.com")
	who, phone := g.Browser(), g.Browser()
	id := begin(t, g, who, ada)
	token := linked(t, g, who, id)

	mark := g.Store.Mark()
	for range 3 { // scanners of mail open links
		if v, r := view(t, g, phone, id, token); r != "" || v.Same || v.Code.Reveal() != g.CodeIn(g.Inbox[0]) || v.Purpose != flow.PurposeSignIn {
			t.Fatalf("elsewhere: %+v, %q", v, r)
		}
		if v, r := view(t, g, who, id, token); r != "" || !v.Same || v.Code != "" {
			t.Fatalf("in the browser that asked: %+v, %q", v, r)
		}
	}
	if len(g.Store.Since(mark)) != 0 {
		t.Error("looking at a link changed something")
	}
	wantCode(t, check(t)(g.AttemptLink(ctx(), phone, id, token)), gatelatch.CodeNotFound)
	wantCode(t, check(t)(g.AttemptLink(ctx(), who, id, "AAAAAAAAAAAAAAAAAAAAAA")), gatelatch.CodeNotFound)
	out := check(t)(g.AttemptLink(ctx(), who, id, token))
	wantStatus(t, out, flow.SignInComplete)
	if out.Issued.Session.Strategy != gatelatch.EmailLink {
		t.Errorf("proven by %s", out.Issued.Session.Strategy)
	}
	if again := check(t)(g.AttemptLink(ctx(), who, id, token)); again.Issued == nil || again.Issued.Session.ID != out.Issued.Session.ID {
		t.Error("a click that came twice is not answered")
	}
	if _, r := view(t, g, phone, id, token); r != gatelatch.CodeAlreadyVerified {
		t.Errorf("a used link is %q", r)
	}
	g.Clock.Advance(10 * time.Minute)
	if late := check(t)(g.AttemptLink(ctx(), who, id, token)); late.Issued != nil {
		t.Error("answered long after")
	}
}

// TestALinksCode: what the other device shows is typed in the browser that asked.
func TestALinksCode(t *testing.T) {
	g := newGate(t)
	g.AddUser("Ada@Example.com")
	who := g.Browser()
	id := begin(t, g, who, ada)
	v, _ := view(t, g, g.Browser(), id, linked(t, g, who, id))
	wantStatus(t, check(t)(g.AttemptFirstFactor(ctx(), who, id, "", v.Code.Reveal())), flow.SignInComplete)
}

func TestALinkEnds(t *testing.T) {
	g := newGate(t)
	g.AddUser("Ada@Example.com")
	who := g.Browser()
	id := begin(t, g, who, ada)
	token := linked(t, g, who, id)
	g.Clock.Advance(10 * time.Minute)
	wantCode(t, check(t)(g.AttemptLink(ctx(), who, id, token)), gatelatch.CodeExpired)
	if _, r := view(t, g, g.Browser(), id, token); r != gatelatch.CodeExpired {
		t.Errorf("an old link is %q", r)
	}
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, gatelatch.EmailCode, "")), "") // another way: the link is none any more
	wantCode(t, check(t)(g.AttemptLink(ctx(), who, id, token)), gatelatch.CodeNotFound)
}

// TestALinkOnANewDevice answers the question whose device it is.
func TestALinkOnANewDevice(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	id := begin(t, p.Gate, who, ada)
	wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsClientTrust)
	wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), who, id, gatelatch.EmailLink, "")), "")
	m := p.Fetch()[0]
	if v, r := view(t, p.Gate, who, id, p.LinkToken(m)); r != "" || !v.Same || v.Purpose != flow.PurposeTrust {
		t.Fatalf("%+v, %q", v, r)
	}
	out := check(t)(p.AttemptLink(ctx(), who, id, p.LinkToken(m)))
	wantStatus(t, out, flow.SignInComplete)
	if again := check(t)(p.AttemptLink(ctx(), who, id, p.LinkToken(m))); again.Issued == nil {
		t.Error("a click that came twice is not answered")
	}
}

// TestALinkAtOnce: fifty clicks, one session.
func TestALinkAtOnce(t *testing.T) {
	g := newGate(t)
	g.AddUser("Ada@Example.com")
	who := g.Browser()
	id := begin(t, g, who, ada)
	token := linked(t, g, who, id)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { check(t)(g.AttemptLink(ctx(), who, id, token)) })
	}
	wg.Wait()
	if n := g.Store.Count("CreateSession"); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// TestADecoysLinkOpensNothing, though one could be computed.
func TestADecoysLinkOpensNothing(t *testing.T) {
	g := newGate(t, closed)
	who := g.Browser()
	id := begin(t, g, who, ada)
	out := check(t)(g.PrepareFirstFactor(ctx(), who, id, gatelatch.EmailLink, ""))
	token := flow.Links{Key: g.Keys.Link}.Token(id, flow.PurposeSignIn, *out.SignIn.First)
	wantCode(t, check(t)(g.AttemptLink(ctx(), who, id, token)), gatelatch.CodeNotFound)
	if _, r := view(t, g, who, id, token); r != gatelatch.CodeNotFound {
		t.Errorf("a decoy's link is %q", r)
	}
}

// TestTokensOfLinks: bound to everything that a code is bound to, and more than
// can be guessed.
func TestTokensOfLinks(t *testing.T) {
	g := newGate(t)
	links := flow.Links{Key: g.Keys.Link}
	v := flow.Verification{Factor: emailFactor(ada), Nonce: []byte("n")}
	other := v
	other.Nonce = []byte("m")
	elsewhere := v
	elsewhere.To.Value = "b@example.com"
	seen := map[gatelatch.Secret]bool{}
	for _, token := range []gatelatch.Secret{
		links.Token("sia_1", flow.PurposeSignIn, v), links.Token("sia_2", flow.PurposeSignIn, v),
		links.Token("sia_1", flow.PurposeTrust, v), links.Token("sia_1", flow.PurposeSignIn, other),
		links.Token("sia_1", flow.PurposeSignIn, elsewhere), links.Disown("sia_1"), links.Disown("sess_1"),
		flow.Links{Key: g.Keys.Code}.Token("sia_1", flow.PurposeSignIn, v),
	} {
		if len(token) != 22 || seen[token] {
			t.Errorf("a token comes twice, or is short: %d", len(token))
		}
		seen[token] = true
	}
}
