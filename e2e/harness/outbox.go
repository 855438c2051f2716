// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Message is one line of an outbox file.
type Message struct {
	To      string    `json:"to"`
	Channel string    `json:"channel"`
	Code    string    `json:"code"`
	Subject string    `json:"subject"`
	Body    string    `json:"body"`
	At      time.Time `json:"at"`
}

// Outbox is the path of an outbox file.
type Outbox string

// All returns the messages written so far, oldest first. Lines that are not
// whole yet are left out.
func (o Outbox) All() []Message {
	text, err := os.ReadFile(string(o))
	if err != nil {
		return nil
	}
	var list []Message
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m Message
		if json.Unmarshal(lines.Bytes(), &m) == nil && m.To != "" {
			list = append(list, m)
		}
	}
	return list
}

// To returns the messages with a code to one address, oldest first.
func (o Outbox) To(address string) []Message { return o.pick(address, true) }

// Notices returns the messages without a code to one address, oldest first.
func (o Outbox) Notices(address string) []Message { return o.pick(address, false) }

func (o Outbox) pick(address string, withCode bool) []Message {
	var list []Message
	for _, m := range o.All() {
		if m.To == address && (m.Code != "") == withCode {
			list = append(list, m)
		}
	}
	return list
}

// Find waits for the n-th message with a code to an address, counted from 1.
func (o Outbox) Find(address string, n int) (Message, error) {
	return o.FindWithin(address, n, Patience)
}

// Find is [Outbox.Find] for a gate that may be killed meanwhile: then it ends at
// once.
func (g *Gate) Find(address string, n int) (Message, error) {
	for end := time.Now().Add(Patience); ; {
		m, err := g.Outbox.FindWithin(address, n, 50*time.Millisecond)
		if err == nil || !g.Running() || time.Now().After(end) {
			return m, err
		}
	}
}

// FindWithin waits for the n-th message with a code to an address for so long.
func (o Outbox) FindWithin(address string, n int, d time.Duration) (Message, error) {
	return o.wait(address, n, d, o.To)
}

func (o Outbox) wait(address string, n int, d time.Duration, find func(address string) []Message) (Message, error) {
	for end := time.Now().Add(d); ; time.Sleep(5 * time.Millisecond) {
		if list := find(address); len(list) >= n {
			return list[n-1], nil
		}
		if time.Now().After(end) {
			return Message{}, fmt.Errorf("no message number %d to %s in the outbox after %v", n, address, d)
		}
	}
}

// Notice waits for the n-th message without a code to an address whose subject
// holds a phrase.
func (o Outbox) Notice(t testing.TB, address, phrase string, n int) Message {
	t.Helper()
	m, err := o.wait(address, n, Patience, func(address string) (list []Message) {
		for _, m := range o.Notices(address) {
			if strings.Contains(m.Subject+m.Body, phrase) {
				list = append(list, m)
			}
		}
		return list
	})
	if err != nil {
		t.Fatalf("%s: %v; there are %+v", phrase, err, o.Notices(address))
	}
	return m
}

var link = regexp.MustCompile(`https?://[^/\s]+(/\S+)`)

// Link returns path and query of the first link of a message, empty when it has
// none.
func (m Message) Link() string {
	if found := link.FindStringSubmatch(m.Body); found != nil {
		return found[1]
	}
	return ""
}

// Code waits for the n-th message to an address and returns its code.
func (o Outbox) Code(t testing.TB, address string, n int) string {
	t.Helper()
	m, err := o.Find(address, n)
	if err != nil {
		t.Fatal(err)
	}
	if m.Code == "" {
		t.Fatalf("the message to %s has no code", address)
	}
	return m.Code
}
