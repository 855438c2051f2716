// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Mail is a message that an SMTP server has taken.
type Mail struct {
	To, Text string
}

// code is how a mail's subject begins.
var code = regexp.MustCompile(`(?m)^Subject: ([0-9]{6,10}) `)

// Code returns the code in the subject, empty when there is none.
func (m Mail) Code() string {
	if found := code.FindStringSubmatch(m.Text); found != nil {
		return found[1]
	}
	return ""
}

// SMTP is a mail server. While it hangs it takes connections and says nothing.
type SMTP struct {
	addr string

	mu       sync.Mutex
	listener net.Listener
	hangs    bool
	stuck    []net.Conn
	mails    []Mail
}

// NewSMTP returns a server on a free port that does not listen yet.
func NewSMTP(t testing.TB) *SMTP {
	s := &SMTP{addr: fmt.Sprintf("127.0.0.1:%d", FreePort(t))}
	t.Cleanup(s.close)
	return s
}

// Addr is host:port.
func (s *SMTP) Addr() string { return s.addr }

// Listen begins to take connections.
func (s *SMTP) Listen(t testing.TB, hangs bool) {
	t.Helper()
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.listener, s.hangs = l, hangs
	s.mu.Unlock()
	go s.serve(l)
}

// Recover makes a server that hangs answer. Those who wait are sent away, as a
// restart would.
func (s *SMTP) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangs = false
	for _, c := range s.stuck {
		_ = c.Close() // the other side may have given up
	}
	s.stuck = nil
}

// Waiting is how many connections hang.
func (s *SMTP) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.stuck)
}

// Find waits for the first mail to an address.
func (s *SMTP) Find(address string, d time.Duration) (Mail, error) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		for _, m := range s.mails {
			if m.To == address {
				s.mu.Unlock()
				return m, nil
			}
		}
		s.mu.Unlock()
	}
	return Mail{}, fmt.Errorf("no mail to %s after %v", address, d)
}

func (s *SMTP) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		_ = s.listener.Close() // the test is over
	}
	for _, c := range s.stuck {
		_ = c.Close() // the test is over
	}
}

func (s *SMTP) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		hangs := s.hangs
		if hangs {
			s.stuck = append(s.stuck, c)
		}
		s.mu.Unlock()
		if !hangs {
			go s.talk(c)
		}
	}
}

// talk speaks as much of RFC 5321 as a client needs.
func (s *SMTP) talk(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(Patience)) // TCP connections have deadlines
	r := bufio.NewReader(c)
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") } // reading tells when it is over
	say("220 test ready")
	var m Mail
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(verb, "RCPT TO:"):
			m.To = strings.Trim(strings.Fields(line[8:])[0], "<>")
			say("250 yes")
		case verb == "DATA":
			say("354 go on")
			m.Text = readData(r)
			s.mu.Lock()
			s.mails = append(s.mails, m)
			s.mu.Unlock()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

// readData reads up to the line that is one dot.
func readData(r *bufio.Reader) string {
	var text strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return text.String()
		}
		text.WriteString(line)
	}
}
