// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"encoding/base64"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/gatelatch/gatelatch"
)

// Param is the wire name of what a browser answers.
const Param = "public_key_credential"

// What is said to people. Whoever forges an answer learns no more.
const (
	unreadable = "The browser's answer could not be read. Try again, or use another way."
	unverified = "This passkey could not be verified. Try again, or use another way."
)

// maxText bounds an answer, in bytes. The largest attestations have about ten
// thousand.
const maxText = 32 << 10

func refuse(message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodePasskeyInvalid, Message: message, Param: Param}
}

func readable(text string) *gatelatch.Refusal {
	if strings.TrimSpace(text) == "" {
		return &gatelatch.Refusal{Code: gatelatch.CodeMissing, Message: "The browser has given no passkey. Try again.", Param: Param}
	}
	if len(text) > maxText {
		return refuse(unreadable)
	}
	return nil
}

// challengeOf decodes the challenge that the browser has signed. One challenge
// has one spelling.
func challengeOf(data protocol.CollectedClientData) ([]byte, bool) {
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(data.Challenge)
	return challenge, err == nil && len(challenge) > 0 && !strings.ContainsAny(data.Challenge, "\r\n")
}
