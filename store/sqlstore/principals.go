// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// PrincipalByTokenHash implements [session.Repo].
func (s *Store) PrincipalByTokenHash(ctx context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	var p session.Principal
	err := s.read(ctx, func(u *unit) error {
		all, err := u.principals(ctx, selectPrincipal, h[:])
		if err == nil && len(all) == 0 {
			err = gatelatch.ErrNotFound
		}
		if err == nil {
			p = all[0]
		}
		return err
	})
	return p, step("reading who a session belongs to", err)
}

// PrincipalsByClient implements [session.Repo]. Only a client without a session
// takes a second query.
func (s *Store) PrincipalsByClient(ctx context.Context, h gatelatch.TokenHash, limit int) (gatelatch.Client, []session.Principal, error) {
	var (
		c   gatelatch.Client
		all []session.Principal
	)
	err := s.read(ctx, func(u *unit) (err error) {
		if all, err = u.principals(ctx, selectPrincipals, h[:], max(limit, 0)); err != nil {
			return err
		}
		if len(all) > 0 {
			c = all[0].Client
			return nil
		}
		c, err = u.ClientByTokenHash(ctx, h)
		return err
	})
	if err != nil {
		return gatelatch.Client{}, nil, step("reading the sessions of a client", err)
	}
	return c, all, nil
}

func (u *unit) principals(ctx context.Context, query string, args ...any) ([]session.Principal, error) {
	var (
		all []session.Principal
		row principalRow
	)
	dest := row.dest()
	err := u.rows(ctx, func(rows *sql.Rows) error {
		err := row.scan(rows, dest)
		all = row.into(all)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// principalRow gathers principals from rows of a session, its client, its user and
// one address. The rows of a session follow each other.
type principalRow struct {
	session         sessionRow
	client          gatelatch.Client
	created, expire int64
	user            userRow
}

func (r *principalRow) dest() []any {
	return append(r.session.dest(), &r.client.ID, hash{&r.client.TokenHash}, &r.created, &r.expire)
}

// scan reads a row. Two sessions may have the same user, whose addresses come once
// with each.
func (r *principalRow) scan(rows *sql.Rows, dest []any) error {
	before := r.session.s.ID
	if err := r.user.scan(rows, dest...); err != nil {
		return err
	}
	if u := &r.user.user; r.session.s.ID != before && len(u.Addresses) > 1 {
		u.Addresses = []gatelatch.Address{u.Addresses[len(u.Addresses)-1]}
	}
	r.client.CreatedAt, r.client.ExpireAt = stored.Time(r.created), stored.Time(r.expire)
	return nil
}

// into adds a principal to those before, one of whose addresses it may be.
func (r *principalRow) into(all []session.Principal) []session.Principal {
	p := session.Principal{User: r.user.user, Session: r.session.session(), Client: r.client}
	if n := len(all); n > 0 && all[n-1].Session.ID == p.Session.ID {
		all = all[:n-1]
	}
	return append(all, p)
}
