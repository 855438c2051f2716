// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/webhook"
)

var message = delivery.Message{
	ID: "msg_1", Channel: delivery.Email, To: "jo@example.org", Code: "042137",
	Subject: "042137 is your Acme code", Text: "042137\n", HTML: "<p>042137",
	At: time.Date(2026, 3, 9, 14, 2, 40, 5, time.FixedZone("", 3600)),
}

// receiver is an operator's program: it remembers what was posted, and answers
// with a status.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	header http.Header
	errs   []error
}

func receive(t *testing.T, status int) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			err = webhook.Verify(secret, req.Header, body, time.Now(), time.Minute)
		}
		r.mu.Lock()
		r.bodies, r.errs, r.header = append(r.bodies, string(body)), append(r.errs, err), req.Header
		r.mu.Unlock()
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write(body) // a server that echoes
	}))
	t.Cleanup(r.Close)
	return r
}

func sender(t *testing.T, url string) *webhook.Sender {
	t.Helper()
	s, err := webhook.New(webhook.Config{URL: url, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSendPostsSigned(t *testing.T) {
	r := receive(t, http.StatusNoContent)
	if err := sender(t, r.URL+"/hook?x=1").Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"msg_1","to":"jo@example.org","channel":"email","code":"042137",` +
		`"subject":"042137 is your Acme code","body":"042137\n","at":"2026-03-09T13:02:40Z"}`
	if len(r.bodies) != 1 || r.bodies[0] != want {
		t.Errorf("got  %v\nwant %s", r.bodies, want)
	}
	if r.errs[0] != nil {
		t.Errorf("Verify: %v", r.errs[0])
	}
	if r.header.Get("Content-Type") != "application/json" || r.header.Get("Idempotency-Key") != "msg_1" {
		t.Errorf("headers %v", r.header)
	}
}

func TestSendPostsNotices(t *testing.T) {
	r := receive(t, http.StatusNoContent)
	notice := message
	notice.Purpose, notice.Code, notice.Link = delivery.NoticeInvitation, "", "https://app.example.com/?a=1&b=2"
	notice.Subject, notice.Text = "You are invited", "https://app.example.com/?a=1&b=2\n"
	if err := sender(t, r.URL).Send(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"msg_1","to":"jo@example.org","channel":"email","code":"",` +
		`"subject":"You are invited","body":"https://app.example.com/?a=1\u0026b=2\n","at":"2026-03-09T13:02:40Z",` +
		`"purpose":"invitation","link":"https://app.example.com/?a=1\u0026b=2"}`
	if len(r.bodies) != 1 || r.bodies[0] != want || r.errs[0] != nil {
		t.Errorf("got  %v, %v\nwant %s", r.bodies, r.errs, want)
	}
}

func TestSendJudgesTheStatus(t *testing.T) {
	tests := []struct {
		status    int
		taken     bool
		permanent bool
	}{
		{200, true, false},
		{202, true, false},
		{400, false, true},
		{410, false, true},
		{422, false, true},
		{301, false, false},
		{307, false, false},
		{401, false, false},
		{403, false, false},
		{404, false, false},
		{408, false, false},
		{409, false, false},
		{429, false, false},
		{500, false, false},
		{503, false, false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			r := receive(t, tt.status)
			err := sender(t, r.URL).Send(t.Context(), message)
			if (err == nil) != tt.taken || delivery.IsPermanent(err) != tt.permanent {
				t.Errorf("error %v, permanent %v", err, delivery.IsPermanent(err))
			}
			if len(r.bodies) != 1 {
				t.Errorf("%d requests: a redirect was followed", len(r.bodies))
			}
			wantSilent(t, err)
		})
	}
}

// wantSilent fails when an error tells the code or the address.
func wantSilent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, word := range []string{"042137", "jo@", "example.org", secret.Reveal()} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("the error tells %q: %v", word, err)
		}
	}
}

func TestSendWithoutAServer(t *testing.T) {
	r := receive(t, http.StatusOK)
	s := sender(t, r.URL)
	r.Close()
	err := s.Send(t.Context(), message)
	if err == nil || delivery.IsPermanent(err) {
		t.Errorf("error %v, want a temporary one", err)
	}
	wantSilent(t, err)
}

func TestSendHonoursItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-release
	}))
	defer srv.Close()
	defer close(release)
	if err := sender(t, srv.URL).Send(ctx, message); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestSendConcurrently(t *testing.T) {
	r := receive(t, http.StatusOK)
	s := sender(t, r.URL)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.Send(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(r.errs...); err != nil || len(r.bodies) != 8 {
		t.Errorf("%d requests, error %v", len(r.bodies), err)
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		c    webhook.Config
	}{
		{"no URL", webhook.Config{Secret: secret}},
		{"another scheme", webhook.Config{URL: "ftp://example.com/hunter2", Secret: secret}},
		{"a password in the URL", webhook.Config{URL: "https://me:hunter2@example.com", Secret: secret}},
		{"no secret", webhook.Config{URL: "https://example.com/hunter2"}},
		{"a short secret", webhook.Config{URL: "https://example.com", Secret: "hunter2"}},
		{"a timeout below zero", webhook.Config{URL: "https://example.com", Secret: secret, Timeout: -1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := webhook.New(tt.c)
			if err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v", err)
			}
		})
	}
}
