// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"regexp"
	"strings"
	"testing"
)

// What a page of the account is worded by has words.
func TestAccountPagesHaveWords(t *testing.T) {
	en := testLocales(t, nil).list[0]
	for _, n := range accountNotices {
		if text, err := en.message("notice." + string(n)); err != nil || text == "" {
			t.Errorf("%s: %v", n, err)
		}
	}
	for page, all := range kinds {
		for _, kind := range all {
			a := &Account{page: page, Kind: kind}
			words := []string{a.key("title"), a.Lead(), a.Submit()}
			if page == PageAccountList {
				words = words[:2]
			}
			for _, key := range words {
				if text, err := en.message(key, "Subject", "x", "Length", 6, "To", "x", "Time", "x"); err != nil || text == "" {
					t.Errorf("%s: %v", key, err)
				}
			}
		}
	}
}

// Each page of the account posts to where its address is known, and a path that
// takes an id does not shadow one that does not.
func TestPlaces(t *testing.T) {
	plain := regexp.MustCompile(`^/account(/[a-z-]+)*/?$`)
	all := places()
	for path, p := range all {
		if !plain.MatchString(path) || p.view == nil {
			t.Errorf("%s is no place", path)
		}
		if _, ok := all[strings.TrimSuffix(path, "/")]; strings.HasSuffix(path, "/") && !ok && path != "/account/change/" && path != "/account/passkeys/remove/" {
			t.Errorf("%s has nothing above it", path)
		}
	}
}
