// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/caddymodule"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

// TestStopLetsSendsFinish stops the gate while a message is on its way. It must
// arrive, and must not be kept to be sent again.
func TestStopLetsSendsFinish(t *testing.T) {
	arrived, took := make(chan struct{}), make(chan bool, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		for len(caddymodule.PoolKeys()) > 0 && r.Context().Err() == nil {
			time.Sleep(time.Millisecond) // until the last gate has let go
		}
		took <- r.Context().Err() == nil
	}))
	t.Cleanup(receiver.Close)
	p := newPlace(t)
	sender := fmt.Sprintf("email webhook %s {\n\t\t\tsecret %s\n\t\t}", receiver.URL, strings.Repeat("a", 32))
	load(t, strings.Replace(p.site(), "email outbox "+p.outbox, sender, 1))
	newBrowser(t, p.origin()).ask("ada@example.com")
	<-arrived
	stop(t)
	if !<-took {
		t.Error("the sender was cut short")
	}
	db, err := sqlite.Open(p.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if at, left, err := db.NextMessageAt(t.Context()); err != nil || left {
		t.Errorf("the message is to be sent again at %v: %v", at, err)
	}
}
