// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gatelatch/gatelatch/admission"
)

func list(t testing.TB, text string) func(string) bool {
	t.Helper()
	listed, err := admission.ReadDisposable(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return listed
}

func TestReadDisposable(t *testing.T) {
	listed := list(t, "\ufeff# throw-away\r\nMailinator.com\r\n\r\n  trash.example  # the other one\nbücher.example\n#last.example")
	for domain, want := range map[string]bool{
		"mailinator.com": true, "a.b.mailinator.com": true, "notmailinator.com": false, "mailinator.com.example": false,
		"trash.example": true, "example": false, "com": false, "": false, "last.example": false,
		"xn--bcher-kva.example": true,
	} {
		if got := listed(domain); got != want {
			t.Errorf("%q: %t, want %t", domain, got, want)
		}
	}
}

func TestAnEmptyListKnowsNone(t *testing.T) {
	if list(t, "")("example.com") {
		t.Error("a domain is on an empty list")
	}
}

func TestReadDisposableNamesTheLine(t *testing.T) {
	for _, text := range []string{"a.example\nno domain\n", "a.example\n<!DOCTYPE html>", "a.example\n*.b.example"} {
		_, err := admission.ReadDisposable(strings.NewReader(text))
		if !errors.Is(err, admission.ErrDisposable) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := admission.ReadDisposable(strings.NewReader(strings.Repeat("a", 4096))); err == nil {
		t.Error("a line without an end was read")
	}
	if _, err := admission.ReadDisposable(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the reader's error became %v", err)
	}
}

// FuzzReadDisposable: no list makes it panic, and every domain it takes is found.
func FuzzReadDisposable(f *testing.F) {
	for _, seed := range []string{"mailinator.com\n", "# c\n\na.example # b\r\n", "bücher.example", "\ufeffa.example", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		listed, err := admission.ReadDisposable(strings.NewReader(text))
		if (listed == nil) == (err == nil) {
			t.Fatalf("a list %t and %v", listed != nil, err)
		}
		if err == nil && (listed("") || listed("..")) {
			t.Fatal("nothing is on the list")
		}
	})
}
