// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

// Patience is how long anything that the gate or the browser does by itself may
// take. It is spent only where something is wrong, so it is long enough for a
// machine that does a lot besides.
const Patience = 60 * time.Second

// Allowance is what a task may take that takes at most d on a machine with
// nothing else to do: longer by as much as more work waits than there are
// processors. Where the system does not tell (not Linux), it is d.
func Allowance(d time.Duration) time.Duration {
	text, err := os.ReadFile("/proc/loadavg") // proc(5): the last minute, and those running now
	if err != nil {
		return d
	}
	var load, five, fifteen float64
	var running, all int
	if n, err := fmt.Sscanf(string(text), "%f %f %f %d/%d", &load, &five, &fifteen, &running, &all); n != 5 || err != nil {
		return d
	}
	share := max(load, float64(running)) / float64(runtime.NumCPU())
	return time.Duration(float64(d) * max(1, share))
}
