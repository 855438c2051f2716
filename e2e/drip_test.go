// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// dripFor is how long a slow sender goes on.
const dripFor = 3 * time.Minute

// drip sends a beginning, and then a little every half second, until it is cut
// (1) or has given up (0).
func drip(g *harness.Gate, begin, more string) int64 {
	conn, err := net.Dial("tcp", g.Addr())
	if err != nil {
		return 0
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, begin); err != nil {
		return 1
	}
	answer := make([]byte, 512)
	for end := time.Now().Add(dripFor); time.Now().Before(end); {
		if _, err := io.WriteString(conn, more); err != nil {
			return 1
		}
		_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond)) // TCP connections have deadlines
		_, err := conn.Read(answer)
		var timeout net.Error
		if err != nil && (!errors.As(err, &timeout) || !timeout.Timeout()) {
			return 1
		}
	}
	return 0
}
