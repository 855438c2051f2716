// SPDX-License-Identifier: Apache-2.0

package flowtest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps use
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/secondfactor"
	"github.com/gatelatch/gatelatch/session"
)

// Hasher returns a hasher whose hashes cost next to nothing, and that lets
// everybody wait.
func Hasher() *password.Hasher {
	return password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 4, 10_000)
}

// Heard is what a service has told of sessions. It is safe for concurrent use.
type Heard struct {
	mu        sync.Mutex
	forgotten []string
	refreshed []string
}

// Forget implements [flow.Sessions].
func (h *Heard) Forget(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgotten = append(h.forgotten, ids...)
}

// Refresh implements [flow.Sessions].
func (h *Heard) Refresh(userID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refreshed = append(h.refreshed, userID)
}

// Forgotten returns the sessions that were to be forgotten.
func (h *Heard) Forgotten() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.forgotten...)
}

// Refreshed returns the users who were to be looked up again.
func (h *Heard) Refreshed() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.refreshed...)
}

// Tx runs something in a transaction of the store.
func (g *Gate) Tx(fn func(ctx context.Context, tx flow.Tx) error) {
	g.T.Helper()
	ctx := context.Background()
	if err := g.Store.InTx(ctx, func(tx flow.Tx) error { return fn(ctx, tx) }); err != nil {
		g.T.Fatalf("a transaction of the test: %v", err)
	}
}

// User returns a user as stored.
func (g *Gate) User(id string) (u gatelatch.User) {
	g.T.Helper()
	g.Tx(func(ctx context.Context, tx flow.Tx) (err error) {
		u, err = tx.User(ctx, id)
		return err
	})
	return u
}

// ChangeUser changes a stored user.
func (g *Gate) ChangeUser(id string, change func(*gatelatch.User)) {
	g.T.Helper()
	g.Tx(func(ctx context.Context, tx flow.Tx) error {
		u, err := tx.User(ctx, id)
		if err != nil {
			return err
		}
		change(&u)
		return tx.PutUser(ctx, u)
	})
}

// Credentials returns what a user is recognised by.
func (g *Gate) Credentials(userID string) (c gatelatch.Credentials) {
	g.T.Helper()
	g.Tx(func(ctx context.Context, tx flow.Tx) (err error) {
		c, err = tx.Credentials(ctx, userID)
		return err
	})
	return c
}

// ChangeCredentials changes them, and what the user tells of them.
func (g *Gate) ChangeCredentials(userID string, change func(*gatelatch.Credentials)) {
	g.T.Helper()
	g.Tx(func(ctx context.Context, tx flow.Tx) error {
		c, err := tx.Credentials(ctx, userID)
		if err != nil {
			return err
		}
		change(&c)
		if err := tx.PutCredentials(ctx, c); err != nil {
			return err
		}
		u, err := tx.User(ctx, userID)
		if err != nil {
			return err
		}
		u.Factors = c.Factors()
		return tx.PutUser(ctx, u)
	})
}

// AddPassword gives a user a password.
func (g *Gate) AddPassword(userID, plain string) {
	g.T.Helper()
	hash, err := g.Hasher.Hash(context.Background(), gatelatch.Secret(plain))
	if err != nil {
		g.T.Fatalf("hashing: %v", err)
	}
	g.AddHash(userID, hash)
}

// AddHash gives a user a password by its hash.
func (g *Gate) AddHash(userID, hash string) {
	g.T.Helper()
	g.ChangeCredentials(userID, func(c *gatelatch.Credentials) {
		c.Password = &gatelatch.Password{Hash: g.Keys.Encrypt.Seal("password "+userID, []byte(hash)), SetAt: g.Clock.Now()}
	})
}

// AddTOTP gives a user an authenticator app and returns its secret.
func (g *Gate) AddTOTP(userID string) gatelatch.Secret {
	g.T.Helper()
	secret := secondfactor.NewSecret()
	g.ChangeCredentials(userID, func(c *gatelatch.Credentials) {
		c.TOTP = &gatelatch.TOTP{
			ID: gatelatch.NewID(gatelatch.PrefixTOTP, g.Clock.Now()), Secret: g.Keys.Encrypt.Seal("totp "+userID, []byte(secret.Reveal())),
			CreatedAt: g.Clock.Now(), ConfirmedAt: g.Clock.Now(),
		}
	})
	return secret
}

// AddBackupCodes gives a user a set of backup codes and returns them.
func (g *Gate) AddBackupCodes(userID string) []gatelatch.Secret {
	g.T.Helper()
	shown, kept := secondfactor.NewBackupCodes(g.Keys.Factor, userID)
	g.ChangeCredentials(userID, func(c *gatelatch.Credentials) { c.BackupCodes = kept })
	return shown
}

// AddAddress gives a user another address; a reserved one is kept for the second
// step.
func (g *Gate) AddAddress(userID, typed string, reserved bool) {
	g.T.Helper()
	parsed, r := g.Identifiers.Parse(typed)
	if r != nil {
		g.T.Fatalf("%s", r.Message)
	}
	g.ChangeUser(userID, func(u *gatelatch.User) {
		_, have := u.Primary(parsed.Kind)
		u.Addresses = append(u.Addresses, gatelatch.Address{
			ID: gatelatch.NewID(gatelatch.PrefixAddress, g.Clock.Now()), Identifier: parsed.Identifier, Display: parsed.Display,
			VerifiedAt: g.Clock.Now(), Primary: !have && !reserved, SecondFactor: reserved,
		})
	})
}

// AppCode returns what an authenticator app shows now (RFC 6238).
func (g *Gate) AppCode(secret gatelatch.Secret) string {
	mac := hmac.New(sha1.New, []byte(secret.Reveal()))
	_ = binary.Write(mac, binary.BigEndian, g.Clock.Now().Unix()/30)
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Trust makes a client known as a user's, as a sign-in with a code does.
func (g *Gate) Trust(who flow.Caller, userID string) {
	g.T.Helper()
	now := g.Clock.Now()
	g.Tx(func(ctx context.Context, tx flow.Tx) error {
		c := gatelatch.Client{
			ID: gatelatch.NewID(gatelatch.PrefixClient, now), TokenHash: who.Client.Hash(), CreatedAt: now, ExpireAt: now.Add(session.ClientLifetime),
		}
		if err := tx.CreateClient(ctx, c); err != nil {
			return err
		}
		return tx.PutClientTrust(ctx, gatelatch.ClientTrust{UserID: userID, ClientID: c.ID, TrustedAt: now, LastUsedAt: now})
	})
}
