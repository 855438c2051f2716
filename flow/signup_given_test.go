// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/flow"
)

// TestWhatProgramsGaveIsForOneAddress: a server gives an external id to whom the
// address names. A browser that gives another address afterwards is somebody else.
func TestWhatProgramsGaveIsForOneAddress(t *testing.T) {
	const mallory = "mallory@example.com"
	again := ada
	for name, tt := range map[string]struct {
		email *string
		phone string
		want  string
	}{
		"another address":    {new(mallory), "", ""},
		"the same once more": {&again, "", "emp-1"},
		"one more":           {nil, "+15125550123", "emp-1"},
		"only a name":        {nil, "", "emp-1"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, func(s *flow.Service) { s.Policy.Fields.Phone, s.Policy.Fields.FirstName = flow.Optional, flow.Optional })
			who := g.Browser()
			id := startSignUp(t, g, who, ada)
			in(t, g, func(tx flow.Tx) error {
				su, err := tx.SignUp(ctx(), id)
				if err != nil {
					return err
				}
				su.ExternalID, su.CustomAction = "emp-1", true
				return tx.PutSignUp(ctx(), su)
			})
			p := flow.SignUpParams{Email: tt.email, FirstName: new("Ada")}
			if tt.phone != "" {
				p.Phone = &tt.phone
			}
			su := check(t)(g.UpdateSignUp(ctx(), who, id, p)).SignUp
			if su.ExternalID != tt.want || su.CustomAction != (tt.want != "") {
				t.Errorf("external id %q, custom action %v", su.ExternalID, su.CustomAction)
			}
		})
	}
}
