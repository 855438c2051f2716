// SPDX-License-Identifier: Apache-2.0

package pages

// accountInputs are what an account page asks for.
func accountInputs(s *Site, v *View) []input {
	switch v.Page {
	case PageAccountForm:
		ins := make([]input, 0, len(v.Fields))
		for _, f := range v.Fields {
			ins = append(ins, signUpInput(s, v, f))
		}
		return ins
	case PageAccountCode:
		return []input{codeInput(s, v)}
	case PageAccountTOTP:
		return []input{totpInput()}
	case PageAccountPassword:
		return []input{newPasswordInput(ParamPassword, "field.new_password", v.MinLength)}
	default:
		return nil
	}
}

// accountWays are the links below an account page: back up.
func accountWays(v *View) []way {
	if v.Account == nil || v.Account.Back == "" {
		return nil
	}
	list := []way{{v.Account.BackAsk, v.Account.BackLabel, v.Account.Back, false}}
	if v.Account.Up != "" {
		list = append(list, way{"", "way.account", v.Account.Up, false})
	}
	return list
}
