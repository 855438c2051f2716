// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import "testing"

// TestFinishedSignUp takes no more fields: what came now would be lost in silence.
func TestFinishedSignUp(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	id := p.signUp("ada@example.com").str("response.id")
	p.as("PATCH", "/client/sign_ups/"+id, "unsafe_metadata", `{"a":1}`).refused(403, "sign_up_cannot_be_updated", "")
	p.as("PATCH", "/client/sign_ups/sua_unknown", "locale", "de").refused(404, "resource_not_found", "")
}

// TestFieldsOfSessionCalls: 422 would sign programs out.
func TestFieldsOfSessionCalls(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	session := "/client/sessions/" + p.signUp("ada@example.com").str("response.created_session_id")
	for _, step := range []string{"/touch", "/tokens", "/tokens/none"} {
		p.post(session+step, "organization_id", "a", "organization_id", "b", "intent", "a", "intent", "b").refused(400, "form_param_duplicate", map[bool]string{true: "intent", false: "organization_id"}[step == "/touch"])
	}
	p.get("/me").ok()
}
