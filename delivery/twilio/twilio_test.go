// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/delivery/twilio"
)

var message = delivery.Message{
	ID: "msg_1", Channel: delivery.SMS, To: "+12025550123", Code: "042137",
	Text: "042137 is your Acme sign-in code.\n\n@app.example.com #042137",
}

var valid = twilio.Config{AccountSID: "AC0123", AuthToken: "hunter2", From: "+12025550199"}

// api stands in for Twilio: it remembers the last request.
type api struct {
	*httptest.Server
	mu       sync.Mutex
	requests int
	last     *http.Request
	form     url.Values
}

func serve(t *testing.T, status int, header http.Header, body string) *api {
	t.Helper()
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		a.mu.Lock()
		a.requests, a.last, a.form = a.requests+1, r, r.PostForm
		a.mu.Unlock()
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(a.Close)
	return a
}

func sender(t *testing.T, baseURL string, edit func(*twilio.Config)) *twilio.Sender {
	t.Helper()
	c := valid
	c.BaseURL = baseURL
	if edit != nil {
		edit(&c)
	}
	s, err := twilio.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSendPostsTheForm(t *testing.T) {
	a := serve(t, http.StatusCreated, nil, `{"sid":"SM1","status":"queued"}`)
	if err := sender(t, a.URL, nil).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	user, password, _ := a.last.BasicAuth()
	if a.last.Method != http.MethodPost || a.last.URL.Path != "/2010-04-01/Accounts/AC0123/Messages.json" ||
		user != "AC0123" || password != "hunter2" {
		t.Errorf("%s %s as %s", a.last.Method, a.last.URL, user)
	}
	want := url.Values{"To": {message.To}, "From": {"+12025550199"}, "Body": {message.Text}}
	if a.form.Encode() != want.Encode() {
		t.Errorf("form %v, want %v", a.form, want)
	}
}

func TestSendThroughAMessagingService(t *testing.T) {
	a := serve(t, http.StatusCreated, nil, `{}`)
	s := sender(t, a.URL+"/stand-in/", func(c *twilio.Config) { c.From, c.MessagingService = "", "MG42" })
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if a.form.Get("MessagingServiceSid") != "MG42" || a.form.Has("From") {
		t.Errorf("form %v", a.form)
	}
	if a.last.URL.Path != "/stand-in/2010-04-01/Accounts/AC0123/Messages.json" {
		t.Errorf("path %s", a.last.URL.Path)
	}
}

func TestSendJudgesTheAnswer(t *testing.T) {
	tests := []struct {
		status    int
		code      int
		body      string
		permanent bool
	}{
		{400, 21211, `{"code":21211,"message":"The 'To' number +12025550123 is not valid, 042137","status":400}`, true},
		{400, 0, `{"code":12025550123,"message":"+12025550123"}`, true},
		{400, 0, `+12025550123 042137`, true},
		{400, 0, `{"code":"042137"}`, true},
		{422, 0, ``, true},
		{401, 20003, `{"code":20003,"message":"Authenticate"}`, false},
		{403, 0, ``, false},
		{404, 20404, `{"code":20404}`, false},
		{408, 0, ``, false},
		{429, 20429, `{"code":20429}`, false},
		{500, 0, `<html>+12025550123</html>`, false},
		{503, 0, strings.Repeat("x", 1<<20), false},
		{302, 0, ``, false},
		{307, 0, ``, false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, tt.code), func(t *testing.T) {
			a := serve(t, tt.status, http.Header{"Location": {"/elsewhere"}, "Retry-After": {"7"}}, tt.body)
			err := sender(t, a.URL, nil).Send(t.Context(), message)
			var answer *twilio.Error
			if !errors.As(err, &answer) {
				t.Fatalf("error %v, want a %T", err, answer)
			}
			if *answer != (twilio.Error{Status: tt.status, Code: tt.code, RetryAfter: 7 * time.Second}) {
				t.Errorf("error %+v", *answer)
			}
			if delivery.IsPermanent(err) != tt.permanent {
				t.Errorf("permanent: %v", delivery.IsPermanent(err))
			}
			if a.requests != 1 {
				t.Errorf("%d requests: a redirect was followed", a.requests)
			}
			wantSilent(t, err)
		})
	}
}

// wantSilent fails when an error tells the code, the number or the token.
func wantSilent(t *testing.T, err error) {
	t.Helper()
	for _, word := range []string{"042137", "12025550123", "hunter2"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("the error tells %q: %v", word, err)
		}
	}
}

func TestSendRefusesOtherRecipients(t *testing.T) {
	a := serve(t, http.StatusCreated, nil, `{}`)
	s := sender(t, a.URL, nil)
	for _, to := range []string{"", "jo@example.org", "12025550123", "+1", "+12025550123\r\n", "+0123456789", "+12025550123&From=x"} {
		m := message
		m.To = to
		if err := s.Send(t.Context(), m); !delivery.IsPermanent(err) {
			t.Errorf("%q: error %v, want a permanent one", to, err)
		}
	}
	m := message
	m.Channel = delivery.Email
	if err := s.Send(t.Context(), m); !delivery.IsPermanent(err) {
		t.Errorf("an e-mail: error %v, want a permanent one", err)
	}
	if a.requests != 0 {
		t.Errorf("%d requests", a.requests)
	}
}

func TestSendWithoutAServer(t *testing.T) {
	a := serve(t, http.StatusCreated, nil, `{}`)
	s := sender(t, a.URL, nil)
	a.Close()
	err := s.Send(t.Context(), message)
	if err == nil || delivery.IsPermanent(err) {
		t.Fatalf("error %v, want a temporary one", err)
	}
	wantSilent(t, err)
}

func TestSendGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.PostForm.Get("From") != "" {
			cancel()
		}
		<-release
	}))
	defer srv.Close()
	defer close(release)
	if err := sender(t, srv.URL, nil).Send(ctx, message); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	late := sender(t, srv.URL, func(c *twilio.Config) {
		c.From, c.MessagingService, c.Timeout = "", "MG42", time.Millisecond
	})
	if err := late.Send(t.Context(), message); !errors.Is(err, context.DeadlineExceeded) || delivery.IsPermanent(err) {
		t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestSendConcurrently(t *testing.T) {
	a := serve(t, http.StatusCreated, nil, `{}`)
	s := sender(t, a.URL, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.Send(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if a.requests != 8 {
		t.Errorf("%d requests", a.requests)
	}
}

func TestNewTakes(t *testing.T) {
	for _, from := range []string{"+12025550199", "12345", "Acme", "Acme Shop 1"} {
		c := valid
		c.From = from
		if _, err := twilio.New(c); err != nil {
			t.Errorf("%q: %v", from, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		edit func(*twilio.Config)
	}{
		{"no account", func(c *twilio.Config) { c.AccountSID = "" }},
		{"an account that is a path", func(c *twilio.Config) { c.AccountSID = "AC1/../AC2" }},
		{"no token", func(c *twilio.Config) { c.AuthToken = "" }},
		{"no sender", func(c *twilio.Config) { c.From = "" }},
		{"two senders", func(c *twilio.Config) { c.MessagingService = "MG42" }},
		{"a sender that is none", func(c *twilio.Config) { c.From = "Acme <no-reply>" }},
		{"a service that is none", func(c *twilio.Config) { c.From, c.MessagingService = "", "hunter" }},
		{"http to another machine", func(c *twilio.Config) { c.BaseURL = "http://api.example.com" }},
		{"no URL", func(c *twilio.Config) { c.BaseURL = "api.example.com" }},
		{"a timeout below zero", func(c *twilio.Config) { c.Timeout = -time.Second }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := valid
			tt.edit(&c)
			if _, err := twilio.New(c); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v", err)
			}
		})
	}
}
