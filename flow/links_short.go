// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gatelatch/gatelatch"
)

// The link "this wasn't me" has to fit into a text message of 160 characters, where
// it is the only way out of somebody without an e-mail address. So it names no
// session, since those of the client all end; the user by the bytes of its id; and
// the client by a tag, which only has to tell apart the clients of one user.
const (
	arrivalUser = 16 // the bytes of an id
	arrivalTag  = 4
	// shortTokenSize is the size of that link's token in bytes: 80 bits, each guess a
	// request (NIST SP 800-63B asks 64 of look-up secrets that are not throttled).
	shortTokenSize = 10
)

// ShortArrival is the short form of what a notice of a new device is about, and false
// for ids of another make, whose links stay long.
func ShortArrival(about string) (string, bool) {
	_, userID, clientID, ok := readArrival(about)
	if !ok {
		return "", false
	}
	raw, ok := gatelatch.IDBytes(gatelatch.PrefixUser, userID)
	if !ok {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(append(raw[:], clientTag(clientID)...)), true
}

// readShortArrival returns the user and the tag of the client.
func readShortArrival(about string) (userID, tag string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(about)
	if err != nil || len(raw) != arrivalUser+arrivalTag {
		return "", "", false
	}
	return gatelatch.IDOf(gatelatch.PrefixUser, [arrivalUser]byte(raw)), string(raw[arrivalUser:]), true
}

func clientTag(clientID string) []byte {
	sum := sha256.Sum256([]byte(clientID))
	return sum[:arrivalTag]
}

// readAbout understands either form: whose account it was, and which clients are meant.
func readAbout(about string) (userID string, meant func(clientID string) bool, ok bool) {
	if strings.Contains(about, ".") {
		_, userID, clientID, ok := readArrival(about)
		return userID, func(id string) bool { return id == clientID }, ok
	}
	userID, tag, ok := readShortArrival(about)
	return userID, func(id string) bool { return string(clientTag(id)) == tag }, ok
}
