// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/caddyserver/certmagic"

	"github.com/gatelatch/gatelatch"
)

const (
	// secretKey is where Caddy's storage holds the site secret.
	secretKey = "gatelatch/secret"
	// secretLock orders processes that start at once on one storage.
	secretLock = "gatelatch_secret"
)

// readSecret reads a site secret as operators write it: hexadecimal, base64,
// or any text, which then counts with its bytes. It returns
// [gatelatch.ErrShortSecret] for less than 32 bytes.
func readSecret(text gatelatch.Secret) ([]byte, error) {
	s := strings.TrimSpace(text.Reveal())
	if b, err := hex.DecodeString(s); err == nil && len(b) >= gatelatch.SiteSecretSize {
		return b, nil
	}
	unpadded := strings.TrimRight(s, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := encoding.DecodeString(unpadded); err == nil && len(b) >= gatelatch.SiteSecretSize {
			return b, nil
		}
	}
	if len(s) < gatelatch.SiteSecretSize {
		return nil, gatelatch.ErrShortSecret
	}
	return []byte(s), nil
}

// storedSecret returns the secret in Caddy's storage, and makes it at the
// first start. Processes that share the storage agree on it.
func storedSecret(ctx context.Context, storage certmagic.Storage, log *slog.Logger) ([]byte, error) {
	text, err := storage.Load(ctx, secretKey)
	if errors.Is(err, fs.ErrNotExist) {
		log.Info("there is no site secret yet: making one; back it up with the database", slog.String("storage_key", secretKey))
		text, err = makeSecret(ctx, storage)
	}
	if err != nil {
		return nil, fmt.Errorf("the site secret in Caddy's storage: %w", err)
	}
	warnIfReadable(storage, log)
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) < gatelatch.SiteSecretSize {
		return nil, fmt.Errorf("the site secret in Caddy's storage (%s) is damaged; restore it from a backup", secretKey)
	}
	return secret, nil
}

func makeSecret(ctx context.Context, storage certmagic.Storage) (text []byte, err error) {
	if err := storage.Lock(ctx, secretLock); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, storage.Unlock(context.WithoutCancel(ctx), secretLock)) }()
	if text, err = storage.Load(ctx, secretKey); !errors.Is(err, fs.ErrNotExist) {
		return text, err // somebody was quicker
	}
	secret := make([]byte, gatelatch.SiteSecretSize)
	_, _ = rand.Read(secret) // never fails, see crypto/rand
	text = []byte(hex.EncodeToString(secret) + "\n")
	return text, storage.Store(ctx, secretKey, text)
}

// warnIfReadable tells when others on this machine can read the secret. Some
// file systems know no modes, so this is no error.
func warnIfReadable(storage certmagic.Storage, log *slog.Logger) {
	files, ok := storage.(*certmagic.FileStorage)
	if !ok {
		return
	}
	name := files.Filename(secretKey)
	if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
		log.Warn("the site secret can be read by others; its mode should be 0600",
			slog.String("file", name), slog.String("mode", info.Mode().Perm().String()))
	}
}
