// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/wire"
)

// programs is what a gate knows of the programs that may call it, with
// placeholders resolved.
type programs struct {
	key     wire.PublishableKey // empty without the Frontend API
	allowed []string
	scripts string
	secrets []backendapi.SecretKey
}

// resolvePrograms finds out which programs may call, and by which keys.
func (g *Gate) resolvePrograms(caddy.Context) error {
	if err := g.checkTestPlace(); err != nil {
		return err
	}
	if f := g.FrontendAPI; f != nil {
		if err := g.resolveFrontend(f); err != nil {
			return err
		}
	}
	if b := g.BackendAPI; b != nil {
		for _, k := range b.SecretKeys {
			if err := g.resolveSecretKey(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTestPlace refuses a code that everybody knows where everybody can use it.
func (g *Gate) checkTestPlace() error {
	if g.TestMode != wordOn || g.site.development {
		return nil
	}
	return fmt.Errorf("test_mode on, but others than this machine reach %s, and whoever does could be any user with a test address "+
		"(+clerk_test, or a number of 555-0100 to 555-0199); write test_mode public if that is meant", g.site.origins[0])
}

func (g *Gate) resolveFrontend(f *FrontendAPI) (err error) {
	if g.programs.key, err = g.publishableKey(f); err != nil {
		return err
	}
	if len(f.AllowedOrigins) > 0 {
		if g.programs.allowed, err = resolveAllowed(f.AllowedOrigins); err != nil {
			return err
		}
	}
	g.programs.scripts, err = resolveSDKFiles(f.SDKFiles)
	return err
}

// publishableKey returns the key that the operator wrote, or the one of the site.
func (g *Gate) publishableKey(f *FrontendAPI) (wire.PublishableKey, error) {
	if f.PublishableKey == "" {
		return wire.NewPublishableKey(keyHost(g.site.origins[0])), nil
	}
	text, err := resolve("frontend_api publishable_key", f.PublishableKey)
	if err != nil {
		return "", err
	}
	key, err := wire.ParsePublishableKey(strings.TrimSpace(text))
	if err != nil {
		return "", fmt.Errorf("frontend_api publishable_key: %w", err)
	}
	return key, nil
}

// keyHost returns the host of an origin as a key may name it: an address of IPv6
// is written as localhost, which no SDK ever looks up.
func keyHost(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	if !strings.HasPrefix(host, "[") {
		return host
	}
	return "localhost" + host[strings.LastIndex(host, "]")+1:]
}

func resolveAllowed(written []string) ([]string, error) {
	var origins []string
	for _, w := range written {
		text, err := resolve("frontend_api allowed_origins", w)
		if err != nil {
			return nil, err
		}
		if err := checkAllowed(text); err != nil {
			return nil, err
		}
		plain, err := resolveOrigins([]string{text})
		if err != nil {
			return nil, fmt.Errorf("frontend_api allowed_origins: %w", err)
		}
		if !slices.Contains(origins, plain[0]) {
			origins = append(origins, plain[0])
		}
	}
	return origins, nil
}

// resolveSDKFiles returns the directory or the address that scripts come from.
func resolveSDKFiles(written string) (string, error) {
	if written == "" {
		return "", nil
	}
	place, err := resolve("frontend_api sdk_files", written)
	if err != nil {
		return "", err
	}
	if err := checkSDKFiles(place); err != nil {
		return "", err
	}
	if strings.Contains(place, "://") {
		return strings.TrimRight(place, "/"), nil
	}
	if info, err := os.Stat(place); err != nil || !info.IsDir() {
		return "", fmt.Errorf("frontend_api sdk_files: %q is no directory; expected one, or https:// and a host", place)
	}
	if info, err := os.Stat(filepath.Join(place, "@clerk")); err != nil || !info.IsDir() {
		return "", fmt.Errorf("frontend_api sdk_files: %q holds no directory @clerk; expected one such as node_modules", place)
	}
	return filepath.Abs(place)
}

func (k SecretKey) name() string { return cmp.Or(k.Name, "default") }

var errSecretKey = errors.New("expected at least 32 characters that a header can carry: letters, digits and signs of ASCII, " +
	"such as openssl rand -hex 32 makes them")

// resolveSecretKey adds a key. Its value is in no error.
func (g *Gate) resolveSecretKey(k SecretKey) error {
	option := strings.TrimSpace("backend_api secret_key " + k.Name)
	value, err := resolveSecret(option, k.Value)
	if err != nil {
		return err
	}
	value = gatelatch.Secret(strings.TrimSpace(value.Reveal())) // files end with a line feed
	if len(value) < minSecretKey || strings.ContainsFunc(value.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%s: %w", option, errSecretKey)
	}
	for _, other := range g.programs.secrets {
		if subtle.ConstantTimeCompare([]byte(other.Value.Reveal()), []byte(value.Reveal())) == 1 {
			return fmt.Errorf("%s is the same key as %s; the log could not tell them apart", option, other.Name)
		}
	}
	g.programs.secrets = append(g.programs.secrets, backendapi.SecretKey{Name: k.name(), Value: value})
	return nil
}

// announce tells the log at every start what an operator should know of the
// interfaces for programs.
func (g *Gate) announce() {
	origin := slog.String("origin", g.site.origins[0])
	if g.testMode() {
		g.log.Warn("test mode is on: whoever reaches this site can be any user with a test address, by the code 424242", origin)
	}
	if g.FrontendAPI == nil {
		return
	}
	g.log.Info("Frontend API", origin, slog.String("publishable_key", string(g.programs.key)),
		slog.String("proxy_url", g.site.origins[0]+g.basePath()))
	if !g.programs.key.Live() {
		g.log.Warn("with a key that begins with pk_test_ Clerk's SDKs behave as in development: they send telemetry, "+
			"and backends expect cookies that only Clerk sets; write one that begins with pk_live_", origin)
	}
	for _, other := range g.elsewhere() {
		g.log.Warn("frontend_api allowed_origins names another site, and browsers send no cookies from there: nobody can stay signed in on it; "+
			"write an origin below the same domain", origin, slog.String("allowed_origin", other))
	}
}

// observeChange writes one line of audit for a call of the Backend API. It holds no
// secret, and neither an address of a person nor one of a network.
func (g *Gate) observeChange(c backendapi.Change) {
	g.log.Info("backend_api", slog.String("key", c.Key), slog.String("method", c.Method), slog.String("path", c.Path),
		slog.String("id", c.ID), slog.Int("status", c.Status))
}
