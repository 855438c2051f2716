// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
)

// However an operator gives somebody an address, it waits no more, and its invitation
// is accepted.
func TestWhoIsMadeAUserWaitsNoMore(t *testing.T) {
	for name, give := range map[string]func(w *world, address string){
		"POST /users": func(w *world, address string) {
			w.ok("POST", "/users", object{"email_address": address})
		},
		"reserved": func(w *world, address string) {
			w.ok("POST", "/users", object{"email_address": address, "email_address_identification_status": "reserved"})
		},
		"POST /email_addresses": func(w *world, address string) {
			w.ok("POST", "/email_addresses", object{"user_id": w.user("first@example.com").id(), "email_address": address, "verified": true})
		},
		"create": func(w *world, address string) {
			if _, no, err := w.handler.Admin.Create(w.t.Context(), admin.Person{EmailAddresses: []string{address}}); no != nil || err != nil {
				w.t.Fatal(no, err)
			}
		},
		"import": func(w *world, address string) {
			err := w.handler.Admin.Import(w.t.Context(), strings.NewReader(`{"email":"`+address+`"}`), func(i admin.Imported) error {
				if i.ID == "" {
					w.t.Errorf("%+v", i)
				}
				return nil
			})
			if err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			everyStore(t, func(t *testing.T, w *world) {
				w.ok("POST", "/waitlist_entries", object{"email_address": "ada@example.com"})
				w.ok("POST", "/waitlist_entries", object{"email_address": "bob@example.com"})
				invited := w.ok("POST", "/invitations", object{"email_address": "ada@example.com", "ignore_existing": true})
				give(w, "Ada@Example.com")
				rows, _ := w.ok("GET", "/waitlist_entries", nil).list()
				if len(rows) != 1 || rows[0]["email_address"] != "bob@example.com" {
					t.Errorf("waiting: %v", rows)
				}
				rows, _ = w.ok("GET", "/invitations?status=accepted", nil).list()
				if len(rows) != 1 || rows[0]["id"] != invited.id() || rows[0]["url"] != nil {
					t.Errorf("accepted: %v", rows)
				}
			}, func(s *flow.Service) { s.Policy.SignUp = flow.SignUpWaitlist })
		})
	}
}

// A user who could not be made leaves things as they are.
func TestWhoIsNotMadeAUserGoesOnWaiting(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		w.user("taken@example.com")
		w.ok("POST", "/waitlist_entries", object{"email_address": "ada@example.com"})
		w.ok("POST", "/invitations", object{"email_address": "ada@example.com", "ignore_existing": true})
		w.refused(422, gatelatch.CodeExists, "email_address", "POST", "/users", object{"email_address": []string{"ada@example.com", "taken@example.com"}})
		if rows, _ := w.ok("GET", "/waitlist_entries", nil).list(); len(rows) != 1 {
			t.Errorf("waiting: %v", rows)
		}
		if rows, _ := w.ok("GET", "/invitations?status=pending", nil).list(); len(rows) != 1 {
			t.Errorf("pending: %v", rows)
		}
	}, func(s *flow.Service) { s.Policy.SignUp = flow.SignUpWaitlist })
}
