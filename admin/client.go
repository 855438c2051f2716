// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// maxSessions bounds the sessions of one client that are read at once.
const maxSessions = 100

// Client is a client with its active sessions, the newest first.
type Client struct {
	gatelatch.Client
	Sessions []Session
}

// Clients returns a page of clients, the newest first, and how many there are.
func (s *Service) Clients(ctx context.Context, page Slice) ([]Client, int, error) {
	rows, total, err := s.Repo.FindClients(ctx, page)
	if err != nil {
		return nil, 0, fmt.Errorf("listing clients: %w", err)
	}
	list := make([]Client, len(rows))
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) (err error) {
		for i, row := range rows {
			if list[i], err = s.client(ctx, tx, row); err != nil {
				return err
			}
		}
		return nil
	})
	return list, total, err
}

// Client returns one client.
func (s *Service) Client(ctx context.Context, id string) (one Client, no *gatelatch.Refusal, err error) {
	err = s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		no = nil
		row, err := found(tx.Client(ctx, id))
		if err != nil || row == nil {
			no = refuse(gatelatch.CodeNotFound, "", "There is no client like that.")
			return err
		}
		one, err = s.client(ctx, tx, *row)
		return err
	})
	if err != nil {
		return one, nil, fmt.Errorf("finding a client: %w", err)
	}
	return one, no, nil
}

func (s *Service) client(ctx context.Context, tx flow.Tx, c gatelatch.Client) (Client, error) {
	rows, err := tx.ClientSessions(ctx, c.ID, s.now(), maxSessions)
	if err != nil {
		return Client{}, fmt.Errorf("finding the sessions of a client: %w", err)
	}
	list, err := s.withStanding(ctx, tx, rows)
	return Client{Client: c, Sessions: list}, err
}
