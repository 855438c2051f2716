// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"io"
	"net/http"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery/webhook"
)

// A receiver checks the signature over the body as it came, before it looks
// into it.
func ExampleVerify() {
	const secret = gatelatch.Secret("the secret of both sides")
	http.HandleFunc("POST /messages", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		if err != nil {
			http.Error(w, "body", http.StatusBadRequest)
			return
		}
		if err := webhook.Verify(secret, r.Header, body, time.Now(), 5*time.Minute); err != nil {
			http.Error(w, "signature", http.StatusUnauthorized)
			return
		}
		// Drop ids seen in the last five minutes, send the message, then:
		w.WriteHeader(http.StatusNoContent)
	})
}
