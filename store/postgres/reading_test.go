// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/store/postgres"
)

// TestReadingDoesNotWait: who only reads sees what was committed before, while
// somebody is in the middle of a write.
func TestReadingDoesNotWait(t *testing.T) {
	s := at(t, pgtest.Start(t), postgres.Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(tx flow.Tx) error {
		if err := tx.PutCounter(t.Context(), "k", []byte("1"), time.Now()); err != nil {
			return err
		}
		return s.InReadTx(t.Context(), func(tx flow.Tx) error {
			value, err := tx.Counter(t.Context(), "k")
			if value != nil {
				t.Errorf("read %q, which is not committed", value)
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// TestLatestDoesNotWait: who looks for the attempts of a client does not wait for
// somebody who is in the middle of one, also in a transaction that may write.
func TestLatestDoesNotWait(t *testing.T) {
	s := at(t, pgtest.Start(t), postgres.Options{Timeout: 5 * time.Second})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	err := s.InTx(t.Context(), func(tx flow.Tx) error {
		ctx := t.Context()
		return errors.Join(
			tx.CreateUser(ctx, gatelatch.User{ID: "user_x", ExternalID: "ext", Addresses: []gatelatch.Address{{ID: "idn_1"}}}),
			tx.PutSignIn(ctx, flow.NewSignIn("sia_1", "client_a", now)), tx.PutSignUp(ctx, flow.NewSignUp("sua_1", "client_a", now)))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.InTx(t.Context(), func(tx flow.Tx) error { // holds one of each
		_, user := tx.User(t.Context(), "user_x")
		_, in := tx.SignIn(t.Context(), "sia_1")
		_, up := tx.SignUp(t.Context(), "sua_1")
		if err := errors.Join(user, in, up); err != nil {
			return err
		}
		return s.InTx(t.Context(), func(tx flow.Tx) error { return newest(t.Context(), tx, now) })
	})
	if err != nil {
		t.Error(err)
	}
}

func newest(ctx context.Context, tx flow.Tx, now time.Time) error {
	_, in := tx.LatestSignIn(ctx, "client_a", false, now)
	_, up := tx.LatestSignUp(ctx, "client_a", now)
	_, external := tx.UserByExternalID(ctx, "ext")
	_, address := tx.UserByAddressID(ctx, "idn_1")
	return errors.Join(in, up, external, address)
}

// TestSortedByBytes: what is compared or sorted is so by its bytes, whatever the
// language of the server, as in every other store.
func TestSortedByBytes(t *testing.T) {
	dsn := pgtest.Start(t)
	if err := at(t, dsn, postgres.Options{}).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := pool(t, dsn).QueryContext(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'gatelatch_schema' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
AND (column_name IN ('id', 'value', 'kind', 'first_name', 'last_name', 'external_id') OR column_name LIKE '%\_id')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		if column != "meta.value" && !strings.HasPrefix(column, "messages.") { // only ever carried
			t.Errorf("%s follows the language of the server", column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}
