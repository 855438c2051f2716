// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery/webhook"
)

const secret = gatelatch.Secret("0123456789abcdef")

// A vector for receivers in other languages.
const (
	vectorBody      = `{"id":"msg_1"}`
	vectorStamp     = "1773060160"
	vectorSignature = "v1=41ef8461bfc9ffe1768c4b04cc489579bdfa386a625250225e1efb984ef2eef6"
)

var vectorTime = time.Unix(1773060160, 0)

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func vector() http.Header {
	return headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", vectorSignature)
}

func TestVerify(t *testing.T) {
	upper := "v1=" + strings.ToUpper(strings.TrimPrefix(vectorSignature, "v1="))
	tests := []struct {
		name   string
		secret gatelatch.Secret
		header http.Header
		body   string
		now    time.Time
		want   error
	}{
		{"as sent", secret, vector(), vectorBody, vectorTime, nil},
		{"at the edge of tolerance", secret, vector(), vectorBody, vectorTime.Add(5 * time.Minute), nil},
		{"a clock that lags", secret, vector(), vectorBody, vectorTime.Add(-5 * time.Minute), nil},
		{"too old", secret, vector(), vectorBody, vectorTime.Add(5*time.Minute + 1), webhook.ErrStale},
		{"from the future", secret, vector(), vectorBody, vectorTime.Add(-5*time.Minute - 1), webhook.ErrStale},
		{"another body", secret, vector(), vectorBody + " ", vectorTime, webhook.ErrSignature},
		{"no body", secret, vector(), "", vectorTime, webhook.ErrSignature},
		{"another secret", secret + "x", vector(), vectorBody, vectorTime, webhook.ErrSignature},
		{"a short secret", "short", vector(), vectorBody, vectorTime, webhook.ErrSecret},
		{"no secret", "", vector(), vectorBody, vectorTime, webhook.ErrSecret},
		{"no headers", secret, nil, vectorBody, vectorTime, webhook.ErrSignature},
		{"no timestamp", secret, headers("Gatelatch-Signature", vectorSignature), vectorBody, vectorTime, webhook.ErrSignature},
		{"no signature", secret, headers("Gatelatch-Timestamp", vectorStamp), vectorBody, vectorTime, webhook.ErrSignature},
		{"a newer timestamp", secret, headers("Gatelatch-Timestamp", "1773060161", "Gatelatch-Signature", vectorSignature), vectorBody, vectorTime, webhook.ErrSignature},
		{"the timestamp another way", secret, headers("Gatelatch-Timestamp", "+"+vectorStamp, "Gatelatch-Signature", vectorSignature), vectorBody, vectorTime, webhook.ErrSignature},
		{"two timestamps", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", vectorSignature), vectorBody, vectorTime, webhook.ErrSignature},
		{"two signatures", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", vectorSignature, "Gatelatch-Signature", vectorSignature), vectorBody, vectorTime, webhook.ErrSignature},
		{"no version", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", vectorSignature[3:]), vectorBody, vectorTime, webhook.ErrSignature},
		{"another version", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", "v2="+vectorSignature[3:]), vectorBody, vectorTime, webhook.ErrSignature},
		{"upper case", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", upper), vectorBody, vectorTime, webhook.ErrSignature},
		{"cut short", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", vectorSignature[:20]), vectorBody, vectorTime, webhook.ErrSignature},
		{"empty signature", secret, headers("Gatelatch-Timestamp", vectorStamp, "Gatelatch-Signature", "v1="), vectorBody, vectorTime, webhook.ErrSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := webhook.Verify(tt.secret, tt.header, []byte(tt.body), tt.now, 5*time.Minute)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// FuzzVerify holds Verify against a plain reading of the rule.
func FuzzVerify(f *testing.F) {
	f.Add(vectorStamp, vectorSignature, []byte(vectorBody), vectorTime.Unix())
	f.Add("", "", []byte{}, int64(0))
	f.Add("-1", "v1=", []byte("x"), int64(-1))
	f.Add("999999999999", "v1=00", []byte("x"), int64(1)<<62)
	f.Fuzz(func(t *testing.T, stamp, signature string, body []byte, now int64) {
		h := headers("Gatelatch-Timestamp", stamp, "Gatelatch-Signature", signature)
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write([]byte(stamp + "." + string(body)))
		signed := signature == "v1="+hex.EncodeToString(mac.Sum(nil))
		err := webhook.Verify(secret, h, body, time.Unix(now, 0), time.Minute)
		if err == nil && !signed {
			t.Fatalf("accepted stamp %q, signature %q", stamp, signature)
		}
		if errors.Is(err, webhook.ErrStale) && !signed {
			t.Fatalf("told the age of a forged request: %q, %q", stamp, signature)
		}
	})
}
