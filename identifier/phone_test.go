// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

var (
	anywhere = identifier.Policy{Phone: true}
	fromUS   = identifier.Policy{Phone: true, Region: "US"}
	europe   = identifier.Policy{Phone: true, Region: "DE", Countries: []string{"DE", "AT", "gb", "IT"}}
)

func TestParsePhoneAccepts(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy identifier.Policy
		input  string
		value  string
	}{
		{"E.164", anywhere, "+12015550123", "+12015550123"},
		{"North American spelling", anywhere, "+1 (201) 555-0123", "+12015550123"},
		{"dots", anywhere, "+1.201.555.0123", "+12015550123"},
		{"slash", europe, "0151/11234567", "+4915111234567"},
		{"dashes of a typesetter", anywhere, "+1 201–555‑0123", "+12015550123"},
		{"00 is +", anywhere, "00 1 201 555 0123", "+12015550123"},
		{"00 is + with a region too", europe, "0049 151 11234567", "+4915111234567"},
		{"011 is + in the US", fromUS, "011 1 201 555 0123", "+12015550123"},
		{"bracket before the plus", anywhere, "(+1) 201 555 0123", "+12015550123"},
		{"trunk zero in brackets", anywhere, "+49 (0)151 11234567", "+4915111234567"},
		{"white space around", anywhere, " +12015550123\r\n", "+12015550123"},
		{"no-break spaces", anywhere, "+1\u00a0201\u202f555\u00a00123", "+12015550123"},
		{"direction marks of a copied contact", anywhere, "\u202a+1 201 555 0123\u202c", "+12015550123"},
		{"full width", anywhere, "＋１（２０１）５５５－０１２３", "+12015550123"},
		{"Arabic-Indic digits", anywhere, "+١٢٠١٥٥٥٠١٢٣", "+12015550123"},
		{"extended Arabic-Indic digits", anywhere, "+۱۲۰۱۵۵۵۰۱۲۳", "+12015550123"},
		{"national form", fromUS, "(201) 555-0123", "+12015550123"},
		{"national form with the country code", fromUS, "1 201 555 0123", "+12015550123"},
		{"national form with the trunk zero", europe, "0151 11234567", "+4915111234567"},
		{"region in lower case", identifier.Policy{Phone: true, Region: "us"}, "2015550123", "+12015550123"},
		{"Italian zero is kept", europe, "+39 06 1234 5678", "+390612345678"},
		{"country of the list in lower case", europe, "+44 7400 123456", "+447400123456"},
		{"fixed line", anywhere, "+44 20 7946 0123", "+442079460123"},
		{"internet telephony", anywhere, "+44 56 1234 5678", "+445612345678"},
		{"personal number", anywhere, "+44 70 1234 5678", "+447012345678"},
		{"mobile", anywhere, "+33 6 12 34 56 78", "+33612345678"},
		{"reserved for fiction, US", anywhere, "+1 212 555 0100", "+12125550100"},
		{"reserved for fiction, US, last", anywhere, "+1 973 555 0199", "+19735550199"},
		{"reserved for fiction, CA", anywhere, "+1 416 555 0150", "+14165550150"},
		{"exactly 40 characters", anywhere, "+1" + strings.Repeat(" ", 28) + "2015550123", "+12015550123"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, no := c.policy.ParsePhone(c.input)
			if no != nil {
				t.Fatalf("refused: %s", no.Message)
			}
			want := identifier.Parsed{
				Identifier: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: c.value},
				Display:    c.value,
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestParsePhoneRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy identifier.Policy
		input  string
		code   gatelatch.Code
	}{
		{"nothing", anywhere, "", gatelatch.CodeMissing},
		{"white space alone", anywhere, "\u3000 \t", gatelatch.CodeMissing},
		{"plus alone", anywhere, "+", gatelatch.CodeFormat},
		{"00 alone", anywhere, "00", gatelatch.CodeFormat},
		{"separators alone", anywhere, "(-)", gatelatch.CodeFormat},
		{"two plus", anywhere, "++12015550123", gatelatch.CodeFormat},
		{"plus inside", anywhere, "1+2015550123", gatelatch.CodeFormat},
		{"plus and 00", anywhere, "+0012015550123", gatelatch.CodeFormat},
		{"vanity letters", anywhere, "+1 201 FLOWERS", gatelatch.CodeFormat},
		{"extension", anywhere, "+12015550123 ext. 4", gatelatch.CodeFormat},
		{"extension x", anywhere, "+12015550123x4", gatelatch.CodeFormat},
		{"extension by #", anywhere, "+12015550123#4", gatelatch.CodeFormat},
		{"extension by parameter", anywhere, "+12015550123;ext=4", gatelatch.CodeFormat},
		{"pause", anywhere, "+12015550123,,4", gatelatch.CodeFormat},
		{"service code", anywhere, "*#06#", gatelatch.CodeFormat},
		{"URI", anywhere, "tel:+12015550123", gatelatch.CodeFormat},
		{"NUL", anywhere, "+1201555\x000123", gatelatch.CodeFormat},
		{"NUL at the end", anywhere, "+12015550123\x00", gatelatch.CodeFormat},
		{"tab inside", anywhere, "+1\t2015550123", gatelatch.CodeFormat},
		{"line break inside", anywhere, "+1201555\r\n0123", gatelatch.CodeFormat},
		{"invalid UTF-8", anywhere, "+1201555\xff0123", gatelatch.CodeFormat},
		{"two numbers", anywhere, "+12015550123 +12015550124", gatelatch.CodeFormat},
		{"no country code and no region", anywhere, "2015550123", gatelatch.CodeFormat},
		{"country code that does not exist", anywhere, "+210 123 456 789", gatelatch.CodeFormat},
		{"too few digits", anywhere, "+1201555012", gatelatch.CodeFormat},
		{"too many digits", anywhere, "+120155501234", gatelatch.CodeFormat},
		{"emergency", fromUS, "911", gatelatch.CodeFormat},
		{"all ones", anywhere, "+11111111111", gatelatch.CodeFormat},
		{"area code that does not exist", anywhere, "+15555550100", gatelatch.CodeFormat},
		{"two trunk zeros", anywhere, "+44 00 1624 756789", gatelatch.CodeFormat},
		{"valid in the plan of Germany, longer than E.164", anywhere, "+49 30 123456 729509", gatelatch.CodeFormat},
		{"41 characters", anywhere, "+1" + strings.Repeat(" ", 29) + "2015550123", gatelatch.CodeTooLong},
		{"a page of digits", anywhere, strings.Repeat("1", 1025), gatelatch.CodeTooLong},
		{"a megabyte of spaces", anywhere, strings.Repeat(" ", 1<<20), gatelatch.CodeTooLong},

		{"premium", anywhere, "+1 900 555 0123", gatelatch.CodeCountryNotAllowed},
		{"toll-free", anywhere, "+1 800 555 0123", gatelatch.CodeCountryNotAllowed},
		{"shared cost", anywhere, "+44 843 123 4567", gatelatch.CodeCountryNotAllowed},
		{"pager", anywhere, "+44 76 4012 3456", gatelatch.CodeCountryNotAllowed},
		{"company number", anywhere, "+44 300 123 4567", gatelatch.CodeCountryNotAllowed},
		{"voicemail", anywhere, "+49 177 99 1234567", gatelatch.CodeCountryNotAllowed},
		{"Inmarsat", anywhere, "+870 773 111 632", gatelatch.CodeCountryNotAllowed},
		{"universal personal number", anywhere, "+878 10 1234567890", gatelatch.CodeCountryNotAllowed},
		{"Iridium", anywhere, "+881 612 345 678", gatelatch.CodeCountryNotAllowed},
		{"international network", anywhere, "+882 1301 2345", gatelatch.CodeCountryNotAllowed},
		{"another international network", anywhere, "+883 5100 1234 5678", gatelatch.CodeCountryNotAllowed},
		{"disaster relief", anywhere, "+888 1234 5678 901", gatelatch.CodeCountryNotAllowed},
		{"international premium", anywhere, "+979 123 456 789", gatelatch.CodeCountryNotAllowed},
		{"international toll-free", anywhere, "+800 1234 5678", gatelatch.CodeCountryNotAllowed},
		{"international shared cost", anywhere, "+808 1234 5678", gatelatch.CodeCountryNotAllowed},

		{"another country than the region", fromUS, "+44 7400 123456", gatelatch.CodeCountryNotAllowed},
		{"Canada is not the US", fromUS, "+1 416 555 0123", gatelatch.CodeCountryNotAllowed},
		{"nor is Jamaica", fromUS, "+1 876 555 0123", gatelatch.CodeCountryNotAllowed},
		{"nor is Puerto Rico", fromUS, "+1 787 555 0123", gatelatch.CodeCountryNotAllowed},
		{"a country not in the list", europe, "+33 6 12 34 56 78", gatelatch.CodeCountryNotAllowed},
		{"Guernsey is not Britain", europe, "+44 7781 123456", gatelatch.CodeCountryNotAllowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, no := c.policy.ParsePhone(c.input)
			wantRefusal(t, got, no, c.code, "phone_number")
		})
	}
}

func TestCountry(t *testing.T) {
	for value, want := range map[string]string{
		"+12015550123": "US", "+14165550123": "CA", "+442079460123": "GB", "+447781123456": "GG",
		"+881612345678": "", "+80012345678": "", "+210123": "", "": "", "name@example.com": "", "2015550123": "",
	} {
		id := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: value}
		if got := identifier.Country(id); got != want {
			t.Errorf("Country(%q) = %q, want %q", value, got, want)
		}
	}
	email := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "+12015550123"}
	if got := identifier.Country(email); got != "" {
		t.Errorf("the country of an e-mail address is %q", got)
	}
}
