// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatelatch/gatelatch/delivery"
)

// hang is a provider that takes the connection and says nothing.
func hang(ctx context.Context, _ delivery.Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// However many texts wait for a provider that hangs, mails go out at once.
func TestOneRouteDoesNotHoldUpAnother(t *testing.T) {
	for _, waiting := range []int{1, 8, 100, 2000} {
		t.Run(fmt.Sprint(waiting), func(t *testing.T) {
			work(t, func(b *workbench) {
				b.text.answer = hang
				for i := range waiting {
					b.enqueue(fmt.Sprintf("msg_text_%04d", i), number(), 10*time.Minute)
				}
				b.run()
				for i := range 120 { // a mail every second, for two minutes
					b.enqueue(fmt.Sprintf("msg_mail_%03d", i), jo(), 10*time.Minute)
					b.after(time.Second)
					if b.mail.count() != i+1 {
						t.Fatalf("after %v the mail of this second waits: %d of %d are out", time.Since(b.start), b.mail.count(), i+1)
					}
				}
				if b.text.top > 8 {
					t.Errorf("%d texts at the same time", b.text.top)
				}
			})
		})
	}
}

func TestAHangingProviderThatComesBack(t *testing.T) {
	work(t, func(b *workbench) {
		const waiting = 300
		well := b.start.Add(time.Minute)
		b.text.answer = func(ctx context.Context, m delivery.Message) error {
			if time.Now().Before(well) {
				return hang(ctx, m)
			}
			return nil
		}
		for i := range waiting {
			b.enqueue(fmt.Sprintf("msg_%04d", i), number(), 10*time.Minute)
		}
		b.run()
		b.after(3 * time.Minute)
		if r := b.results(); r["sent"] != waiting || !b.empty() {
			t.Errorf("two minutes after it came back: %v, forgotten: %v", r, b.empty())
		}
	})
}

// What a dying process had in hand, the next one sends.
func TestARestartSendsWhatWasNotAcknowledged(t *testing.T) {
	work(t, func(b *workbench) {
		b.mail.answer = hang
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.end()
		b.mail.answer = nil
		b.queue = b.newQueue()
		b.queue.Register("acme", b.site())
		b.run()
		b.after(time.Minute)
		if b.mail.count() != 2 || !b.empty() || b.mail.sent[0].ID != b.mail.sent[1].ID {
			t.Errorf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
	})
}

// What was sent while the queue was being stopped is forgotten all the same.
func TestASendThatOutlastsTheStopIsForgotten(t *testing.T) {
	work(t, func(b *workbench) {
		b.mail.answer = func(ctx context.Context, _ delivery.Message) error {
			<-ctx.Done() // the provider has taken it; the answer comes late
			return nil
		}
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.end()
		if b.mail.count() != 1 || !b.empty() {
			t.Errorf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
	})
}

// A process that died between sending and forgetting sends again, under the
// same id, and not before its claim has lapsed.
func TestASendThatWasNotForgottenIsRepeated(t *testing.T) {
	work(t, func(b *workbench) {
		b.store.set(false, true)
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.end() // the store is away, so the message stays
		b.store.set(false, false)
		b.queue = b.newQueue()
		b.queue.Register("acme", b.site())
		b.run()
		b.after(45*time.Second - time.Since(b.start) - time.Second)
		if b.mail.count() != 1 {
			t.Fatalf("repeated while the claim holds")
		}
		b.after(10 * time.Second)
		if b.mail.count() != 2 || !b.empty() || b.mail.sent[0].ID != b.mail.sent[1].ID {
			t.Errorf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
	})
}

func TestASiteThatIsNotThereKeepsItsMessages(t *testing.T) {
	work(t, func(b *workbench) {
		b.queue.Unregister("acme")
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.after(5 * time.Minute)
		if b.mail.count() != 0 || b.empty() {
			t.Fatalf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
		b.queue.Register("acme", b.site())
		b.after(time.Minute + 5*time.Second)
		if b.mail.count() != 1 || !b.empty() {
			t.Errorf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
	})
}

func TestASiteWithoutASenderKeepsItsMessages(t *testing.T) {
	work(t, func(b *workbench) {
		bare := b.site()
		bare.Senders = nil
		b.queue.Register("acme", bare)
		b.enqueue("msg_1", number(), 10*time.Minute)
		b.run()
		b.after(5 * time.Minute)
		b.queue.Register("acme", b.site())
		b.after(time.Minute + 5*time.Second)
		if b.text.count() != 1 || !b.empty() {
			t.Errorf("sent %d times, forgotten: %v", b.text.count(), b.empty())
		}
	})
}

func TestAStoreThatFailsAndComesBack(t *testing.T) {
	work(t, func(b *workbench) {
		b.store.set(true, true)
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.after(time.Minute)
		if n := b.results()["error"]; b.mail.count() != 0 || n < 30 || n > 70 {
			t.Errorf("sent %d times, %d errors told in a minute", b.mail.count(), n)
		}
		b.store.set(false, true)
		b.after(5 * time.Second)
		b.store.set(false, false)
		b.after(time.Minute)
		if b.mail.count() != 1 || !b.empty() {
			t.Errorf("sent %d times although the store was away only briefly; forgotten: %v", b.mail.count(), b.empty())
		}
	})
}

func TestRunEndsWithEverythingInHand(t *testing.T) {
	work(t, func(b *workbench) {
		b.mail.answer, b.text.answer = hang, hang
		for i := range 1500 {
			b.enqueue(fmt.Sprintf("msg_%04d", i), jo(), 10*time.Minute)
			b.enqueue(fmt.Sprintf("msg_t%04d", i), number(), 10*time.Minute)
		}
		b.run()
		b.after(7 * time.Second)
		stopped := time.Now()
		b.end()
		// Calls under way get three seconds, so that few messages go out twice.
		if took := time.Since(stopped); took > 4*time.Second {
			t.Errorf("Run took %v to end", took)
		}
		if n := b.results()["error"]; n != 0 {
			t.Errorf("%d errors told of a queue that was only stopped", n)
		}
	})
}

// A sender that breaks takes nobody else with it.
func TestASenderThatPanics(t *testing.T) {
	work(t, func(b *workbench) {
		b.mail.answer = func(context.Context, delivery.Message) error {
			if b.mail.count() == 1 {
				panic("a bug in a sender, with " + theCode + " in its words")
			}
			return nil
		}
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.after(10 * time.Second)
		if r := b.results(); b.mail.count() != 2 || !b.empty() || r["retry"] != 1 || r["sent"] != 1 {
			t.Errorf("sent %d times, forgotten: %v, %v", b.mail.count(), b.empty(), r)
		}
	})
}

func TestWakeNeverBlocks(t *testing.T) {
	work(t, func(b *workbench) {
		for range 100 {
			b.queue.Wake()
		}
		b.run()
		synctest.Wait()
	})
}
