// SPDX-License-Identifier: Apache-2.0

package password

import (
	"strings"
	"sync"

	"github.com/ccojocar/zxcvbn-go/frequency"
)

// commonPasswords are the ten thousand most common passwords in order of their
// use, which zxcvbn brings.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	list := frequency.Lists["Passwords"].List
	set := make(map[string]bool, len(list))
	for _, word := range list {
		set[strings.ToLower(word)] = true
	}
	return set
})

// common reports whether a password is on the list, whatever its case and its
// accents.
func common(text string) bool { return commonPasswords()[strings.ToLower(fold(text))] }
