// SPDX-License-Identifier: Apache-2.0

package secondfactor_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/secondfactor"
)

var (
	noon      = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	backupKey = gatelatch.Key{1, 2, 3}
)

func read(t testing.TB, typed string) gatelatch.Secret {
	t.Helper()
	code, no := secondfactor.ReadBackup(typed)
	if no != nil {
		t.Fatalf("%q: %+v", typed, no)
	}
	return code
}

func TestBackupCodes(t *testing.T) {
	shown, kept := secondfactor.NewBackupCodes(backupKey, "user_1")
	if len(shown) != secondfactor.BackupCount || len(kept) != secondfactor.BackupCount || secondfactor.UnusedBackup(kept) != 10 {
		t.Fatalf("%d shown, %d kept", len(shown), len(kept))
	}
	form := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$`)
	seen := map[gatelatch.Secret]bool{}
	for i, code := range shown {
		if !form.MatchString(code.Reveal()) || seen[code] {
			t.Errorf("%q", code.Reveal())
		}
		seen[code] = true
		if got := secondfactor.FindBackup(backupKey, "user_1", kept, read(t, code.Reveal())); got != i {
			t.Errorf("code %d is found at %d", i, got)
		}
		if len(kept[i].Hash) != 32 || bytes.Contains(kept[i].Hash, []byte(code.Reveal()[:5])) || !kept[i].UsedAt.IsZero() {
			t.Errorf("code %d is kept as %+v", i, kept[i])
		}
	}
}

func TestABackupCodeIsForOneUserAndOneUse(t *testing.T) {
	shown, kept := secondfactor.NewBackupCodes(backupKey, "user_1")
	code := read(t, shown[3].Reveal())
	find := secondfactor.FindBackup
	if find(backupKey, "user_2", kept, code) != -1 {
		t.Error("it is found among another user's")
	}
	if find(gatelatch.Key{9}, "user_1", kept, code) != -1 {
		t.Error("it is found without the key")
	}
	if find(backupKey, "user_1", nil, code) != -1 || find(backupKey, "user_1", []gatelatch.BackupHash{{}, {Hash: []byte{}}}, "") != -1 {
		t.Error("it is found where there is none")
	}
	if find(backupKey, "user_1", kept, "0000000000") != -1 || find(backupKey, "user_1", kept, "") != -1 {
		t.Error("a code that was never made is found")
	}
	kept[3].UsedAt = noon
	if find(backupKey, "user_1", kept, code) != -1 || secondfactor.UnusedBackup(kept) != 9 {
		t.Error("a used code is found")
	}
	if find(backupKey, "user_1", kept, read(t, shown[4].Reveal())) != 4 {
		t.Error("the others went with it")
	}
}

// People copy codes from paper.
func TestReadBackupForgives(t *testing.T) {
	for typed, want := range map[string]gatelatch.Secret{
		"abcde-fghjk": "abcdefghjk", "ABCDEFGHJK": "abcdefghjk", " ab cd e-\u2013fghjk\n": "abcdefghjk", "ＡＢＣＤＥ－ＦＧＨＪＫ": "abcdefghjk",
		"oO0iIlL1uV": "0001111" + "1vv", "a.b_c-d e f g h j k": "abcdefghjk",
	} {
		if got := read(t, typed); got != want {
			t.Errorf("%q is read as %q", typed, got.Reveal())
		}
	}
	for typed, want := range map[string]gatelatch.Code{
		"": gatelatch.CodeMissing, " ": gatelatch.CodeMissing, "abcde": gatelatch.CodeFormat, "abcde-fghjk-m": gatelatch.CodeFormat,
		"abcde-fghj*": gatelatch.CodeFormat, "äbcde-fghjk": gatelatch.CodeFormat, "---": gatelatch.CodeFormat, "005924": gatelatch.CodeFormat,
		strings.Repeat("a", 1<<20): gatelatch.CodeFormat,
	} {
		code, no := secondfactor.ReadBackup(typed)
		if code != "" || no == nil || no.Code != want || no.Param != "code" || no.Message == "" {
			t.Errorf("%.30q: %q, %+v", typed, code.Reveal(), no)
		}
	}
}

func TestHoweverItIsTypedItIsTheSameCode(t *testing.T) {
	shown, kept := secondfactor.NewBackupCodes(backupKey, "user_1")
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, secondfactor.BackupCount-1).Draw(t, "code")
		var typed strings.Builder
		for _, c := range shown[i].Reveal() {
			form := strings.ToUpper(string(c))
			switch {
			case rapid.Bool().Draw(t, "small"):
				form = string(c)
			case c == '0' && rapid.Bool().Draw(t, "as a letter"):
				form = "O"
			case c == '1' && rapid.Bool().Draw(t, "as a letter"):
				form = "l"
			}
			typed.WriteString(form + rapid.SampledFrom([]string{"", "", " ", "-"}).Draw(t, "between"))
		}
		code, no := secondfactor.ReadBackup(typed.String())
		if no != nil || secondfactor.FindBackup(backupKey, "user_1", kept, code) != i {
			t.Fatalf("%q: %+v", typed.String(), no)
		}
	})
}

func FuzzReadBackup(f *testing.F) {
	for _, seed := range []string{"abcde-fghjk", "ＡＢＣＤＥ", "K\u212a", "\xff", "oOiIlLuUvV", "İİİİİİİİİİ", strings.Repeat("z", 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, no := secondfactor.ReadBackup(typed)
		if (code == "") != (no != nil) || no == nil && (len(code) != 10 || strings.ContainsAny(code.Reveal(), "iloU -")) {
			t.Fatalf("%q: %q, %+v", typed, code.Reveal(), no)
		}
		if no == nil && read(t, code.Reveal()) != code {
			t.Fatalf("%q is read otherwise a second time", code.Reveal())
		}
	})
}
