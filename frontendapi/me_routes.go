// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"net/http"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/wire"
)

// meRoutes are the calls about the user of the session that is meant, see
// [call.principal].
func meRoutes() []route {
	return slices.Concat(
		profileRoutes(),
		addressRoutes(emailRoutes),
		addressRoutes(phoneRoutes),
		secretRoutes(),
		passkeyRoutes(),
		activityRoutes(),
		absentRoutes(),
	)
}

func profileRoutes() []route {
	update := []param{
		{name: "first_name"},
		{name: "last_name"},
		{name: "unsafe_metadata", note: "A JSON object, which replaces the one there is."},
		{name: "primary_email_address_id"},
		{name: "primary_phone_number_id"},
		{name: "legal_accepted", kind: flag, note: "Accepts the terms in force."},
		{name: "username", note: "Refused: there are no user names."},
		{name: "primary_web3_wallet_id", note: "Refused."},
	}
	merge := []param{{name: "unsafe_metadata", note: "A JSON object, merged into the one there is (RFC 7396)."}}
	return []route{
		{method: http.MethodGet, path: "/me", summary: "The user of the session.", answer: wire.User{}, do: (*call).showMe},
		{method: http.MethodPatch, path: "/me", summary: "Changes the user.", form: update, answer: wire.User{}, do: (*call).updateMe},
		{method: http.MethodDelete, path: "/me", summary: "Deletes the user.", answer: wire.Deleted{}, do: (*call).deleteMe},
		{method: http.MethodPatch, path: "/me/metadata", summary: "Merges the user's own metadata.", form: merge, answer: wire.User{}, do: (*call).mergeMetadata},
		{
			method: http.MethodPost, path: "/me/terms", summary: "Accepts the terms.", answer: wire.User{}, do: (*call).acceptTerms,
			form: []param{{name: "version", note: "The version that was shown; the one in force when left out."}},
		},
	}
}

// addressKind is what the calls about addresses of one kind differ in.
type addressKind struct {
	kind         gatelatch.IdentifierKind
	path, param  string
	object, noun string
	one          any // the resource
	all          any // a list of it
}

var (
	emailRoutes = addressKind{
		kind: gatelatch.EmailAddress, path: "/me/email_addresses", param: "email_address", object: "email_address",
		noun: "an email address", one: wire.EmailAddress{}, all: []wire.EmailAddress{},
	}
	phoneRoutes = addressKind{
		kind: gatelatch.PhoneNumber, path: "/me/phone_numbers", param: "phone_number", object: "phone_number",
		noun: "a phone number", one: wire.PhoneNumber{}, all: []wire.PhoneNumber{},
	}
)

func addressRoutes(k addressKind) []route {
	id := k.path + "/{id}"
	all := []route{
		{method: http.MethodGet, path: k.path, summary: "All of the user's.", answer: k.all, do: k.list},
		{method: http.MethodPost, path: k.path, summary: "Begins to add " + k.noun + ", and sends nothing yet.", form: texts(k.param), answer: k.one, do: k.create},
		{method: http.MethodGet, path: id, summary: "One of the user's, as it stands.", answer: k.one, do: k.show},
		{method: http.MethodDelete, path: id, summary: "Removes " + k.noun + ", or gives it up.", answer: wire.Deleted{}, do: k.remove},
		{method: http.MethodPost, path: id + "/prepare_verification", summary: "Sends the code.", form: texts("strategy", "redirect_url"), answer: k.one, do: k.prepare},
		{method: http.MethodPost, path: id + "/attempt_verification", summary: "Proves the address by its code.", form: texts("code"), answer: k.one, do: k.attempt},
	}
	if k.kind == gatelatch.EmailAddress {
		return all
	}
	reserve := []param{
		{name: "reserved_for_second_factor", kind: flag},
		{name: "default_second_factor", kind: flag, note: "Has the second step begin with this one of the numbers that are reserved."},
	}
	return append(all, route{method: http.MethodPatch, path: id, summary: "Keeps a number for the second step, or no longer.", form: reserve, answer: k.one, do: (*call).reserveNumber})
}

func secretRoutes() []route {
	change := []param{
		{name: "new_password"},
		{name: "current_password"},
		{name: "sign_out_of_other_sessions", kind: flag, note: "True unless false is said."},
	}
	return []route{
		{method: http.MethodPost, path: "/me/change_password", summary: "Sets the password.", form: change, answer: wire.User{}, do: (*call).changePassword},
		{method: http.MethodPost, path: "/me/remove_password", summary: "Removes the password.", form: texts("current_password"), answer: wire.User{}, do: (*call).removePassword},
		{method: http.MethodPost, path: "/me/totp", summary: "Begins to set up an authenticator app.", answer: TOTP{}, do: (*call).createTOTP},
		{method: http.MethodDelete, path: "/me/totp", summary: "Forgets the authenticator app.", answer: wire.Deleted{}, do: (*call).deleteTOTP},
		{method: http.MethodPost, path: "/me/totp/attempt_verification", summary: "Takes the app's first code.", form: texts("code"), answer: TOTP{}, do: (*call).attemptTOTP},
		{method: http.MethodPost, path: "/me/backup_codes", summary: "Makes new backup codes.", answer: BackupCodes{}, do: (*call).createBackupCodes},
	}
}

func passkeyRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/me/passkeys", summary: "All of the user's.", answer: []wire.Passkey{}, do: (*call).listPasskeys},
		{method: http.MethodPost, path: "/me/passkeys", summary: "Begins to add a passkey.", answer: wire.Passkey{}, do: (*call).createPasskey},
		{method: http.MethodPost, path: "/me/passkeys/{id}/attempt_verification", summary: "Adds what the browser has made.", form: texts("strategy", "public_key_credential"), answer: wire.Passkey{}, do: (*call).finishPasskey},
		{method: http.MethodPatch, path: "/me/passkeys/{id}", summary: "Renames a passkey.", form: texts("name"), answer: wire.Passkey{}, do: (*call).renamePasskey},
		{method: http.MethodDelete, path: "/me/passkeys/{id}", summary: "Forgets a passkey.", answer: wire.Deleted{}, do: (*call).deletePasskey},
	}
}

func activityRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/me/sessions", summary: "The live sessions of the user.", answer: []SessionWithActivities{}, shape: bare, do: (*call).listActivities},
		{method: http.MethodGet, path: "/me/sessions/active", summary: "The live sessions of the user.", answer: []SessionWithActivities{}, shape: bare, do: (*call).listActivities},
		{method: http.MethodPost, path: "/me/sessions/{id}/revoke", summary: "Ends a session of the user.", answer: SessionWithActivities{}, do: (*call).revokeSession},
	}
}

// absentRoutes are calls that SDKs make about what is not offered here: lists are
// empty, and changes refused.
func absentRoutes() []route {
	page := texts("limit", "offset", "paginated", "status", "role")
	var all []route
	for _, path := range []string{"/me/organization_memberships", "/me/organization_invitations", "/me/organization_suggestions"} {
		all = append(all, route{method: http.MethodGet, path: path, summary: "Always empty: there are none here.", query: page, answer: NoneOfMany{}, do: (*call).showNoneOfMany})
	}
	for _, path := range []string{"/me/enterprise_connections", "/me/external_accounts", "/me/web3_wallets"} {
		all = append(all, route{method: http.MethodGet, path: path, summary: "Always empty: there are none here.", answer: []wire.Nothing{}, do: (*call).showNone})
	}
	for _, path := range []string{"/me/external_accounts", "/me/web3_wallets", "/me/profile_image"} {
		all = append(all, route{method: http.MethodPost, path: path, summary: "Refused: not offered.", do: (*call).absent})
	}
	return append(all, route{method: http.MethodDelete, path: "/me/profile_image", summary: "Refused: not offered.", do: (*call).absent})
}
