// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package harness

import "errors"

var errLinux = errors.New("only tried on Linux")

// LockDatabase takes the write lock of a SQLite database.
func LockDatabase(string) (release func() error, err error) { return nil, errLinux }

// MountTiny puts a file system of so many bytes at dir.
func MountTiny(string, int) (unmount func() error, err error) { return nil, errLinux }
