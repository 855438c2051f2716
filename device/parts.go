// SPDX-License-Identifier: Apache-2.0

package device

import (
	"strings"

	"github.com/mileusna/useragent"
)

// Parts are what a browser says of itself, each in words of ours, or empty.
type Parts struct {
	Program string // "Chrome"
	// Version has digits and dots alone.
	Version string
	System  string // "Windows", "Mac", "iPhone"
	Mobile  bool
}

// Read takes a User-Agent header apart. Like [Name] it repeats nothing that a
// stranger could have written.
func Read(userAgent string) Parts {
	ua := useragent.Parse(Cut(userAgent))
	p := Parts{Program: programs[ua.Name], System: system(ua), Mobile: ua.Mobile || ua.Tablet}
	if p.Program != "" {
		p.Version = version(ua.Version)
	}
	return p
}

// maxVersion bounds a version, in bytes.
const maxVersion = 20

func version(said string) string {
	if len(said) > maxVersion || strings.Trim(said, "0123456789.") != "" {
		return ""
	}
	return said
}
