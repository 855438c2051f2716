// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

// row is a message as a flow puts it into the queue.
func row(purpose string, st gatelatch.Strategy) delivery.Queued {
	now := time.Now().UTC()
	return delivery.Queued{
		ID: "msg_1", Site: "acme", AttemptID: "sess_1", Purpose: purpose, Strategy: st, To: jo(), Display: "Jo@example.com",
		Details: delivery.Details{UserAgent: chrome, IP: "203.0.113.7", At: now},
		AskedAt: now, NextAt: now, ExpireAt: now.Add(10 * time.Minute),
	}
}

// sends returns the one message that a row becomes, or nil when it is refused.
func sends(t *testing.T, m delivery.Queued, change func(*delivery.Site)) (sent *delivery.Message) {
	t.Helper()
	work(t, func(b *workbench) {
		site := b.site()
		if change != nil {
			change(&site)
		}
		b.queue.Register("acme", site)
		m.AskedAt, m.NextAt, m.ExpireAt = b.start, b.start, b.start.Add(10*time.Minute)
		b.put(m)
		b.run()
		b.after(time.Second)
		if b.mail.count() > 1 || !b.empty() {
			t.Errorf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
		if b.mail.count() == 1 {
			sent = &b.mail.sent[0]
		} else if r := b.results(); r["refused"] != 1 {
			t.Errorf("%v", r)
		}
	})
	return sent
}

// linked is a site whose links tell what they were made of.
func linked(s *delivery.Site) {
	s.Link = func(q delivery.Queued) gatelatch.Secret {
		return gatelatch.Secret(fmt.Sprintf("https://app.example.com/.auth/%s/%s", q.Purpose, q.AttemptID))
	}
}

func TestNoticesHaveALinkAndNoCode(t *testing.T) {
	noCode := func(s *delivery.Site) {
		linked(s)
		s.Code = func(delivery.Queued) gatelatch.Secret { t.Error("a code was derived for a notice"); return theCode }
	}
	m := sends(t, row(delivery.NoticeNewDevice, ""), noCode)
	const link = "https://app.example.com/.auth/new_device/sess_1"
	if m == nil || m.Code != "" || m.Purpose != delivery.NoticeNewDevice || m.Link.Reveal() != link || m.To != "Jo@example.com" {
		t.Fatalf("%+v", m)
	}
	if !strings.Contains(m.Text, link) || !strings.Contains(m.Text, "Chrome on Windows") {
		t.Errorf("%s", m.Text)
	}
}

func TestALinkComesWithTheCode(t *testing.T) {
	m := sends(t, row("sign_in", gatelatch.EmailLink), linked)
	if m == nil || m.Code.Reveal() != theCode || !strings.HasPrefix(m.Text, theCode+"\n") || !strings.Contains(m.Text, "\nhttps://app.example.com/.auth/sign_in/sess_1\n") {
		t.Errorf("%+v", m)
	}
}

func TestASiteWithoutLinksSendsTheRest(t *testing.T) {
	for purpose, st := range map[string]gatelatch.Strategy{delivery.NoticeNewDevice: "", "sign_in": gatelatch.EmailLink} {
		m := sends(t, row(purpose, st), nil)
		if m == nil || m.Link != "" || strings.Contains(m.Text+m.HTML, "://") {
			t.Errorf("%s: %+v", purpose, m)
		}
	}
}

// What makes no sense is refused for good and not sent without its half.
func TestRowsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, m := range map[string]delivery.Queued{
		"a notice with a code":  row(delivery.NoticeNewDevice, gatelatch.EmailCode),
		"a code without a code": row("sign_in", ""),
		"a purpose nobody has":  row("pigeon", ""),
	} {
		if sent := sends(t, m, linked); sent != nil {
			t.Errorf("%s: %+v", name, sent)
		}
	}
}
