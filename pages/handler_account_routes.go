// SPDX-License-Identifier: Apache-2.0

package pages

// withAccount adds the account pages to the routes.
func withAccount(routes map[string]methods) map[string]methods {
	for path, p := range places() {
		routes[path] = p.methods()
	}
	return routes
}

// places are the account pages by their path below the base.
func places() map[string]place {
	return map[string]place{
		"/account":                   {view: overviewPage},
		"/account/name":              {view: namePage, act: rename},
		"/account/addresses":         {view: addressesPage, act: makePrimary},
		"/account/addresses/add":     {view: addAddressPage, act: addAddress, fresh: true},
		"/account/addresses/":        {view: removeAddressPage, act: removeAddress, fresh: true},
		"/account/numbers":           {view: numbersPage, act: makePrimary},
		"/account/numbers/add":       {view: addNumberPage, act: addNumber, fresh: true},
		"/account/numbers/":          {view: removeNumberPage, act: removeNumber, fresh: true},
		"/account/change/":           {view: changePage, act: changeStep, task: true},
		"/account/password":          {view: passwordPage, act: setPassword, fresh: true, task: true},
		"/account/password/remove":   {view: removePasswordPage, act: removePassword, fresh: true},
		"/account/totp":              {view: totpPage, act: totpStep, task: true},
		"/account/totp/remove":       {view: removeTOTPPage, act: removeTOTP, fresh: true},
		"/account/second-number":     {view: secondPage, act: useNumber, task: true},
		"/account/second-number/add": {view: addSecondPage, act: addSecond, fresh: true, task: true},
		"/account/second-number/":    {view: releasePage, act: release, fresh: true},
		"/account/backup-codes":      {view: codesPage, act: newCodes, fresh: true},
		"/account/passkeys":          {view: passkeysPage, task: true},
		"/account/passkeys/add":      {view: addPasskeyPage, act: addPasskey, fresh: true, task: true},
		"/account/passkeys/":         {view: passkeyPage, act: renamePasskey},
		"/account/passkeys/remove/":  {view: removePasskeyPage, act: removePasskey, fresh: true},
		"/account/sessions":          {view: sessionsPage},
		"/account/sessions/others":   {view: endOthersPage, act: endOthers},
		"/account/sessions/":         {view: endSessionPage, act: endSession},
		"/account/devices":           {view: devicesPage},
		"/account/devices/":          {view: revokePage, act: revoke},
		"/account/export":            {view: exportPage, act: export, fresh: true},
		"/account/delete":            {view: deletePage, act: beginDelete, fresh: true},
	}
}
