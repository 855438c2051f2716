// SPDX-License-Identifier: Apache-2.0

package secondfactor

import (
	"strings"
	"unicode"

	"github.com/gatelatch/gatelatch"
)

// maxTyped bounds what is looked at, in bytes: a code with separators is far
// shorter.
const maxTyped = 64

// ReadTOTP turns what somebody typed into six digits. Spaces, hyphens and
// digits of other keyboards are welcome.
func ReadTOTP(typed string) (gatelatch.Secret, *gatelatch.Refusal) {
	if strings.TrimSpace(typed) == "" {
		return "", refuse(gatelatch.CodeMissing, "Enter the code that the app shows.")
	}
	code := plain(typed)
	if strings.Trim(code, "0123456789") != "" {
		return "", refuse(gatelatch.CodeFormat, "The code consists of digits only.")
	}
	if len(typed) > maxTyped || len(code) != digits {
		return "", refuse(gatelatch.CodeFormat, "The code of the app has 6 digits.")
	}
	return gatelatch.Secret(code), nil
}

// ReadBackup turns what somebody typed into the form of a backup code: letters
// of any case, with or without hyphen and spaces. An o is read as the nought
// that it looks like, i and l as one, and u as v; none of them is in the
// alphabet.
func ReadBackup(typed string) (gatelatch.Secret, *gatelatch.Refusal) {
	if strings.TrimSpace(typed) == "" {
		return "", refuse(gatelatch.CodeMissing, "Enter one of your backup codes.")
	}
	code := lookAlikes.Replace(plain(typed))
	if len(typed) > maxTyped || len(code) != backupLength || strings.Trim(code, backupAlphabet) != "" {
		return "", refuse(gatelatch.CodeFormat, "A backup code has 10 letters and digits, such as abcde-23456.")
	}
	return gatelatch.Secret(code), nil
}

var lookAlikes = strings.NewReplacer("o", "0", "i", "1", "l", "1", "u", "v")

// plain drops what people and programs put between characters, folds
// full-width forms and case, and reads digits of other keyboards.
func plain(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), r == '.', r == '_':
			return -1
		case r >= '\uff01' && r <= '\uff5e':
			return unicode.ToLower(r - '\uff01' + '!')
		case r >= '\u0660' && r <= '\u0669':
			return r - '\u0660' + '0'
		case r >= '\u06f0' && r <= '\u06f9':
			return r - '\u06f0' + '0'
		}
		return unicode.ToLower(r)
	}, typed)
}

func refuse(code gatelatch.Code, message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: code, Message: message, Param: "code"}
}
