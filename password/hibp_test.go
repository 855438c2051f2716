// SPDX-License-Identifier: Apache-2.0

package password_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
)

// rangeServer answers like Have I Been Pwned, and notes what it was asked.
func rangeServer(t *testing.T, answer http.HandlerFunc) (base string, asked *[]*http.Request) {
	t.Helper()
	var requests []*http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, &requests
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func digest(plain string) string {
	sum := sha1.Sum([]byte(plain))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func TestHIBPLearnsFiveDigits(t *testing.T) {
	base, asked := rangeServer(t, say(""))
	if _, err := password.NewHIBP(base+"/", nil)(context.Background(), "cafe\u0301 au lait"); err != nil {
		t.Fatal(err)
	}
	want := digest("caf\u00e9 au lait")
	if len(*asked) != 1 {
		t.Fatalf("%d questions", len(*asked))
	}
	r := (*asked)[0]
	if r.Method != http.MethodGet || r.URL.String() != "/range/"+want[:5] || r.Header.Get("Add-Padding") != "true" {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
}

func TestHIBPReadsTheList(t *testing.T) {
	rest := digest("correct horse")[5:]
	other := strings.Repeat("0", 35)
	for name, row := range map[string]struct {
		answer string
		found  bool
	}{
		"in the middle":        {other + ":3\r\n" + rest + ":17\r\n" + other[1:] + "1:2", true},
		"at the end":           {other + ":3\r\n" + rest + ":1", true},
		"in small letters":     {strings.ToLower(rest) + ":1\n", true},
		"not there":            {other + ":3\r\n", false},
		"padding":              {rest + ":0\r\n" + other + ":0", false},
		"a part of a line":     {"A" + rest + ":1", false},
		"nothing":              {"", false},
		"no count":             {rest, false},
		"something else":       {"<html>", false},
		"beyond what is read":  {strings.Repeat(other+":1\n", 40000) + rest + ":1\n", false},
		"at a million's start": {rest + ":1\n" + strings.Repeat(other+":1\n", 40000), true},
	} {
		base, _ := rangeServer(t, say(row.answer))
		found, err := password.NewHIBP(base, http.DefaultClient)(context.Background(), "correct horse")
		if err != nil || found != row.found {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

func TestHIBPThatFailsSaysNothingOfThePassword(t *testing.T) {
	d := digest("correct horse")
	refused, _ := rangeServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	cut, _ := rangeServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("x"))
	})
	endless, _ := rangeServer(t, say(strings.Repeat("x", 1<<17)))
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for name, row := range map[string]struct {
		ctx  context.Context
		base string
	}{
		"an error status":     {context.Background(), refused},
		"an answer cut short": {context.Background(), cut},
		"an endless line":     {context.Background(), endless},
		"nobody there":        {context.Background(), gone.URL},
		"no address":          {context.Background(), "://"},
		"a request cut off":   {over, refused},
	} {
		ask := password.NewHIBP(row.base, nil)
		found, err := ask(row.ctx, "correct horse")
		if err == nil || found {
			t.Errorf("%s: %v, %v", name, found, err)
			continue
		}
		for _, secret := range []string{"horse", d[:5], d[5:]} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if no := (password.Rules{Breached: ask}).Judge(row.ctx, gatelatch.Secret("vex gourd lint tyro"), "password"); no != nil {
			t.Errorf("%s: nobody can choose a password: %+v", name, no)
		}
	}
}

// A service that does not answer is left alone after a second: the request that
// it sees has a deadline.
func TestHIBPIsNotWaitedForLong(t *testing.T) {
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		deadline, ok := r.Context().Deadline()
		if !ok || deadline.IsZero() {
			t.Error("the question has no end")
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	})}
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	if found, err := password.NewHIBP("", client)(ctx, "correct horse"); err == nil || found {
		t.Errorf("%v, %v", found, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
