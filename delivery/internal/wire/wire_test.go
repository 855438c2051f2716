// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/delivery/internal/wire"
)

func do(t *testing.T, c *http.Client, url string) (wire.Answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Do(c, req)
}

func TestDoBoundsTheAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	}))
	defer srv.Close()
	a, err := do(t, wire.Client(nil, 0), srv.URL)
	if err != nil || !a.OK() || len(a.Body) != 64<<10 {
		t.Errorf("status %d, %d bytes, error %v", a.Status, len(a.Body), err)
	}
}

func TestClientFollowsNothing(t *testing.T) {
	var followed bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/elsewhere"
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	base := &http.Client{}
	a, err := do(t, wire.Client(base, 0), srv.URL)
	if err != nil || a.Status != http.StatusTemporaryRedirect || followed {
		t.Errorf("status %d, error %v, followed %v", a.Status, err, followed)
	}
	if base.CheckRedirect != nil || base.Timeout != 0 {
		t.Error("the client that was given is changed")
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "4000000000": time.Hour,
		"Wed, 21 Oct 2026 07:28:00 GMT": 0, "99999999999999999999": 0,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		a, err := do(t, wire.Client(nil, 0), srv.URL)
		srv.Close()
		if err != nil || a.RetryAfter != want {
			t.Errorf("%q: %v, error %v, want %v", header, a.RetryAfter, err, want)
		}
	}
}

func TestDoGivesUp(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	if _, err := do(t, wire.Client(nil, time.Millisecond), srv.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestDoHidesWhatTheServerSays(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "042137 jo@example.org\r\n\r\n")
		_ = conn.Close()
	}()
	_, err = do(t, wire.Client(nil, 0), "http://"+listener.Addr().String())
	if !errors.Is(err, wire.ErrAnswer) || strings.Contains(err.Error(), "042137") {
		t.Errorf("error %v", err)
	}
}

func TestDoRefusesAForeignCertificate(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	srv.Config.ErrorLog = nil
	_, err := do(t, wire.Client(nil, 0), srv.URL)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("error %v, want %T", err, unknown)
	}
}

func TestCause(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"none", nil, nil},
		{"cancelled", &url.Error{Op: "Post", URL: "https://x", Err: context.Canceled}, context.Canceled},
		{"too late", fmt.Errorf("x: %w", context.DeadlineExceeded), context.DeadlineExceeded},
		{"deadline of a connection", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, context.DeadlineExceeded},
		{"refused", &url.Error{Op: "Post", URL: "https://x", Err: refused}, refused},
		{"hung up", fmt.Errorf("x: %w", io.EOF), io.ErrUnexpectedEOF},
		{"anything else", errors.New("malformed answer: 042137"), wire.ErrAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wire.Cause(tt.err); got != tt.want { //nolint:errorlint // the very value
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestParseURL(t *testing.T) {
	for _, s := range []string{"https://example.com/hook?x=1", "http://127.0.0.1:8080"} {
		if _, err := wire.ParseURL(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{
		"", "/hook", "example.com", "ftp://example.com", "https://", "https://:443/",
		"https://me:hunter2@example.com/", "https://example.com/#hunter2", "https://example.com/%zzhunter2",
	} {
		_, err := wire.ParseURL(s)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v", s, err)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true,
		"": false, "localhost.example.com": false, "10.0.0.1": false, "0.0.0.0": false,
	} {
		if got := wire.IsLoopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
