// SPDX-License-Identifier: Apache-2.0

package password_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
)

// about is what is known of the user in these tests.
var about = []string{"Jo", "Lindqvist", "jo.lindqvist@example.com", "Acme"}

func judge(r password.Rules, plain string) (gatelatch.Code, string) {
	no := r.Judge(context.Background(), gatelatch.Secret(plain), "new_password", about...)
	if no == nil {
		return "", ""
	}
	return no.Code, no.Message
}

func TestLengthsCountCodePointsAfterNFKC(t *testing.T) {
	const good = "vex gourd lint tyro quash bolide snare ptarmigan "
	long := strings.Repeat(good, 4)[:128]
	for _, row := range []struct {
		plain, message string
		code           gatelatch.Code
		rules          password.Rules
	}{
		{"", "Enter a password.", gatelatch.CodeMissing, password.Rules{}},
		{"xK9#mQ2", "A password needs at least 8 characters; this one has 7.", gatelatch.CodePasswordShort, password.Rules{}},
		{"xK9#mQ2$", "", "", password.Rules{}},
		// Seven letters with seven accents are fourteen code points, and seven once
		// they are one.
		{
			strings.Repeat("e\u0301", 7), "A password needs at least 8 characters; this one has 7.",
			gatelatch.CodePasswordShort,
			password.Rules{},
		},
		{"密码馬鹿野郎一二", "", "", password.Rules{}},
		{"🐎🔋📎🎻🦀🧿🪐🛶", "", "", password.Rules{}},
		{good[:14], "A password needs at least 15 characters; this one has 14.", gatelatch.CodePasswordShort, password.Rules{MinLength: password.AloneMinLength}},
		{good[:15], "", "", password.Rules{MinLength: password.AloneMinLength}},
		{long, "", "", password.Rules{}},
		{long + "x", "A password may have 128 characters at most; this one has 129.", gatelatch.CodePasswordLong, password.Rules{}},
		{strings.Repeat("e\u0301", 64) + long[:64], "", "", password.Rules{}},
		// One code point that NFKC turns into eighteen.
		{strings.Repeat("\ufdfa", 8), "A password may have 128 characters at most; this one has 144.", gatelatch.CodePasswordLong, password.Rules{}},
		{strings.Repeat("x", 1<<20), "A password may have 128 characters at most; this one has more.", gatelatch.CodePasswordLong, password.Rules{}},
		{good[:21], "A password may have 20 characters at most; this one has 21.", gatelatch.CodePasswordLong, password.Rules{MaxLength: 20}},
	} {
		code, message := judge(row.rules, row.plain)
		if code != row.code || message != row.message {
			t.Errorf("%.40q: %s %q", row.plain, code, message)
		}
	}
}

func TestNoRulesAboutKindsOfCharacters(t *testing.T) {
	for _, plain := range []string{
		"vexgourdlinttyro", "VEXGOURDLINTTYRO", "vex gourd lint tyro", "  vex gourd lint  ", "вязгурдлинттиро", "xk9#mq2$",
		"tr0ub4dor&3", "correct horse battery staple",
	} {
		if code, message := judge(password.Rules{}, plain); code != "" {
			t.Errorf("%q: %s %s", plain, code, message)
		}
	}
}

func TestControlCharactersAreRefused(t *testing.T) {
	for _, plain := range []string{"vex gourd\tlint", "vex gourd\nlint", "vex\x00gourd lint", "vex gourd lint\x7f", "vex\u0085gourd lint", "vex \xff\xfe gourd"} {
		if code, _ := judge(password.Rules{}, plain); code != gatelatch.CodeFormat {
			t.Errorf("%q: %q", plain, code)
		}
	}
}

func TestWeakPasswordsAreToldWhy(t *testing.T) {
	const (
		listed = "This is one of the most common passwords. Choose another one."
		easy   = "It is too easy to guess: "
		year   = easy + "it is a word with a year behind it. Add another word or two."
		date   = easy + "it is a word with a date behind it. Add another word or two."
		own    = easy + "it is made of a name or address of yours. Choose words that have nothing to do with you."
		added  = easy + "it is a common password with little added. Add another word or two."
		digits = easy + "it consists of digits only. Use a few words instead."
		again  = easy + "it repeats the same character. Use a few words instead."
		keys   = easy + "it follows keys that lie side by side. Use a few words instead."
		words  = easy + "its words are very common. Add a rarer one."
	)
	for plain, want := range map[string]string{
		"password": listed, "PASSWORD": listed, "pässwörd": listed, "ｐａｓｓｗｏｒｄ": listed, "liverpool": listed, "abcdefgh": listed, "aaaaaaaa": listed,
		"summer2026": year, "Summer2026!": year, "Autumn1984": year,
		"Tigger24.12.1985": date, "tigger19851224": date,
		"jolindqvist": own, "Lindqvist1": own, "L1ndqv1st": own, "jo.lindqvist@example.com": own, "lindqvist2026": own, "acmelindqvist": own,
		"P@ssw0rd": added, "Password1!": added,
		"24121985": digits, "9081726354": digits, "00000000": digits,
		"zzzzzzzzzzzz": again, "          ": again,
		"qwertzuiop": keys, "asdfghjkl;'": keys,
		"passwordpassword": words, "monkeymonkey": words, "ilovegolang": words,
	} {
		if code, message := judge(password.Rules{}, plain); code != gatelatch.CodePasswordWeak || message != want {
			t.Errorf("%q: %s %q, want %q", plain, code, message, want)
		}
	}
}

// A long password is judged in pieces, each as far as zxcvbn can see in a
// moment. One good piece makes it good.
func TestLongPasswordsAreJudgedToTheirEnd(t *testing.T) {
	if code, message := judge(password.Rules{}, strings.Repeat("a", 100)+"vex gourd lint tyro"); code != "" {
		t.Errorf("%s %s", code, message)
	}
	for _, plain := range []string{strings.Repeat("a", 128), strings.Repeat("password", 16), strings.Repeat("1", 70)} {
		if code, _ := judge(password.Rules{}, plain); code != gatelatch.CodePasswordWeak {
			t.Errorf("%.20q...: %q", plain, code)
		}
	}
}

func TestTheFieldIsNamed(t *testing.T) {
	no := password.Rules{}.Judge(context.Background(), "short", "new_password")
	if no == nil || no.Param != "new_password" || no.Status() != 422 {
		t.Errorf("%+v", no)
	}
}

func TestBreachedPasswords(t *testing.T) {
	const good = "vex gourd lint tyro"
	for name, row := range map[string]struct {
		found bool
		err   error
		want  gatelatch.Code
	}{
		"in the list":               {true, nil, gatelatch.CodePasswordPwned},
		"not in the list":           {false, nil, ""},
		"the list cannot be asked":  {false, errors.New("no route"), ""},
		"the list answers half-way": {true, errors.New("cut off"), ""},
	} {
		asked := 0
		r := password.Rules{Breached: func(_ context.Context, plain gatelatch.Secret) (bool, error) {
			asked++
			if plain.Reveal() != good {
				t.Errorf("%s: asked for another password", name)
			}
			return row.found, row.err
		}}
		if code, _ := judge(r, good); code != row.want || asked != 1 {
			t.Errorf("%s: %q after %d questions", name, code, asked)
		}
		if code, _ := judge(r, "password"); code != gatelatch.CodePasswordWeak || asked != 1 {
			t.Errorf("%s: a common password is sent out", name)
		}
	}
}

func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		"", "password", "Summer2026!", "1.1.2026", "99/99/9999", "ｐａｓｓｗｏｒｄ", "İstanbul2026", "密码密码密码密码", "\xff\xfe\xfd", "e\u0301e\u0301e\u0301e\u0301",
		"4@({[<3690!1|0$5+7%2", strings.Repeat("l33t", 32), "jo.lindqvist@example.com", "🐎🔋📎🎻🦀🧿🪐🛶", "ßßßßßßßßßß", "\u1e9e\u1e9e\u1e9e", "ǅǅǅǅǅǅǅǅ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, plain string) {
		code, message := judge(password.Rules{}, plain)
		if (code == "") != (message == "") {
			t.Fatalf("%q: %q %q", plain, code, message)
		}
		if code == "" && !utf8.ValidString(plain) {
			t.Fatalf("%q is accepted", plain)
		}
	})
}
