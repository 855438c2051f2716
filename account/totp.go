// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// nameOfTOTP is how notices and the export call an authenticator app.
const nameOfTOTP = "authenticator app"

// Enrolment is an authenticator app that is being set up.
type Enrolment struct {
	ID        string
	CreatedAt time.Time
	URI       gatelatch.Secret // "otpauth://..."
	Typed     gatelatch.Secret // the secret, for typing
	QRCode    []byte           // PNG
}

// StartTOTP makes a secret for an authenticator app, in place of one that was
// never confirmed.
func (s *Service) StartTOTP(ctx context.Context, a Actor) (*Enrolment, *gatelatch.Refusal, error) {
	var secret gatelatch.Secret
	var made gatelatch.TOTP
	var u gatelatch.User
	r, err := s.act(ctx, a, "start_totp", factors, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		if act.Policy().SecondFactor == flow.Off {
			return refuseNoSecond(), nil
		}
		c, err := act.credentials(ctx)
		if err != nil {
			return nil, err
		}
		if c.Factors().TOTP {
			return refuse(gatelatch.CodeStateInvalid, "", "There is an authenticator app already. Remove it first."), nil
		}
		secret, u = secondfactor.NewSecret(), act.user
		made = gatelatch.TOTP{
			ID:     gatelatch.NewID(gatelatch.PrefixTOTP, act.Now()),
			Secret: s.Flow.Keys.Encrypt.Seal(sealedTOTP(u.ID), []byte(secret.Reveal())), CreatedAt: act.Now(),
		}
		c.TOTP = &made
		return nil, act.keep(ctx, c, act.user)
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	e, err := s.enrolment(made, secret, u)
	return e, nil, err
}

// sealedTOTP is the purpose for which the secret of a user's app is sealed.
func sealedTOTP(userID string) string { return "totp " + userID }

// TOTP returns the enrolment under way; nil when there is none, or the session
// would have to be asked again before it may see the secret.
func (s *Service) TOTP(ctx context.Context, a Actor) (*Enrolment, error) {
	var secret gatelatch.Secret
	var begun gatelatch.TOTP
	var u gatelatch.User
	r, err := s.act(ctx, a, looks, factors, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		secret, u = "", act.user
		c, err := act.credentials(ctx)
		if err != nil || !act.enrolling(c) {
			return nil, err
		}
		begun = *c.TOTP
		secret, err = s.openTOTP(c)
		return nil, err
	})
	if r != nil || err != nil || secret == "" {
		return nil, err
	}
	return s.enrolment(begun, secret, u)
}

// enrolling reports whether an app is being set up. What was begun long ago has
// been seen by who knows whom, and is begun again.
func (a *acting) enrolling(c gatelatch.Credentials) bool {
	return c.TOTP != nil && c.TOTP.ConfirmedAt.IsZero() && a.Now().Before(c.TOTP.CreatedAt.Add(flow.ChangeLifetime))
}

func (s *Service) openTOTP(c gatelatch.Credentials) (gatelatch.Secret, error) {
	secret, err := s.Flow.Keys.Encrypt.Open(sealedTOTP(c.UserID), c.TOTP.Secret)
	if err != nil {
		return "", fmt.Errorf("opening the secret of an app: %w", err)
	}
	return gatelatch.Secret(secret), nil
}

func (s *Service) enrolment(t gatelatch.TOTP, secret gatelatch.Secret, u gatelatch.User) (*Enrolment, error) {
	uri := secondfactor.URI(secret, s.issuer(), label(u))
	picture, err := secondfactor.QR(uri)
	if err != nil {
		return nil, fmt.Errorf("drawing a code to scan: %w", err)
	}
	return &Enrolment{ID: t.ID, CreatedAt: t.CreatedAt, URI: uri, Typed: secondfactor.Readable(secret), QRCode: picture}, nil
}

func (s *Service) issuer() string {
	switch {
	case s.Issuer != "":
		return s.Issuer
	case s.Flow.Passkeys != nil:
		return s.Flow.Passkeys.Name
	}
	return "Gatelatch"
}

// label is what an app shows beside the site's name.
func label(u gatelatch.User) string {
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		if a, ok := u.Primary(kind); ok {
			return a.Display
		}
	}
	return u.ID
}

// ConfirmTOTP takes the first code of an app. The first factor of a user brings a
// set of backup codes, shown this once.
func (s *Service) ConfirmTOTP(ctx context.Context, a Actor, typed string) ([]gatelatch.Secret, *gatelatch.Refusal, error) {
	code, malformed := secondfactor.ReadTOTP(typed)
	var codes []gatelatch.Secret
	r, err := s.act(ctx, a, "confirm_totp", factors, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		if malformed != nil {
			return malformed, nil
		}
		var r *gatelatch.Refusal
		var err error
		codes, r, err = s.confirmTOTP(ctx, act, code)
		return r, err
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return codes, nil, nil
}

func (s *Service) confirmTOTP(ctx context.Context, act *acting, code gatelatch.Secret) ([]gatelatch.Secret, *gatelatch.Refusal, error) {
	c, err := act.credentials(ctx)
	if err != nil {
		return nil, nil, err
	}
	if act.Policy().SecondFactor == flow.Off || !act.enrolling(c) {
		return nil, refuse(gatelatch.CodeStateInvalid, "", "There is nothing to confirm. Start again."), nil
	}
	secret, err := s.openTOTP(c)
	if err != nil {
		return nil, nil, err
	}
	step, ok := secondfactor.MatchTOTP(secret, code, act.Now(), c.TOTP.LastStep)
	if !ok {
		return nil, refuse(gatelatch.CodeIncorrect, "code", "That code is incorrect. Check that the clock of your device is right."), nil
	}
	had := act.hasSecond()
	c.TOTP.ConfirmedAt, c.TOTP.LastStep = act.Now(), step
	codes := act.firstBackup(&c)
	if err := act.keep(ctx, c, act.user); err != nil {
		return nil, nil, err
	}
	if err := act.markSecond(ctx, had, gatelatch.TOTPCode); err != nil {
		return nil, nil, err
	}
	return codes, nil, act.notify(ctx, delivery.NoticeFactorAdded, nameOfTOTP)
}

// RemoveTOTP forgets the authenticator app. Without another second factor the
// backup codes go too.
func (s *Service) RemoveTOTP(ctx context.Context, a Actor) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "remove_totp", sensitive, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, err := act.credentials(ctx)
		if err != nil || c.TOTP == nil {
			return nil, err
		}
		had := c.Factors().TOTP
		c.TOTP = nil
		if err := act.keep(ctx, c, act.user); err != nil || !had {
			return nil, err
		}
		return nil, act.notify(ctx, delivery.NoticeFactorRemoved, nameOfTOTP)
	})
}
