// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// sdkProgram is a program of Node that answers one command a line.
type sdkProgram struct {
	t      testing.TB
	in     io.WriteCloser
	out    *bufio.Scanner
	stderr *bytes.Buffer
}

// screen is what a program says of the screen that it shows.
type screen struct {
	Text       string   `json:"text"`
	Loaded     bool     `json:"loaded"`
	User       string   `json:"user"`
	Session    string   `json:"session"`
	Task       string   `json:"task"`
	Vault      string   `json:"vault"`
	Token      string   `json:"token"`
	Disabled   bool     `json:"disabled"`
	Complaints []string `json:"complaints"`
	Error      string   `json:"error"`
}

// startProgram runs a program of sdk/ until the test ends.
func startProgram(t testing.TB, config map[string]any, args ...string) *sdkProgram {
	t.Helper()
	cmd := exec.Command("node", args...)
	cmd.Dir = "sdk"
	p := &sdkProgram{t: t, stderr: &bytes.Buffer{}}
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	p.out.Buffer(nil, 1<<20)
	t.Cleanup(func() {
		_ = in.Close() // the program ends with its input
		_ = cmd.Wait() // it may be gone already
	})
	p.say(config)
	return p
}

// say sends one line and returns the answer.
func (p *sdkProgram) say(command map[string]any) screen {
	p.t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		p.t.Fatalf("the program is gone: %v\n%s", err, p.stderr)
	}
	if !p.out.Scan() {
		p.t.Fatalf("the program has ended: %v\n%s", p.out.Err(), p.stderr)
	}
	var s screen
	if err := json.Unmarshal(p.out.Bytes(), &s); err != nil {
		p.t.Fatalf("%s: %v", p.out.Bytes(), err)
	}
	if s.Error != "" {
		p.t.Fatalf("%s: %s", line, s.Error)
	}
	return s
}

func (p *sdkProgram) state() screen { p.t.Helper(); return p.say(map[string]any{"do": "state"}) }

func (p *sdkProgram) fill(placeholder, value string) {
	p.t.Helper()
	p.say(map[string]any{"do": "fill", "placeholder": placeholder, "value": value})
}

// press presses a button as soon as it can be.
func (p *sdkProgram) press(text string) {
	p.t.Helper()
	p.until("the button "+text+" can be pressed", func(screen) bool {
		return !p.say(map[string]any{"do": "press", "text": text}).Disabled
	})
}

// until waits for something to be on the screen.
func (p *sdkProgram) until(what string, holds func(s screen) bool) screen {
	p.t.Helper()
	var s screen
	for end := time.Now().Add(harness.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if s = p.state(); holds(s) {
			return s
		}
	}
	p.t.Fatalf("waiting until %s: %+v", what, s)
	return s
}

func (p *sdkProgram) loaded() screen {
	p.t.Helper()
	return p.until("clerk-js has loaded", func(s screen) bool { return s.Loaded })
}

func (p *sdkProgram) shows(text string) screen {
	p.t.Helper()
	return p.until("it shows "+text, func(s screen) bool { return strings.Contains(s.Text, text) })
}

// signedIn waits for a session.
func (p *sdkProgram) signedIn() screen {
	p.t.Helper()
	return p.until("somebody is signed in", func(s screen) bool { return s.User != "" })
}

// runNode runs a program of sdk/ that reads one thing and ends, and returns what
// it has printed.
func runNode(t testing.TB, input any, args ...string) []byte {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", args...)
	cmd.Dir = "sdk"
	var out, problem bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &out, &problem
	if err := cmd.Run(); err != nil {
		t.Fatalf("node %s: %v\n%s", strings.Join(args, " "), err, problem.String())
	}
	return out.Bytes()
}

// steps makes a subtest of every line that a program has printed.
func steps(t *testing.T, out []byte) {
	t.Helper()
	n := 0
	for _, line := range lines(string(out)) {
		var step struct{ Name, Fault string }
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		n++
		t.Run(step.Name, func(t *testing.T) {
			if step.Fault != "" {
				t.Error(step.Fault)
			}
		})
	}
	if n == 0 {
		t.Error(fmt.Errorf("the program has done nothing"))
	}
}
