// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// TestDefaultSecondFactor has the second step begin with the number that its owner
// has chosen, and with the older one before that.
func TestDefaultSecondFactor(t *testing.T) {
	w := newWorld(t, withPasswords, withSecondStep)
	p := w.program()
	user := p.signUp("ada@example.com", "password", strong).str("response.created_user_id")
	var ids []string
	for _, number := range []string{"+12025550142", "+12025550143"} {
		id := p.post("/me/phone_numbers", "phone_number", number).ok().str("response.id")
		p.post("/me/phone_numbers/"+id+"/prepare_verification", "strategy", "phone_code").ok()
		p.post("/me/phone_numbers/"+id+"/attempt_verification", "code", w.code()).ok()
		p.as("PATCH", "/me/phone_numbers/"+id, "default_second_factor", "true").refused(400, "client_state_invalid", "default_second_factor")
		ids = append(ids, id)
		w.pass(time.Minute)
	}
	w.inTx(func(ctx context.Context, tx flow.Tx) error {
		u, err := tx.User(ctx, user)
		if err != nil {
			return err
		}
		for i, a := range u.Addresses {
			u.Addresses[i].SecondFactor = a.Kind == gatelatch.PhoneNumber
		}
		return tx.PutUser(ctx, u)
	})
	begins := func(first, second string) *program {
		t.Helper()
		p := w.program()
		a := p.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong).ok().want("response.status", "needs_second_factor")
		a.want("response.supported_second_factors.0.phone_number_id", first).want("response.supported_second_factors.0.default", "true")
		a.want("response.supported_second_factors.1.phone_number_id", second).want("response.supported_second_factors.1.default", "null")
		step := "/client/sign_ins/" + a.str("response.id")
		p.post(step+"/prepare_second_factor", "strategy", "phone_code").ok()
		p.post(step+"/attempt_second_factor", "strategy", "phone_code", "code", w.code()).ok().want("response.status", "complete")
		to := w.queued()[len(w.queued())-1].To.Value
		if want := map[string]string{ids[0]: "+12025550142", ids[1]: "+12025550143"}[first]; to != want {
			t.Errorf("the code went to %s, not to %s", to, want)
		}
		w.pass(time.Minute)
		return p
	}
	p = begins(ids[0], ids[1])
	p.get("/me").ok().want("response.phone_numbers.0.default_second_factor", "true").want("response.phone_numbers.1.default_second_factor", "false")
	p.as("PATCH", "/me/phone_numbers/"+ids[1], "default_second_factor", "true").ok().want("response.default_second_factor", "true")
	p.get("/me").ok().want("response.phone_numbers.0.default_second_factor", "false").want("response.phone_numbers.1.default_second_factor", "true")
	p = begins(ids[1], ids[0])
	p.as("PATCH", "/me/phone_numbers/"+ids[1], "reserved_for_second_factor", "false").ok().want("response.default_second_factor", "false")
	p.get("/me").ok().want("response.phone_numbers.0.default_second_factor", "true")
}
