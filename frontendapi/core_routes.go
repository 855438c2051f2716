// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"slices"

	"github.com/gatelatch/gatelatch/wire"
)

// coreRoutes are the calls that need nobody to be signed in, and those about the
// sessions of a client.
func coreRoutes() []route {
	return slices.Concat(siteRoutes(), clientRoutes(), signInRoutes(), signUpRoutes(), sessionRoutes())
}

var redirectURL = []param{{name: "redirect_url", note: "an absolute address on the site, or on an allowed origin"}}

func siteRoutes() []route {
	return []route{
		{method: "GET", path: "/environment", summary: "How the site is set up.", answer: Environment{}, shape: bare, site: true, do: (*call).environment},
		{method: "PATCH", path: "/environment", summary: "The same; programs with a development key ask like this.", answer: Environment{}, shape: bare, site: true, do: (*call).environment},
		{method: "POST", path: "/dev_browser", summary: "The name of a browser of a developer.", answer: DevBrowser{}, shape: bare, site: true, do: (*call).devBrowser},
		{method: "GET", path: "/.well-known/jwks.json", summary: "The public keys of signed tokens.", answer: JWKS{}, shape: bare, site: true, do: (*call).keySet},
		{method: "POST", path: "/waitlist", summary: "Refused: who signs up where there is a waitlist joins it.", form: texts("email_address"), shape: bare, site: true, do: (*call).joinWaitlist},
		{method: "GET", path: "/tickets/accept", summary: "Leads from the link of an invitation to the page that takes it.", query: texts("ticket", "redirect_url"), shape: redirect, site: true, do: (*call).acceptTicket},
	}
}

func clientRoutes() []route {
	return []route{
		{method: "GET", path: "/client", summary: "The client, or null for one that is new.", answer: Client{}, do: (*call).showClient},
		{method: "PUT", path: "/client", summary: "Makes a client.", answer: Client{}, do: (*call).putClient},
		{method: "POST", path: "/client", summary: "Makes a client.", answer: Client{}, do: (*call).putClient},
		{method: "DELETE", path: "/client", summary: "Signs out, and forgets the client.", answer: wire.Deleted{}, do: (*call).deleteClient},
		{method: "POST", path: "/client/verify", summary: "Takes the answer of a bot check, of which there is none.", answer: Client{}, do: (*call).verifyClient},
		{method: "GET", path: "/client/touch", summary: "Gives the browser its client cookie anew, and leads back.", query: redirectURL, shape: redirect, do: (*call).touchClient},
		{method: "GET", path: "/client/handshake", summary: "Gives a backend the cookies it misses, and leads back.", query: redirectURL, shape: redirect, do: (*call).handshake},
	}
}

func signInRoutes() []route {
	first := texts("strategy", "email_address_id", "phone_number_id", "redirect_url", "channel", "default")
	return []route{
		{
			method: "POST", path: "/client/sign_ins", summary: "Begins a sign-in.", answer: SignIn{}, do: (*call).createSignIn,
			form: append(texts("identifier", "strategy", "password", "ticket", "locale", "redirect_url"), param{name: "transfer", kind: flag}, param{name: "sign_up_if_missing", kind: flag}),
		},
		{method: "GET", path: "/client/sign_ins/{id}", summary: "A sign-in as it stands.", answer: SignIn{}, do: (*call).getSignIn},
		{method: "POST", path: "/client/sign_ins/{id}/prepare_first_factor", summary: "Sends the code of the first step.", form: first, answer: SignIn{}, do: (*call).prepareFirst},
		{
			method: "POST", path: "/client/sign_ins/{id}/attempt_first_factor", summary: "Takes the first step.", answer: SignIn{}, do: (*call).attemptFirst,
			form: texts("strategy", "code", "password", "public_key_credential"),
		},
		{method: "POST", path: "/client/sign_ins/{id}/prepare_second_factor", summary: "Sends the code of the second step.", form: first, answer: SignIn{}, do: (*call).prepareSecond},
		{
			method: "POST", path: "/client/sign_ins/{id}/attempt_second_factor", summary: "Takes the second step.", answer: SignIn{}, do: (*call).attemptSecond,
			form: texts("strategy", "code", "public_key_credential"),
		},
		{
			method: "POST", path: "/client/sign_ins/{id}/reset_password", summary: "Sets a new password in place of a forgotten one.", answer: SignIn{}, do: (*call).resetPassword,
			form: append(texts("password"), param{name: "sign_out_of_other_sessions", kind: flag}),
		},
	}
}

func signUpRoutes() []route {
	fields := append(texts(
		"email_address", "phone_number", "first_name", "last_name", "password", "unsafe_metadata", "strategy", "ticket", "locale",
	), param{name: "transfer", kind: flag}, param{name: "legal_accepted", kind: flag})
	return []route{
		{method: "POST", path: "/client/sign_ups", summary: "Begins a sign-up.", form: fields, answer: SignUp{}, do: (*call).createSignUp},
		{method: "GET", path: "/client/sign_ups/{id}", summary: "A sign-up as it stands.", answer: SignUp{}, do: (*call).getSignUp},
		{method: "PATCH", path: "/client/sign_ups/{id}", summary: "Gives fields, or changes them.", form: fields, answer: SignUp{}, do: (*call).updateSignUp},
		{method: "POST", path: "/client/sign_ups/{id}/prepare_verification", summary: "Sends the code of an address.", form: texts("strategy", "channel", "redirect_url"), answer: SignUp{}, do: (*call).prepareSignUp},
		{method: "POST", path: "/client/sign_ups/{id}/attempt_verification", summary: "Proves an address by its code.", form: texts("strategy", "code"), answer: SignUp{}, do: (*call).attemptSignUp},
	}
}

func sessionRoutes() []route {
	token := texts("organization_id", "tab_state")
	return []route{
		{method: "DELETE", path: "/client/sessions", summary: "Signs out.", answer: Client{}, do: (*call).signOut},
		{method: "GET", path: "/client/sessions/{id}", summary: "A session.", answer: Session{}, do: (*call).showSession},
		{method: "POST", path: "/client/sessions/{id}/touch", summary: "Notes that a session is in use, and selects it.", form: texts("active_organization_id", "intent"), answer: Session{}, do: (*call).touch},
		{method: "POST", path: "/client/sessions/{id}/end", summary: "Ends a session.", answer: Session{}, do: (*call).endSession},
		{method: "POST", path: "/client/sessions/{id}/remove", summary: "Takes a session off the client.", answer: Session{}, do: (*call).removeSession},
		{method: "POST", path: "/client/sessions/{id}/tokens", summary: "A signed token of a session.", form: token, answer: wire.Token{}, shape: bare, do: (*call).tokenOf},
		{method: "POST", path: "/client/sessions/{id}/tokens/{template}", summary: "A signed token with the claims of a template.", form: token, answer: wire.Token{}, shape: bare, do: (*call).templated},
	}
}
