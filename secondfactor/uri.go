// SPDX-License-Identifier: Apache-2.0

package secondfactor

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"

	"github.com/gatelatch/gatelatch"
)

// maxLabel bounds a name within an address, in code points: a QR code with more
// in it is hard to scan.
const maxLabel = 64

// URI returns the otpauth address of a secret, for authenticator apps, in the
// form that Google Authenticator has made common. It holds the secret itself.
// The library's own writer lets an ampersand in the issuer through.
func URI(secret gatelatch.Secret, issuer, account string) gatelatch.Secret {
	issuer, account = label(issuer), label(account)
	query := []string{
		"secret=" + base32Plain.EncodeToString([]byte(secret.Reveal())),
		"issuer=" + escape(issuer), "algorithm=SHA1", "digits=" + strconv.Itoa(digits), "period=" + strconv.Itoa(period),
	}
	return gatelatch.Secret("otpauth://totp/" + escape(issuer) + ":" + escape(account) + "?" + strings.Join(query, "&"))
}

// label bounds a name and takes the colon out of it, which parts issuer and
// account.
func label(name string) string {
	name = strings.ToValidUTF8(strings.ReplaceAll(name, ":", " "), "")
	if runes := []rune(name); len(runes) > maxLabel {
		name = string(runes[:maxLabel])
	}
	return strings.TrimSpace(name)
}

// escape writes spaces as %20: apps show a plus as a plus.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// modulePixels is the edge of one module of a QR code.
const modulePixels = 5

// QR draws an address as a PNG, black on white with the quiet zone around it.
// Error correction is medium.
func QR(uri gatelatch.Secret) ([]byte, error) {
	png, err := qrcode.Encode(uri.Reveal(), qrcode.Medium, -modulePixels)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	return png, nil
}
