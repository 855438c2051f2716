// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// careful gives somebody a second step by an app, set up over the API.
func (w *world) careful(email string) (secret string, codes []string) {
	w.t.Helper()
	p := w.program()
	p.signUp(email, "password", strong)
	secret = p.post("/me/totp").ok().str("response.secret")
	p.post("/me/totp/attempt_verification", "code", totpCode(w.t, secret, w.clock())).ok()
	all, _ := p.post("/me/backup_codes").ok().at("response.codes").([]any)
	for _, c := range all {
		codes = append(codes, c.(string))
	}
	p.signOut()
	w.pass(time.Minute) // a code of an app is used once
	return secret, codes
}

func TestSecondStep(t *testing.T) {
	w := newWorld(t, withPasswords, withSecondStep)
	secret, codes := w.careful("ada@example.com")
	if len(codes) == 0 {
		t.Fatal("no backup codes")
	}
	for _, tt := range []struct{ strategy, code, wrong string }{{"totp", totpCode(t, secret, w.clock()), "000001"}, {"backup_code", codes[0], "abcde-23456"}} {
		p := w.program()
		a := p.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong).ok()
		a.want("response.status", "needs_second_factor").want("response.client_trust_state", "null").want("response.supported_second_factors.0.strategy", "totp")
		id := a.str("response.id")
		p.post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", tt.strategy, "code", tt.wrong).refused(422, "form_code_incorrect", "code")
		p.post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", tt.strategy, "code", tt.code).ok().
			want("response.status", "complete").want("client.sessions.0.factor_verification_age", "[0,0]")

		again := w.program()
		id = again.post("/client/sign_ins", "identifier", "ada@example.com", "password", strong).ok().str("response.id")
		again.post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", tt.strategy, "code", tt.code).refused(422, "form_code_incorrect", "code")
	}
}

func TestBannedAndLocked(t *testing.T) {
	for code, change := range map[string]func(*gatelatch.User){
		"user_banned": func(u *gatelatch.User) { u.Banned = true },
		"user_locked": func(u *gatelatch.User) { u.LockedUntil = noon.Add(24 * time.Hour) },
	} {
		w := newWorld(t)
		p := w.program()
		user := p.signUp("ada@example.com").str("response.created_user_id")
		p.signOut()
		w.inTx(func(ctx context.Context, tx flow.Tx) error {
			u, err := tx.User(ctx, user)
			if err != nil {
				return err
			}
			change(&u)
			return tx.PutUser(ctx, u)
		})
		id := p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_code").ok().str("response.id")
		p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.wrong()).refused(422, "form_code_incorrect", "code")
		p.post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", "email_code", "code", w.code()).refused(403, code, "")
	}
}
