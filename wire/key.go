// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"crypto/sha1" //nolint:gosec // Clerk's suffix of cookie names is made with it; nothing is protected by it
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// PublishableKey is what programs are configured with: pk_live_ or pk_test_, and
// the host of the Frontend API with a "$" behind it, in base64. It is no secret.
type PublishableKey string

// The two beginnings. SDKs behave as in development with the second.
const (
	liveKey = "pk_live_"
	testKey = "pk_test_"
)

// NewPublishableKey returns the live key of a host, such as app.example.com or
// localhost:8080. SDKs take no host without a dot: localhost becomes
// gatelatch.localhost, which every browser finds on the same machine.
func NewPublishableKey(host string) PublishableKey {
	name, port, found := strings.Cut(host, ":")
	if !strings.Contains(name, ".") {
		name = "gatelatch." + name
	}
	if found {
		name += ":" + port
	}
	return PublishableKey(liveKey + base64.RawStdEncoding.EncodeToString([]byte(name+"$")))
}

var errKey = errors.New("a publishable key is pk_live_ or pk_test_, and a host with a dot and \"$\" behind it in base64")

// ParsePublishableKey checks a key as SDKs do.
func ParsePublishableKey(s string) (PublishableKey, error) {
	k := PublishableKey(s)
	host, err := k.decode()
	if err != nil {
		return "", err
	}
	if !strings.Contains(host, ".") || strings.ContainsAny(host, "$/ ") {
		return "", fmt.Errorf("%w: this one names %q", errKey, host)
	}
	return k, nil
}

func (k PublishableKey) decode() (string, error) {
	rest, live := strings.CutPrefix(string(k), liveKey)
	if !live {
		var test bool
		if rest, test = strings.CutPrefix(string(k), testKey); !test {
			return "", errKey
		}
	}
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(rest, "="))
	host, ended := strings.CutSuffix(string(text), "$")
	if err != nil || !ended {
		return "", errKey
	}
	return host, nil
}

// Host returns the host that the key names, or nothing for a text that is no key.
func (k PublishableKey) Host() string {
	host, _ := k.decode() // an error leaves it empty
	return host
}

// Issuer returns what tokens name as their issuer: SDKs trust cookies without a
// suffix only when it is the host of the key, on https.
func (k PublishableKey) Issuer() string { return "https://" + k.Host() }

// Live reports whether SDKs behave as in production.
func (k PublishableKey) Live() bool { return strings.HasPrefix(string(k), liveKey) }

// Suffix returns the end of the names of cookies that belong to this key, eight
// characters: several apps of one host keep theirs apart by it.
func (k PublishableKey) Suffix() string {
	sum := sha1.Sum([]byte(k)) //nolint:gosec // see the import
	return strings.NewReplacer("+", "-", "/", "_").Replace(base64.StdEncoding.EncodeToString(sum[:])[:8])
}
