// SPDX-License-Identifier: Apache-2.0

// Package wire holds what senders that speak over the network share: an HTTP
// client that stays where it was sent, bounded answers, and errors that repeat
// nothing that the other side said.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// DefaultTimeout bounds one try, from dialling to the end of the answer.
	DefaultTimeout = 15 * time.Second
	// maxAnswer bounds how much of an answer is read, in bytes.
	maxAnswer = 64 << 10
	// maxHeaders bounds the headers of an answer, in bytes.
	maxHeaders = 64 << 10
	// maxRetryAfter is the longest wait believed.
	maxRetryAfter = time.Hour
)

// ErrAnswer says that the other side answered with something that is no answer.
var ErrAnswer = errors.New("no usable answer")

// Client returns a client that follows no redirect and gives up after timeout
// (0 means [DefaultTimeout]). It keeps the transport of base, which may be nil;
// base itself is not changed.
func Client(base *http.Client, timeout time.Duration) *http.Client {
	c := &http.Client{}
	if base != nil {
		*c = *base
	}
	if c.Transport == nil {
		c.Transport = transport()
	}
	c.Timeout = timeout
	if timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	// A code must not travel to a place that the operator did not name.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxResponseHeaderBytes = maxHeaders
	return t
}

// Answer is what came back: at most 64 KiB of it.
type Answer struct {
	Status int
	Body   []byte
	// RetryAfter is the wait asked for in seconds, at most an hour, or zero.
	RetryAfter time.Duration
}

// OK reports a status of 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// Do sends a request and reads the answer. Its errors have been through [Cause].
func Do(c *http.Client, req *http.Request) (Answer, error) {
	res, err := c.Do(req)
	if err != nil {
		return Answer{}, Cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := Answer{Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"))}
	// A body cut short does not change what the status says.
	a.Body, _ = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return a, nil
}

func retryAfter(s string) time.Duration {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}

// Cause returns what of a network error may be logged. Faults that this side
// found (no route, a wrong certificate, too late) stay as they are; whatever
// might quote the other side, which was told a code and an address, becomes
// [ErrAnswer].
func Cause(err error) error {
	var (
		op   *net.OpError
		cert *tls.CertificateVerificationError
		head tls.RecordHeaderError
	)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return context.DeadlineExceeded
	case errors.As(err, &op):
		return op
	case errors.As(err, &cert):
		return cert
	case errors.As(err, &head):
		return errors.New("the other side does not speak TLS")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	default:
		return ErrAnswer
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// ParseURL parses the address of a provider: http or https, a host, and
// neither user name nor fragment. Errors do not quote s.
func ParseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("scheme is %q, want https or http", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("URL without a host")
	case u.User != nil:
		return nil, errors.New("URL with a user name or password")
	case u.Fragment != "":
		return nil, errors.New("URL with a fragment")
	}
	return u, nil
}

// IsLoopback reports whether a host name stays on this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
