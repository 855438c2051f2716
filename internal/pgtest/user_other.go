// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package pgtest

import "os/exec"

// asServer prepares a command of the server.
func asServer(cmd *exec.Cmd, dir string) error {
	cmd.Dir = dir
	return nil
}
