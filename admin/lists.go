// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// Where a line of a list comes from.
const (
	fromConfig  = "config"
	fromCommand = "command"
)

const paramPattern = "pattern"

// Restrictions lists the lines of one list: those of the configuration first,
// then those that were added at run time.
func (s *Service) Restrictions(ctx context.Context, list gatelatch.RestrictionList) ([]Restriction, *gatelatch.Refusal, error) {
	if no := checkList(list); no != nil {
		return nil, no, nil
	}
	var rows []gatelatch.Restriction
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		rows, err = tx.Restrictions(ctx)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the lists: %w", err)
	}
	lines := make([]Restriction, 0, len(rows))
	for _, p := range s.configured(list) {
		lines = append(lines, Restriction{List: list, Pattern: p.String(), Source: fromConfig})
	}
	for _, row := range rows {
		if row.List == list {
			lines = append(lines, viewRestriction(row))
		}
	}
	return lines, nil, nil
}

func viewRestriction(r gatelatch.Restriction) Restriction {
	return Restriction{ID: r.ID, List: r.List, Pattern: r.Pattern, Source: fromCommand, CreatedAt: r.CreatedAt}
}

func checkList(list gatelatch.RestrictionList) *gatelatch.Refusal {
	if list == gatelatch.AllowList || list == gatelatch.BlockList {
		return nil
	}
	return refuse(gatelatch.CodeValue, "list", "There are two lists: allow and block.")
}

func (s *Service) configured(list gatelatch.RestrictionList) []admission.Pattern {
	if list == gatelatch.AllowList {
		return s.Flow.Admission.Allow
	}
	return s.Flow.Admission.Block
}

// AddRestriction adds a line to a list; it holds for sign-ups from now on. With notify
// the holder of an address is invited with it; nobody is told of a domain or a
// country, nor who has a user.
func (s *Service) AddRestriction(
	ctx context.Context, list gatelatch.RestrictionList, text string, notify bool,
) (*Restriction, *gatelatch.Refusal, error) {
	pattern, no := readLine(list, text)
	if no != nil {
		return nil, no, nil
	}
	now := s.now()
	row := gatelatch.Restriction{
		ID: gatelatch.NewID(gatelatch.PrefixRestriction, now), List: list, Pattern: pattern.String(), CreatedAt: now,
	}
	view := viewRestriction(row)
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		if err = tx.PutRestriction(ctx, row); err == nil && notify {
			view.InvitationID, err = s.tellAllowed(ctx, tx, strings.TrimSpace(text))
		}
		return err
	})
	if errors.Is(err, gatelatch.ErrConflict) {
		return nil, refuse(gatelatch.CodeDuplicate, paramPattern, "The %s list has %s already.", list, row.Pattern), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("adding to a list: %w", err)
	}
	if view.InvitationID != "" {
		s.wake()
	}
	return &view, nil, nil
}

// tellAllowed invites the holder of an address that has come to the allow list, and
// returns the id of the invitation; empty when there is nobody to tell, or nobody can
// follow the message.
func (s *Service) tellAllowed(ctx context.Context, tx flow.Tx, text string) (string, error) {
	to, no := s.Flow.Identifiers.Parse(text)
	if no != nil || strings.HasPrefix(text, "*") {
		return "", nil
	}
	if err := alone(ctx, tx); err != nil {
		return "", err
	}
	if no, err := s.welcome(ctx, tx, to.Identifier); no != nil || err != nil {
		return "", err
	}
	made, err := s.invite(ctx, tx, to, terms{expires: InviteeLifetime, notice: delivery.NoticeInvitation})
	return made.ID, err
}

func readLine(list gatelatch.RestrictionList, text string) (admission.Pattern, *gatelatch.Refusal) {
	if no := checkList(list); no != nil {
		return admission.Pattern{}, no
	}
	pattern, err := admission.Parse(text)
	if err != nil {
		return pattern, refuse(gatelatch.CodeFormat, paramPattern, "%s", err.Error())
	}
	return pattern, nil
}

// RemoveRestriction removes a line that was added at run time.
func (s *Service) RemoveRestriction(ctx context.Context, list gatelatch.RestrictionList, text string) (*Restriction, *gatelatch.Refusal, error) {
	pattern, no := readLine(list, text)
	if no != nil {
		return nil, no, nil
	}
	var gone *gatelatch.Restriction
	err := s.inTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		gone = nil
		rows, err := tx.Restrictions(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(r gatelatch.Restriction) bool { return r.List == list && r.Pattern == pattern.String() })
		if i < 0 {
			return nil
		}
		gone = &rows[i]
		return tx.DeleteRestriction(ctx, gone.ID)
	})
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("removing from a list: %w", err)
	case gone != nil:
		view := viewRestriction(*gone)
		return &view, nil, nil
	case slices.Contains(s.configured(list), pattern):
		return nil, refuse(gatelatch.CodeForbidden, paramPattern,
			"%s stands in the configuration; take it out there and reload.", pattern), nil
	}
	return nil, refuse(gatelatch.CodeNotFound, paramPattern, "The %s list has no line %s.", list, pattern), nil
}

// RestrictionByID returns a line that was added at run time.
func (s *Service) RestrictionByID(ctx context.Context, list gatelatch.RestrictionList, id string) (*Restriction, *gatelatch.Refusal, error) {
	lines, no, err := s.Restrictions(ctx, list)
	if no != nil || err != nil {
		return nil, no, err
	}
	for _, l := range lines {
		if l.ID == id && id != "" {
			return &l, nil, nil
		}
	}
	return nil, refuse(gatelatch.CodeNotFound, "", "The %s list has no line with that id.", list), nil
}

// Admission says what the lists and the configuration keep out, all together.
func (s *Service) Admission(ctx context.Context) (admission.Rules, error) {
	var rows []gatelatch.Restriction
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		rows, err = tx.Restrictions(ctx)
		return err
	})
	if err != nil {
		return admission.Rules{}, fmt.Errorf("reading the lists: %w", err)
	}
	return s.Flow.Admission.With(rows), nil
}
