// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

const (
	paramPassword = "password"
	paramDigest   = "password_digest"
	paramHasher   = "password_hasher"
)

// NewPassword is a password that a program gives a user: in the clear, or as a
// digest made elsewhere.
type NewPassword struct {
	Plain gatelatch.Secret
	// Unchecked takes a plain one as it is: whoever moves users over takes what they
	// have.
	Unchecked bool
	// Digest is a hash that package password reads, and Hasher what Clerk calls its
	// kind, such as bcrypt.
	Digest gatelatch.Secret
	Hasher string
	// line says that a line of an import has the digest, which tells its kind itself.
	line bool
}

// hashers are the words of Clerk's Backend API for what package password reads,
// with the beginnings of such hashes. The others are too weak to be kept until
// somebody signs in, or are known to no other program.
var hashers = map[string][]string{
	"argon2i": {"$argon2i$"}, "argon2id": {"$argon2id$"}, "bcrypt": {"$2a$", "$2b$", "$2y$"}, "scrypt": {"$scrypt$"},
	"pbkdf2_sha256": {"pbkdf2_sha256$", "$pbkdf2-sha256$"}, "pbkdf2_sha256_django": {"pbkdf2_sha256$"},
	"pbkdf2_sha512": {"pbkdf2_sha512$", "$pbkdf2-sha512$"},
}

// newPassword judges, hashes and seals a new password of a user there is, outside
// any transaction; nil when none is given. password.ErrBusy says that too many are
// being hashed.
func (s *Service) newPassword(ctx context.Context, userID string, p *NewPassword) (gatelatch.Sealed, *gatelatch.Refusal, error) {
	if p == nil {
		return nil, nil, nil
	}
	a, no, err := s.User(ctx, userID)
	if no != nil || err != nil {
		return nil, no, err
	}
	return s.sealPassword(ctx, a.User, *p)
}

func (s *Service) sealPassword(ctx context.Context, u gatelatch.User, p NewPassword) (gatelatch.Sealed, *gatelatch.Refusal, error) {
	hash, no, err := p.Digest.Reveal(), p.readDigest(), error(nil)
	if p.Digest == "" {
		hash, no, err = s.hash(ctx, u, p)
	}
	if no != nil || err != nil {
		return nil, no, err
	}
	return s.Flow.Keys.Encrypt.Seal("password "+u.ID, []byte(hash)), nil, nil
}

// readDigest says why a digest cannot be taken over.
func (p NewPassword) readDigest() *gatelatch.Refusal {
	if p.Digest == "" {
		return nil
	}
	digest := p.Digest.Reveal()
	if p.line {
		return refuseUnreadable(digest, "password_hash", "The password hash")
	}
	prefixes, known := hashers[p.Hasher]
	switch {
	case p.Hasher == "":
		return refuse(gatelatch.CodeMissing, paramHasher, "A digest needs the name of its hasher beside it.")
	case !known:
		return refuse(gatelatch.CodeValue, paramHasher, "Digests of that kind cannot be taken over.")
	case !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(digest, prefix) }):
		return refuse(gatelatch.CodeFormat, paramDigest, "The digest is not of the kind that its hasher makes.")
	}
	return refuseUnreadable(digest, paramDigest, "The digest")
}

func refuseUnreadable(digest, param, what string) *gatelatch.Refusal {
	if err := password.Readable(digest); err != nil {
		return refuse(gatelatch.CodeFormat, param, "%s cannot be taken over: %s.", what, strings.TrimSuffix(err.Error(), "."))
	}
	return nil
}

// maxUnchecked bounds a password that no rule is asked about, in bytes.
const maxUnchecked = 4096

func (s *Service) hash(ctx context.Context, u gatelatch.User, p NewPassword) (string, *gatelatch.Refusal, error) {
	switch {
	case s.Flow.Hasher == nil || s.passwordsOff():
		return "", refuse(gatelatch.CodeNotOffered, paramPassword, "Passwords are off on this site."), nil
	case p.Plain == "":
		return "", refuse(gatelatch.CodeMissing, paramPassword, "The password is empty."), nil
	case len(p.Plain) > maxUnchecked:
		return "", refuse(gatelatch.CodePasswordLong, paramPassword, "That is too long for a password."), nil
	}
	leave, err := s.Flow.Hasher.Enter()
	if err != nil {
		return "", nil, fmt.Errorf("taking a password: %w", err)
	}
	defer leave()
	if !p.Unchecked {
		if no := s.Flow.PasswordRules.Judge(ctx, p.Plain, paramPassword, s.wordsOf(u)...); no != nil {
			return "", no, nil
		}
	}
	hash, err := s.Flow.Hasher.Hash(ctx, p.Plain)
	if err != nil {
		return "", nil, fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil, nil
}

// wordsOf returns what a password must not be made of.
func (s *Service) wordsOf(u gatelatch.User) []string {
	words := []string{s.Flow.Site}
	for _, a := range u.Addresses {
		words = append(words, a.Display)
	}
	for _, name := range []string{u.FirstName, u.LastName} {
		if name != "" {
			words = append(words, name)
		}
	}
	return words
}

// VerifyPassword says whether a password is the user's, see
// [flow.Service.CheckPassword].
func (s *Service) VerifyPassword(ctx context.Context, userID string, plain gatelatch.Secret) (*gatelatch.Refusal, error) {
	return s.Flow.CheckPassword(ctx, userID, plain)
}

// RemovePassword takes the password away; the user signs in with codes from then
// on. With signOut all sessions end.
func (s *Service) RemovePassword(ctx context.Context, userID string, signOut bool) (*gatelatch.Refusal, error) {
	return s.change(ctx, userID, func(ctx context.Context, h *held) (*gatelatch.Refusal, error) {
		if h.Credentials.Password == nil {
			return refuse(gatelatch.CodeNoPassword, "", "The user has no password."), nil
		}
		h.Credentials.Password, h.recognised = nil, true
		h.User.PasswordReset = false
		if signOut {
			return nil, h.signOut(ctx)
		}
		return nil, nil
	})
}

// SetCompromised has a user set a new password before anything else, since the one
// there is known to others; compromised false takes that back. With signOut all
// sessions end.
func (s *Service) SetCompromised(ctx context.Context, userID string, compromised, signOut bool) (*gatelatch.Refusal, error) {
	if compromised && s.passwordsOff() {
		return s.refusePasswords(), nil
	}
	return s.change(ctx, userID, func(ctx context.Context, h *held) (*gatelatch.Refusal, error) {
		if compromised && h.Credentials.Password == nil {
			return refuse(gatelatch.CodeNoPassword, "", "The user has no password."), nil
		}
		h.User.PasswordReset = compromised
		if !signOut {
			return nil, nil
		}
		return nil, h.signOut(ctx)
	})
}

// passwordNeeded says that the site asks for a password of everybody.
func (s *Service) passwordNeeded() bool { return s.Flow.Policy.Password == flow.Required }
