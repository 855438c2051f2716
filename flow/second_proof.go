// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// readSecond understands what was typed for a strategy.
func (o *operation) readSecond(st gatelatch.Strategy, typed string) (gatelatch.Secret, *gatelatch.Refusal) {
	if st == gatelatch.TOTPCode {
		return secondfactor.ReadTOTP(typed)
	}
	if st == gatelatch.BackupCode {
		return secondfactor.ReadBackup(typed)
	}
	return o.Codes.ReadCode(typed)
}

// spendSecond looks at what was typed, and marks in the credentials what may be
// used once: the step of an app's code, or a backup code.
func (o *operation) spendSecond(si SignIn, st gatelatch.Strategy, code gatelatch.Secret, c *gatelatch.Credentials) (bool, error) {
	switch {
	case st == gatelatch.TOTPCode:
		return o.spendTOTP(code, c)
	case st == gatelatch.BackupCode:
		return o.spendBackup(code, c), nil
	case sends(st):
		return o.matchesSecond(code, si), nil
	}
	return false, nil
}

func (o *operation) matchesSecond(code gatelatch.Secret, si SignIn) bool {
	return si.Second != nil && o.matches(code, si.ID, si.SecondPurpose(), *si.Second)
}

func (o *operation) spendTOTP(code gatelatch.Secret, c *gatelatch.Credentials) (bool, error) {
	if c.TOTP == nil || c.TOTP.ConfirmedAt.IsZero() {
		return false, nil
	}
	secret, err := o.secretOf(*c)
	if err != nil {
		return false, err
	}
	step, ok := secondfactor.MatchTOTP(secret, code, o.env.Now, c.TOTP.LastStep)
	if ok {
		app := *c.TOTP
		app.LastStep = step
		c.TOTP = &app
	}
	return ok, nil
}

func (o *operation) secretOf(c gatelatch.Credentials) (gatelatch.Secret, error) {
	secret, err := o.Keys.Encrypt.Open(sealedTOTP(c.UserID), c.TOTP.Secret)
	if err != nil {
		return "", fmt.Errorf("opening the secret of an app: %w", err)
	}
	return gatelatch.Secret(secret), nil
}

// sealedTOTP is the purpose for which the secret of an app is sealed.
func sealedTOTP(userID string) string { return "totp " + userID }

func (o *operation) spendBackup(code gatelatch.Secret, c *gatelatch.Credentials) bool {
	i := secondfactor.FindBackup(o.Keys.Factor, c.UserID, c.BackupCodes, code)
	if i < 0 {
		return false
	}
	codes := append([]gatelatch.BackupHash(nil), c.BackupCodes...)
	codes[i].UsedAt = o.env.Now
	c.BackupCodes = codes
	return true
}

// repeatSecond answers a request for the second step that comes again with what
// it has led to, if it was the one that completed the sign-in.
func (o *operation) repeatSecond(ctx context.Context, out Outcome, st gatelatch.Strategy, typed string) (Outcome, error) {
	si := out.SignIn
	if si == nil || si.Status != SignInComplete || si.SecondBy == "" || cmp.Or(st, si.SecondBy) != si.SecondBy {
		return out, nil
	}
	code, malformed := o.readSecond(si.SecondBy, typed)
	if malformed != nil {
		return out, nil
	}
	if sends(si.SecondBy) {
		if !o.matchesSecond(code, *si) {
			return out, nil
		}
		return o.repeatSignIn(ctx, *si, 0)
	}
	again, err := o.spentJustNow(ctx, *si, code)
	if err != nil || !again {
		return out, err
	}
	return o.repeatSignIn(ctx, *si, doubleClick)
}

// spentJustNow reports whether an app's code or a backup code is the one that was
// used last, a moment ago.
func (o *operation) spentJustNow(ctx context.Context, si SignIn, code gatelatch.Secret) (bool, error) {
	c, err := o.tx.Credentials(ctx, si.UserID)
	if err != nil {
		return false, fmt.Errorf("reading the credentials: %w", err)
	}
	switch {
	case si.SecondBy == gatelatch.BackupCode:
		return secondfactor.FindBackup(o.Keys.Factor, c.UserID, justUsed(c.BackupCodes, o.env.Now), code) >= 0, nil
	case si.SecondBy != gatelatch.TOTPCode || c.TOTP == nil:
		return false, nil
	}
	secret, err := o.secretOf(c)
	if err != nil {
		return false, err
	}
	step, ok := secondfactor.MatchTOTP(secret, code, o.env.Now, c.TOTP.LastStep-1)
	return ok && step == c.TOTP.LastStep, nil
}

// justUsed returns the codes that were used a moment ago, as if they were not.
func justUsed(codes []gatelatch.BackupHash, now time.Time) []gatelatch.BackupHash {
	var used []gatelatch.BackupHash
	for _, c := range codes {
		if !c.UsedAt.IsZero() && now.Before(c.UsedAt.Add(doubleClick)) {
			used = append(used, gatelatch.BackupHash{Hash: c.Hash})
		}
	}
	return used
}
