// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
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

// patience is how long anything that the gate does by itself may take.
const patience = 20 * time.Second

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

// To returns the messages to one address, oldest first.
func (o Outbox) To(address string) []Message {
	var list []Message
	for _, m := range o.All() {
		if m.To == address {
			list = append(list, m)
		}
	}
	return list
}

// Find waits for the n-th message to an address, counted from 1.
func (o Outbox) Find(address string, n int) (Message, error) {
	return o.FindWithin(address, n, patience)
}

// FindWithin waits for the n-th message to an address for so long.
func (o Outbox) FindWithin(address string, n int, d time.Duration) (Message, error) {
	for end := time.Now().Add(d); ; time.Sleep(5 * time.Millisecond) {
		if list := o.To(address); len(list) >= n {
			return list[n-1], nil
		}
		if time.Now().After(end) {
			return Message{}, fmt.Errorf("no message number %d to %s in the outbox after %v", n, address, d)
		}
	}
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
