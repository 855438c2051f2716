// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

const (
	// importBatch is how many users one transaction makes: visitors wait for it
	// where there is one writer.
	importBatch = 100
	// maxLine bounds one line of an import.
	maxLine = 64 << 10
)

// Imported is what became of one line: the user it made, or why it made none.
type Imported struct {
	Line   int    `json:"line"`
	ID     string `json:"id,omitempty"`
	Reason string `json:"error,omitempty"`
}

// Import makes users of JSON lines, see [Person], and reports each line in its
// turn; empty lines are passed over. A line that is refused leaves the others
// alone, and so a second run refuses what the first has made. Reasons name
// addresses masked, and no secret. An error is of the reader, the store or
// report; lines reported before it are done.
func (s *Service) Import(ctx context.Context, lines io.Reader, report func(Imported) error) error {
	r := bufio.NewReaderSize(lines, maxLine)
	var batch []pending
	for number, more := 1, true; more; number++ {
		line, err := readLineOf(r)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
			return fmt.Errorf("reading line %d: %w", number, err)
		}
		more = !errors.Is(err, io.EOF)
		p, ok, err := s.pend(ctx, number, line, err)
		if err != nil {
			return fmt.Errorf("reading line %d: %w", number, err)
		}
		if ok {
			batch = append(batch, p)
		}
		if len(batch) < importBatch && more {
			continue
		}
		if err := s.importBatch(ctx, batch, report); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return nil
}

var errLongLine = errors.New("long line")

// readLineOf returns the next line, io.EOF with the last, or errLongLine after
// passing over one that is too long.
func readLineOf(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimSpace(line), err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, errLongLine // the end, if this is it, comes with the next read
}

// pending is a line that waits for its transaction, or was refused before.
type pending struct {
	draft
	line int
	no   *gatelatch.Refusal
}

func (s *Service) pend(ctx context.Context, number int, line []byte, err error) (pending, bool, error) {
	p := pending{line: number}
	if errors.Is(err, errLongLine) {
		p.no = refuse(gatelatch.CodeTooLong, "", "The line is longer than %d bytes.", maxLine)
		return p, true, nil
	}
	if len(line) == 0 {
		return p, false, nil
	}
	var person Person
	if person, p.no = readPerson(line); p.no != nil {
		return p, true, nil
	}
	p.draft, p.no, err = s.draft(ctx, person.newUser())
	return p, true, err
}

func (s *Service) importBatch(ctx context.Context, batch []pending, report func(Imported) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.importTogether(ctx, batch)
	if errors.Is(err, gatelatch.ErrConflict) {
		err = s.importAlone(ctx, batch) // somebody signs up just now; only that line is refused
	}
	if err != nil {
		return err
	}
	for _, p := range batch {
		done := Imported{Line: p.line, ID: p.User.ID}
		if p.no != nil {
			done = Imported{Line: p.line, Reason: p.no.Message}
		}
		if err := report(done); err != nil {
			return err
		}
	}
	return nil
}

// importTogether makes the users of a batch in one transaction.
func (s *Service) importTogether(ctx context.Context, batch []pending) error {
	refused := make([]*gatelatch.Refusal, len(batch))
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		for i, p := range batch {
			if refused[i] = p.no; p.no != nil {
				continue
			}
			if refused[i], err = s.store(ctx, tx, p.draft); err != nil {
				return fmt.Errorf("line %d: %w", p.line, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range batch {
		batch[i].no = refused[i]
	}
	return nil
}

func (s *Service) importAlone(ctx context.Context, batch []pending) error {
	for i := range batch {
		err := s.importTogether(ctx, batch[i:i+1])
		if errors.Is(err, gatelatch.ErrConflict) {
			batch[i].no, err = refuseTaken(true), nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
