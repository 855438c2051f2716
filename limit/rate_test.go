// SPDX-License-Identifier: Apache-2.0

package limit_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/limit"
	"pgregory.net/rapid"
)

func TestParseRate(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  limit.Rate
		again string
	}{
		{"10/h", limit.Rate{Count: 10, Window: time.Hour}, "10/h"},
		{"5/10m", limit.Rate{Count: 5, Window: 10 * time.Minute}, "5/10m"},
		{"20/d", limit.Rate{Count: 20, Window: 24 * time.Hour}, "20/d"},
		{"3/30s", limit.Rate{Count: 3, Window: 30 * time.Second}, "3/30s"},
		{"500/m", limit.Rate{Count: 500, Window: time.Minute}, "500/m"},
		{"1/s", limit.Rate{Count: 1, Window: time.Second}, "1/s"},
		{"1/1h", limit.Rate{Count: 1, Window: time.Hour}, "1/h"},
		{"5/60m", limit.Rate{Count: 5, Window: time.Hour}, "5/h"},
		{"5/90m", limit.Rate{Count: 5, Window: 90 * time.Minute}, "5/90m"},
		{"5/48h", limit.Rate{Count: 5, Window: 48 * time.Hour}, "5/2d"},
		{"1000000/365d", limit.Rate{Count: 1000000, Window: 365 * 24 * time.Hour}, "1000000/365d"},
		{"off", limit.Rate{}, "off"},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := limit.ParseRate(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want || got.String() != c.again {
				t.Errorf("got %+v, printed %s, want %+v, printed %s", got, got, c.want, c.again)
			}
		})
	}
}

func TestParseRateRefuses(t *testing.T) {
	for _, text := range []string{
		"", "/", "10", "10/", "/h", "0/h", "-1/h", "+1/h", "01/h", "1.5/h", "1/0m", "1/-5m", "1/05m", "1/1.5h",
		"10 /h", "10/ h", " 10/h", "10/h ", "10/H", "10/w", "10/1h30m", "10/h/h", "10//h", "10/10", "OFF", "0",
		"1000001/h", "99999999999999999999/h", "1/366d", "1/999999d", "1/99999999999999999999s", "1/500ms",
		"١/h", "10/h\x00", "10/\xff", strings.Repeat("1", 100000) + "/h",
	} {
		got, err := limit.ParseRate(text)
		if err == nil || got != (limit.Rate{}) {
			t.Errorf("%.40q is taken for %+v", text, got)
			continue
		}
		if !strings.Contains(err.Error(), "10/h, 5/10m, 20/d, 3/30s or off") || len(err.Error()) > 300 {
			t.Errorf("%.40q: the error does not list the form in short: %.400v", text, err)
		}
	}
}

func TestRateOutsideTheGrammarStillPrints(t *testing.T) {
	for want, r := range map[string]limit.Rate{
		"5/1.5s": {Count: 5, Window: 1500 * time.Millisecond},
		"0/h":    {Count: 0, Window: time.Hour},
		"off":    {Count: 5, Window: -time.Second},
	} {
		if got := r.String(); got != want {
			t.Errorf("%#v prints as %q, want %q", r, got, want)
		}
	}
}

func TestRateIsTextInJSON(t *testing.T) {
	want := []limit.Rate{{Count: 5, Window: 10 * time.Minute}, {}}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `["5/10m","off"]` {
		t.Fatalf("%s, %v", text, err)
	}
	var got []limit.Rate
	if err := json.Unmarshal(text, &got); err != nil || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`["5 per hour"]`), &got); err == nil {
		t.Error("words are taken for a rate")
	}
}

func TestEveryRateRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := limit.Rate{
			Count:  rapid.IntRange(1, 1_000_000).Draw(t, "count"),
			Window: time.Duration(rapid.IntRange(1, 365*86400).Draw(t, "seconds")) * time.Second,
		}
		if got, err := limit.ParseRate(r.String()); err != nil || got != r {
			t.Fatalf("%v became %v, %v", r, got, err)
		}
	})
}

func FuzzParseRate(f *testing.F) {
	for _, seed := range []string{"10/h", "5/10m", "off", "0/h", "1/366d", "99999999999999999999/s", "1/\xff", "/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := limit.ParseRate(text)
		if err != nil {
			if r != (limit.Rate{}) {
				t.Fatalf("%q: an error and %+v", text, r)
			}
			return
		}
		if !r.IsOff() && (r.Count < 1 || r.Count > 1_000_000 || r.Window < time.Second || r.Window > 365*24*time.Hour) {
			t.Fatalf("%q is out of bounds: %+v", text, r)
		}
		if again, err := limit.ParseRate(r.String()); err != nil || again != r {
			t.Fatalf("%q is %+v, printed %s, read again %+v, %v", text, r, r, again, err)
		}
	})
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		rate limit.Rate
		n    int
		want string
	}{
		{limit.Rate{Count: 15, Window: time.Minute}, 16, "240/m"},
		{limit.Rate{Count: 15, Window: time.Minute}, 1, "15/m"},
		{limit.Rate{Count: math.MaxInt/2 + 1, Window: time.Minute}, 2, strconv.Itoa(math.MaxInt) + "/m"},
		{limit.Rate{Count: 0, Window: time.Minute}, 4, "0/m"},
		{limit.Rate{}, 4, "off"},
	} {
		if got := c.rate.Times(c.n).String(); got != c.want {
			t.Errorf("%d times %s is %s, want %s", c.n, c.rate, got, c.want)
		}
	}
}
