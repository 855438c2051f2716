// SPDX-License-Identifier: Apache-2.0

package secondfactor_test

import (
	"bytes"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/secondfactor"
)

// rfc is the secret of RFC 6238, appendix B.
const rfc gatelatch.Secret = "12345678901234567890"

// The vectors of RFC 6238, appendix B, have eight digits; ours are the last
// six of them.
func TestVectorsOfTheRFC(t *testing.T) {
	for seconds, code := range map[int64]gatelatch.Secret{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		step, ok := secondfactor.MatchTOTP(rfc, code, time.Unix(seconds, 0), 0)
		if !ok || step != seconds/30 {
			t.Errorf("at %d: step %d, %v", seconds, step, ok)
		}
	}
}

func TestTheClockMayBeOneStepOff(t *testing.T) {
	const code = "005924" // of the step that begins at 1234567890
	begin := time.Unix(1234567890, 0)
	step := begin.Unix() / 30
	for _, row := range []struct {
		name string
		now  time.Time
		last int64
		ok   bool
	}{
		{"at its beginning", begin, 0, true},
		{"at its end", begin.Add(30*time.Second - 1), 0, true},
		{"one step later", begin.Add(30 * time.Second), 0, true},
		{"at the end of that", begin.Add(60*time.Second - 1), 0, true},
		{"two steps later", begin.Add(60 * time.Second), 0, false},
		{"one step before", begin.Add(-30 * time.Second), 0, true},
		{"two steps before", begin.Add(-30*time.Second - 1), 0, false},
		{"after the step before it was used", begin, step - 1, true},
		{"used already", begin, step, false},
		{"used already, one step later", begin.Add(30 * time.Second), step, false},
		{"after a later one was used", begin, step + 1, false},
	} {
		got, ok := secondfactor.MatchTOTP(rfc, code, row.now, row.last)
		if ok != row.ok || ok && got != step || !ok && got != 0 {
			t.Errorf("%s: step %d, %v", row.name, got, ok)
		}
	}
}

func TestWhatMatchesNothing(t *testing.T) {
	now := time.Unix(1234567890, 0)
	for _, code := range []gatelatch.Secret{"", "-", "5924", "005925", "0005924", "００５９２４", " 005924"} {
		if _, ok := secondfactor.MatchTOTP(rfc, code, now, 0); ok {
			t.Errorf("%q matches", code.Reveal())
		}
	}
	if keyless, err := totp.GenerateCode("", now); err != nil {
		t.Fatal(err)
	} else if _, ok := secondfactor.MatchTOTP("", gatelatch.Secret(keyless), now, 0); ok {
		t.Error("a code of no secret at all matches")
	}
	if _, ok := secondfactor.MatchTOTP(rfc, "005924", time.Time{}, 0); ok {
		t.Error("a code matches before there was time")
	}
}

// No code works twice, in whatever order codes come.
func TestNoStepIsTakenTwice(t *testing.T) {
	known := map[int64]gatelatch.Secret{59: "287082", 1111111109: "081804", 1111111111: "050471"}
	rapid.Check(t, func(t *rapid.T) {
		last := int64(0)
		taken := map[int64]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "tries") {
			at := rapid.SampledFrom([]int64{59, 1111111109, 1111111111}).Draw(t, "code of")
			now := at + rapid.Int64Range(-60, 60).Draw(t, "off")
			step, ok := secondfactor.MatchTOTP(rfc, known[at], time.Unix(now, 0), last)
			if !ok {
				continue
			}
			if taken[step] || step <= last {
				t.Fatalf("step %d was taken after %d", step, last)
			}
			taken[step], last = true, step
		}
	})
}

func TestSecretsAreRandom(t *testing.T) {
	a, b := secondfactor.NewSecret(), secondfactor.NewSecret()
	if len(a) != 20 || len(b) != 20 || a == b {
		t.Errorf("%d and %d bytes", len(a), len(b))
	}
}

func TestReadable(t *testing.T) {
	if got := secondfactor.Readable(rfc).Reveal(); got != "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" {
		t.Error(got)
	}
}

// The library reads what it did not write.
func TestURI(t *testing.T) {
	for _, row := range []struct{ issuer, account, wantIssuer, wantAccount string }{
		{"Acme", "jo@example.com", "Acme", "jo@example.com"},
		{"Johnson & Sons?", "+12015550123", "Johnson & Sons?", "+12015550123"},
		{"A&secret=AAAA&b=", "a/b#c%41", "A&secret=AAAA&b=", "a/b#c%41"},
		{"Acme: the site", "jo:doe", "Acme  the site", "jo doe"},
		{"Müller é", "jö", "Müller é", "jö"},
		{strings.Repeat("x", 100), strings.Repeat("é", 100), strings.Repeat("x", 64), strings.Repeat("é", 64)},
		{"A\xff", "b", "A", "b"},
	} {
		uri := secondfactor.URI(rfc, row.issuer, row.account).Reveal()
		key, err := otp.NewKeyFromURL(uri)
		if err != nil {
			t.Errorf("%s: %v", uri, err)
			continue
		}
		if key.Issuer() != row.wantIssuer || key.AccountName() != row.wantAccount || key.Secret() != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
			t.Errorf("%s: %q, %q, %q", uri, key.Issuer(), key.AccountName(), key.Secret())
		}
		if key.Type() != "totp" || key.Period() != 30 || key.Digits() != otp.DigitsSix || key.Algorithm() != otp.AlgorithmSHA1 {
			t.Errorf("%s: %v %v %v %v", uri, key.Type(), key.Period(), key.Digits(), key.Algorithm())
		}
		if u, err := url.Parse(uri); err != nil || strings.Contains(uri, "+") && !strings.Contains(uri, "%2B") || u.Fragment != "" {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestQR(t *testing.T) {
	for _, uri := range []gatelatch.Secret{
		secondfactor.URI(rfc, "Acme", "jo@example.com"),
		secondfactor.URI(rfc, strings.Repeat("é", 100), strings.Repeat("é", 100)),
	} {
		b, err := secondfactor.QR(uri)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		size := img.Bounds().Dx()
		if size != img.Bounds().Dy() || size < 150 || size > 1000 || len(b) > 20<<10 {
			t.Errorf("%v, %d bytes", img.Bounds(), len(b))
		}
		// The quiet zone of four modules is white, the corner within is black.
		for at, dark := range map[int]bool{0: false, 19: false, 20: true, 24: true} {
			if r, _, _, _ := img.At(at, at).RGBA(); (r == 0) != dark {
				t.Errorf("the pixel at %d, %d is not what it should be", at, at)
			}
		}
	}
	if _, err := secondfactor.QR(gatelatch.Secret(strings.Repeat("x", 5000))); err == nil || strings.Contains(err.Error(), "xxx") {
		t.Errorf("too much for a QR code: %v", err)
	}
}

func TestReadTOTP(t *testing.T) {
	for typed, want := range map[string]gatelatch.Secret{
		"005924": "005924", " 005 924 ": "005924", "005-924": "005924", "００５９２４": "005924", "٠٠٥٩٢٤": "005924",
		"۰۰۵۹۲۴": "005924", "\u2066005924\u2069": "005924", "005\u00a0924\n": "005924", "005\u2013924": "005924",
	} {
		got, no := secondfactor.ReadTOTP(typed)
		if no != nil || got != want {
			t.Errorf("%q: %+v", typed, no)
		}
	}
	for typed, want := range map[string]gatelatch.Code{
		"": gatelatch.CodeMissing, " \t": gatelatch.CodeMissing, "00592": gatelatch.CodeFormat, "0059244": gatelatch.CodeFormat,
		"OO5924": gatelatch.CodeFormat, "abcde-fghjk": gatelatch.CodeFormat, "-": gatelatch.CodeFormat, "½½½½½½": gatelatch.CodeFormat,
		strings.Repeat(" ", 100) + "005924": gatelatch.CodeFormat, strings.Repeat("1", 1<<20): gatelatch.CodeFormat,
	} {
		got, no := secondfactor.ReadTOTP(typed)
		if got != "" || no == nil || no.Code != want || no.Param != "code" || no.Message == "" {
			t.Errorf("%.40q: %+v", typed, no)
		}
	}
}

func FuzzReadTOTP(f *testing.F) {
	for _, seed := range []string{"005924", "００５ ９２４", "٠٠٥٩٢٤", "-", "\xff", "12345\u0661", "½", strings.Repeat("1", 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, no := secondfactor.ReadTOTP(typed)
		if (code == "") != (no != nil) || no == nil && (len(code) != 6 || strings.Trim(code.Reveal(), "0123456789") != "") {
			t.Fatalf("%q: %q, %+v", typed, code.Reveal(), no)
		}
	})
}
