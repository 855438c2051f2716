// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrInUse says that another process has the database open as its own.
var ErrInUse = errors.New("another process uses this database; several processes need the store postgres")

const (
	// lockWait is how long a start waits for the process before it to end.
	lockWait = 10 * time.Second
	lockPoll = 50 * time.Millisecond
)

// lock takes the database for this process alone, until the returned file is
// closed or the process is gone. The lock lies on a file beside the database:
// locks on the database itself are SQLite's.
func lock(ctx context.Context, path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the database: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		taken, err := tryLock(f)
		switch {
		case err != nil:
			return nil, errors.Join(fmt.Errorf("locking the database: %w", err), f.Close())
		case taken:
			return f, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ErrInUse, f.Close())
		case <-time.After(lockPoll):
		}
	}
}
