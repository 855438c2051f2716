// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Ran is what a command of the operator has left behind.
type Ran struct {
	// Out and Err are what it has printed.
	Out, Err string
	// Status is 0 after a success, and -1 when it could not be run at all.
	Status int
}

// Operate runs one of the operator's commands against the running gate.
func (g *Gate) Operate(args ...string) Ran { return g.OperateOn("", args...) }

// OperateOn runs a command that reads something.
func (g *Gate) OperateOn(input string, args ...string) Ran {
	return g.run(input, append(args, "--address", g.Admin)...)
}

// OperateBare runs a command as it is, without saying where the gate is.
func (g *Gate) OperateBare(args ...string) Ran { return g.run("", args...) }

func (g *Gate) run(input string, args ...string) Ran {
	cmd := g.Command(args...)
	var out, problem bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &problem
	err := cmd.Run()
	r := Ran{Out: out.String(), Err: problem.String()}
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		r.Status = ended.ExitCode()
	case err != nil:
		r.Status, r.Err = -1, err.Error()
	}
	return r
}

// Into decodes what a command has printed with --json.
func (r Ran) Into(into any) error {
	if r.Status != 0 {
		return fmt.Errorf("the command ended with %d: %s", r.Status, r.Err)
	}
	if err := json.Unmarshal([]byte(r.Out), into); err != nil {
		return fmt.Errorf("what a command has printed: %w: %.300s", err, r.Out)
	}
	return nil
}

// Table returns the rows that a command has printed, cut into cells, without the
// heading.
func (r Ran) Table() [][]string {
	var rows [][]string
	for i, line := range strings.Split(strings.TrimRight(r.Out, "\n"), "\n") {
		if i == 0 {
			continue
		}
		var cells []string
		for _, cell := range strings.Split(line, "  ") {
			if cell = strings.TrimSpace(cell); cell != "" {
				cells = append(cells, cell)
			}
		}
		rows = append(rows, cells)
	}
	return rows
}
