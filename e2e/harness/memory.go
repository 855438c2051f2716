// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory is what a process takes of the machine's memory, in bytes: now, and at
// the worst moment since the last [Gate.ForgetPeak].
type Memory struct{ Now, Peak int64 }

// Memory reads what the gate's process takes (Linux only).
func (g *Gate) Memory() (Memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.cmd.Process.Pid))
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return Memory{}, err
		}
		switch fields[0] {
		case "VmRSS:":
			m.Now = n << 10
		case "VmHWM:":
			m.Peak = n << 10
		}
	}
	return m, nil
}

// ForgetPeak lets the worst moment begin now (proc(5), clear_refs).
func (g *Gate) ForgetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", g.cmd.Process.Pid), []byte("5"), 0o600)
}
