// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Answer is what came back on a raw connection.
type Answer struct {
	// Status is 0 when the connection was closed without an answer.
	Status int
	Header http.Header
	Body   string
	// More is what followed the first answer, if anything.
	More string
}

// Refused reports whether the request was turned down: a 4xx, no answer at all,
// or one of the two words that HTTP itself has for what a server does not speak
// (RFC 9110 15.6.2 and 15.6.6).
func (a Answer) Refused() bool {
	switch a.Status {
	case 0, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return true
	}
	return a.Status >= 400 && a.Status < 500
}

// Raw sends bytes as they are and reads what comes back within d.
func (g *Gate) Raw(text string, d time.Duration) (Answer, error) {
	return g.raw(text, d, 150*time.Millisecond)
}

// Pipeline sends several requests at once, the last of which asks for the end of
// the connection, and reads until then.
func (g *Gate) Pipeline(text string) (Answer, error) { return g.raw(text, Patience, Patience) }

// raw reads on for as long as quiet after the first answer.
func (g *Gate) raw(text string, d, quiet time.Duration) (Answer, error) {
	conn, err := net.DialTimeout("tcp", g.Addr(), Patience)
	if err != nil {
		return Answer{}, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(d)); err != nil {
		return Answer{}, err
	}
	// The other side may answer and close before all is written.
	go func() { _, _ = io.WriteString(conn, text) }()
	return readAnswer(conn, quiet)
}

func readAnswer(conn net.Conn, quiet time.Duration) (Answer, error) {
	r := bufio.NewReader(conn)
	answer, err := http.ReadResponse(r, nil)
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return Answer{}, err
	case err != nil:
		return Answer{}, nil
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body) // what came before the end counts
	a := Answer{Status: answer.StatusCode, Header: answer.Header, Body: string(body)}
	if !answer.Close {
		_ = conn.SetReadDeadline(time.Now().Add(quiet)) // TCP connections have deadlines
		more, _ := io.ReadAll(r)                        // until it is quiet
		a.More = string(more)
	}
	return a, nil
}

// CookieHeader is the visitor's cookies as a header line.
func (v *Visitor) CookieHeader() string {
	var pairs []string
	for _, c := range v.Cookies() {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return "Cookie: " + strings.Join(pairs, "; ") + "\r\n"
}
