// SPDX-License-Identifier: Apache-2.0

package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/outbox"
)

var at = time.Date(2026, 3, 9, 14, 2, 40, 0, time.FixedZone("", 3600))

func message(code string) delivery.Message {
	return delivery.Message{
		ID: "msg_1", Channel: delivery.Email, To: "jo@example.org", Code: gatelatch.Secret(code),
		Subject: code + " is your Acme code", Text: code + "\n\nThis is <your> code.", HTML: "<p>" + code, At: at,
	}
}

func open(t *testing.T) (*outbox.Sender, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "outbox.jsonl")
	s, err := outbox.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s, path
}

func send(t *testing.T, s *outbox.Sender, code string) {
	t.Helper()
	if err := s.Send(t.Context(), message(code)); err != nil {
		t.Fatal(err)
	}
}

// codes returns the codes that Read finds, newest first.
func codes(t *testing.T, path string, limit int) []string {
	t.Helper()
	entries, err := outbox.Read(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Code)
	}
	return out
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLineHasExactlyTheKeys(t *testing.T) {
	s, path := open(t)
	send(t, s, "042137")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"to":"jo@example.org","channel":"email","code":"042137","subject":"042137 is your Acme code",` +
		`"body":"042137\n\nThis is \u003cyour\u003e code.","at":"2026-03-09T13:02:40.000000000Z"}` + "\n"
	if string(text) != line {
		t.Errorf("got  %swant %s", text, line)
	}
}

func TestFileIsPrivate(t *testing.T) {
	s, path := open(t)
	send(t, s, "1111")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}

func TestReadNewestFirst(t *testing.T) {
	s, path := open(t)
	for _, code := range []string{"1111", "2222", "3333"} {
		send(t, s, code)
	}
	want(t, codes(t, path, 10), "3333", "2222", "1111")
	want(t, codes(t, path, 2), "3333", "2222")
	want(t, codes(t, path, 0))
	entries, err := outbox.Read(path, 1)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	e := entries[0]
	if e.To != "jo@example.org" || e.Channel != delivery.Email || !strings.HasPrefix(e.Body, "3333\n") || !e.At.Equal(at) {
		t.Errorf("entry %+v", e)
	}
}

func TestRemovedFileIsMadeAnew(t *testing.T) {
	s, path := open(t)
	send(t, s, "1111")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want(t, codes(t, path, 10))
	send(t, s, "2222")
	want(t, codes(t, path, 10), "2222")
}

func TestCutLineStaysAlone(t *testing.T) {
	s, path := open(t)
	send(t, s, "1111")
	appendText(t, path, `{"to":"jo@example.org","channel":"em`)
	send(t, s, "2222")
	want(t, codes(t, path, 10), "2222", "1111")
}

func appendText(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReadSkipsWhatIsNoMessage(t *testing.T) {
	s, path := open(t)
	send(t, s, "1111")
	appendText(t, path, "\n\nhello\n{}\n[]\nnull\n{\"to\":1}\n\xff\xfe\n{\"to\":\"x\",\"channel\":\"sms\",\"code\":\"9999\",\"at\":\"noon\"}\n")
	send(t, s, "2222")
	want(t, codes(t, path, 10), "2222", "1111")
}

func TestReadFindsNotices(t *testing.T) {
	s, path := open(t)
	notice := message("")
	notice.Subject, notice.Text = "You are invited", "https://app.example.com/.auth/sign-up\n"
	if err := s.Send(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	appendText(t, path, "{\"to\":\"x\",\"channel\":\"sms\",\"code\":\"\",\"body\":\"\"}\n")
	entries, err := outbox.Read(path, 10)
	if err != nil || len(entries) != 1 || entries[0].Code != "" || entries[0].Body != notice.Text {
		t.Errorf("%+v, %v", entries, err)
	}
}

func TestReadIsBounded(t *testing.T) {
	s, path := open(t)
	send(t, s, "1111")
	appendText(t, path, strings.Repeat("x", 2<<20))
	send(t, s, "2222")
	want(t, codes(t, path, 10), "2222") // the first lies before the last MiB
}

func TestReadRefusesWhatIsNoFile(t *testing.T) {
	if _, err := outbox.Read(t.TempDir(), 10); err == nil {
		t.Error("a directory was read")
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, path := range map[string]string{
		"no path":          "",
		"a directory":      t.TempDir(),
		"a lost directory": filepath.Join(t.TempDir(), "lost", "outbox"),
	} {
		if _, err := outbox.Open(path); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestSendFails(t *testing.T) {
	s, path := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, message("1111")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	err := s.Send(t.Context(), message("042137"))
	if err == nil || delivery.IsPermanent(err) || strings.Contains(err.Error(), "042137") {
		t.Errorf("error %v, want a temporary one without the code", err)
	}
}

func TestSeveralSendersShareAFile(t *testing.T) {
	_, path := open(t)
	const senders, each = 8, 25
	var wg sync.WaitGroup
	for i := range senders {
		s, err := outbox.Open(path) // a second process has a sender of its own
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for j := range each {
				if err := s.Send(t.Context(), message(fmt.Sprintf("%02d%02d", i, j))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := codes(t, path, 1000)
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != senders*each {
		t.Errorf("%d messages, want %d", n, senders*each)
	}
}

func TestEntrySurvivesJSON(t *testing.T) {
	e := outbox.Entry{To: "+12025550123", Channel: delivery.SMS, Code: "1111", Body: "1111", At: at}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back outbox.Entry
	if err := json.Unmarshal(text, &back); err != nil || !back.At.Equal(e.At) || back.Code != e.Code {
		t.Errorf("%s became %+v, error %v", text, back, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"to":"jo@example.org","channel":"email","code":"1111","subject":"","body":"","at":"2026-03-09T13:02:40.5Z"}`+"\n"), 3)
	f.Add([]byte("\n\n{\"to\":\n"), 1)
	f.Fuzz(func(t *testing.T, content []byte, limit int) {
		path := filepath.Join(t.TempDir(), "outbox")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		entries, err := outbox.Read(path, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > max(limit, 0) {
			t.Fatalf("%d entries, limit %d", len(entries), limit)
		}
		for _, e := range entries {
			if e.To == "" || e.Channel == "" || e.Code+e.Body == "" {
				t.Fatalf("entry %+v", e)
			}
		}
		s, err := outbox.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		send(t, s, "424242")
		if got := codes(t, path, 1); !slices.Equal(got, []string{"424242"}) {
			t.Fatalf("after sending, Read finds %v", got)
		}
	})
}
