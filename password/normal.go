// SPDX-License-Identifier: Apache-2.0

package password

import (
	"golang.org/x/text/unicode/norm"

	"github.com/gatelatch/gatelatch"
)

// normal returns the NFKC form: one keyboard sends a letter and its accent
// apart, another as one (NIST SP 800-63B-4, section 3.1.1.2).
func normal(plain gatelatch.Secret) string { return norm.NFKC.String(plain.Reveal()) }
