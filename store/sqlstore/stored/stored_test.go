// SPDX-License-Identifier: Apache-2.0

package stored_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
	"pgregory.net/rapid"
)

// TestMoment: a time keeps its microsecond, is never moved forward, and stays
// as it is from then on, whatever its zone.
func TestMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(t, "offset"))
		at := time.Unix(rapid.Int64Range(-62135596800+1, 253402300799).Draw(t, "seconds"),
			rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds")).In(zone)
		got := stored.Moment(at)
		if at.UnixMicro() == 0 {
			return // stands for the zero time
		}
		if lost := at.Sub(got); lost < 0 || lost >= time.Microsecond {
			t.Errorf("%v became %v", at, got)
		}
		if got.Location() != time.UTC || stored.Moment(got) != got {
			t.Errorf("%v is not settled", got)
		}
	})
}

func TestZeroTime(t *testing.T) {
	if stored.Micros(time.Time{}) != 0 || !stored.Time(0).IsZero() {
		t.Error("the zero time does not come back")
	}
}

// TestDecode: times are settled wherever they stand.
func TestDecode(t *testing.T) {
	type inner struct{ At time.Time }
	type document struct {
		inner
		Direct  time.Time
		Pointer *inner
		None    *inner
		List    []inner
		Bytes   []byte
		Zero    time.Time
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 123456789, time.FixedZone("", 3600))
	want := stored.Moment(at)
	data, err := stored.Encode(document{
		inner: inner{at}, Direct: at, Pointer: &inner{at}, List: []inner{{at}, {at}}, Bytes: []byte{1, 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got document
	if err := stored.Decode([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	for i, at := range []time.Time{got.Direct, got.Pointer.At, got.List[0].At, got.List[1].At} {
		if at != want {
			t.Errorf("time %d is %v, want %v", i, at, want)
		}
	}
	if !got.Zero.IsZero() || got.None != nil || len(got.Bytes) != 2 {
		t.Errorf("came back as %+v", got)
	}
	if err := stored.Decode([]byte("{"), &got); err == nil {
		t.Error("half a document was taken for one")
	}
}
