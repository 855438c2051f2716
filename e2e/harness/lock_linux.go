// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// walWriteLock is the byte of the -shm file that a writer of a SQLite database
// in WAL mode locks (sqlite.org/walformat.html, section 2.3).
const walWriteLock = 120

// LockDatabase takes the one write lock of a SQLite database, as another
// process in the middle of a long transaction has it, until release is called.
func LockDatabase(path string) (release func() error, err error) {
	f, err := os.OpenFile(path+"-shm", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: walWriteLock, Len: 1}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLKW, &lock); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return f.Close, nil // closing lets go of the lock
}

// MountTiny puts a file system of so many bytes at dir.
func MountTiny(dir string, size int) (unmount func() error, err error) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		return nil, fmt.Errorf("mounting a tiny file system: %w", err)
	}
	return func() error { return syscall.Unmount(dir, syscall.MNT_DETACH) }, nil
}
