// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps use, RFC 6238
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/secondfactor"
)

const goodPassword = "copper mango 71 lantern"

// person changes what the store knows of somebody: what an operator, an import
// or the account pages would have done.
func (w *world) person(email string, change func(u *gatelatch.User, c *gatelatch.Credentials)) gatelatch.User {
	w.t.Helper()
	var who gatelatch.User
	ctx := context.Background()
	err := w.store.Store.InTx(ctx, func(tx flow.Tx) error {
		u, err := tx.UserByIdentifier(ctx, gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: email})
		if err != nil {
			return err
		}
		c, err := tx.Credentials(ctx, u.ID)
		if err != nil {
			return err
		}
		change(&u, &c)
		u.Factors = c.Factors()
		if err := tx.PutCredentials(ctx, c); err != nil {
			return err
		}
		who = u
		return tx.PutUser(ctx, u)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.sessions.Refresh(who.ID)
	return who
}

// app is an authenticator app.
type app struct {
	w      *world
	secret gatelatch.Secret
}

// withApp gives somebody an authenticator app and backup codes.
func (w *world) withApp(email string) (*app, []gatelatch.Secret) {
	w.t.Helper()
	a := &app{w, secondfactor.NewSecret()}
	var codes []gatelatch.Secret
	w.person(email, func(u *gatelatch.User, c *gatelatch.Credentials) {
		keys := w.handler.Flow.Keys
		c.TOTP = &gatelatch.TOTP{
			ID: "totp_1", Secret: keys.Encrypt.Seal("totp "+u.ID, []byte(a.secret.Reveal())), CreatedAt: w.now, ConfirmedAt: w.now,
		}
		codes, c.BackupCodes = secondfactor.NewBackupCodes(keys.Factor, u.ID)
	})
	return a, codes
}

// code is what the app shows now (RFC 4226, section 5.3).
func (a *app) code() string {
	mac := hmac.New(sha1.New, []byte(a.secret.Reveal()))
	_ = binary.Write(mac, binary.BigEndian, a.w.now.Unix()/30)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// withNumber reserves a number of somebody's for the second step.
func (w *world) withNumber(email, number string) {
	w.t.Helper()
	w.person(email, func(u *gatelatch.User, _ *gatelatch.Credentials) {
		u.Addresses = append(u.Addresses, gatelatch.Address{
			ID: "idn_number", Identifier: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: number}, Display: number,
			VerifiedAt: w.now, Primary: true, SecondFactor: true,
		})
	})
}

// joined makes an account with a password, in a browser of its own that ends in
// the app.
func (w *world) joined(email string) *browser {
	w.t.Helper()
	b := w.browser().open("/.auth/sign-up").press("sign_up", "email_address="+email, "password="+goodPassword).says(200, "Check your email")
	return b.press("verify", "code="+w.code()).says(200, "the app, for "+email)
}

// identify gives an address and ends on the page for the password.
func (b *browser) identify(target, email string) *browser {
	b.t.Helper()
	return b.open(target).press("identify", "identifier="+email).says(200, "Enter your password")
}

// eachWay runs a test without script and with the requests of the script.
func eachWay(t *testing.T, test func(t *testing.T, script bool)) {
	t.Helper()
	for name, script := range map[string]bool{"without script": false, "with script": true} {
		t.Run(name, func(t *testing.T) { test(t, script) })
	}
}
