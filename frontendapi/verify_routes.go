// SPDX-License-Identifier: Apache-2.0

package frontendapi

import "net/http"

// verifyRoutes are the calls by which the holder of a session proves anew who it is,
// before something that asks for it.
func verifyRoutes() []route {
	const path = "/client/sessions/{id}/verify"
	level := []param{{name: "level", note: "first_factor, second_factor or multi_factor; who has no second step is asked for the first."}}
	addressed := texts("strategy", "email_address_id", "phone_number_id", "channel", "redirect_url", "default")
	return []route{
		{method: http.MethodPost, path: path, summary: "Asks the holder of a session once more.", form: level, answer: SessionVerification{}, do: (*call).beginVerify},
		{method: http.MethodGet, path: path, summary: "The proof under way.", answer: SessionVerification{}, do: (*call).showVerify},
		{method: http.MethodPost, path: path + "/prepare_first_factor", summary: "Sends the code of the first step.", form: addressed, answer: SessionVerification{}, do: (*call).prepareVerifyFirst},
		{method: http.MethodPost, path: path + "/attempt_first_factor", summary: "Takes the first step.", form: texts("strategy", "code", "password", "public_key_credential"), answer: SessionVerification{}, do: (*call).attemptVerifyFirst},
		{method: http.MethodPost, path: path + "/prepare_second_factor", summary: "Sends the code of the second step.", form: addressed, answer: SessionVerification{}, do: (*call).prepareVerifySecond},
		{method: http.MethodPost, path: path + "/attempt_second_factor", summary: "Takes the second step.", form: texts("strategy", "code", "public_key_credential"), answer: SessionVerification{}, do: (*call).attemptVerifySecond},
	}
}
