// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxTail is how much of the end of a file is read, in bytes.
const maxTail = 1 << 20

// Read returns the last messages of the file at path, newest first, at most
// limit of them. It reads no more than the last MiB, and skips lines that are no
// messages (cut off, or somebody else's). A file that is not there holds no
// messages; a path that is no regular file is an error.
func Read(path string, limit int) ([]Entry, error) {
	tail, err := readTail(path)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	var entries []Entry
	for len(tail) > 0 && len(entries) < limit {
		var line []byte
		tail, line = cutLastLine(tail)
		if e, ok := parse(line); ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// readTail returns the whole lines within the end of a file.
func readTail(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	start := max(info.Size()-maxTail, 0)
	tail, err := io.ReadAll(io.NewSectionReader(f, start, maxTail))
	if err != nil {
		return nil, err
	}
	if start > 0 { // the first line has lost its beginning
		_, tail, _ = bytes.Cut(tail, []byte{'\n'})
	}
	return tail, nil
}

// cutLastLine splits b before its last line, whose line feed is taken off.
func cutLastLine(b []byte) (rest, line []byte) {
	b = bytes.TrimSuffix(b, []byte{'\n'})
	i := bytes.LastIndexByte(b, '\n') + 1
	return b[:i], b[i:]
}

// parse reads one line, and reports whether it is a message.
func parse(line []byte) (Entry, bool) {
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return Entry{}, false
	}
	return e, e.To != "" && e.Channel != "" && (e.Code != "" || e.Body != "")
}
