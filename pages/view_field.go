// SPDX-License-Identifier: Apache-2.0

package pages

import "github.com/gatelatch/gatelatch"

// input is one labelled text field, ready for templates/field.html.
type input struct {
	Name, Type, Mode, Autocomplete string
	// Label and Hint are keys of messages; Hint may be empty.
	Label, Hint string
	Value       string
	// Error is the sentence at the field, or empty.
	Error     string
	Optional  bool
	Autofocus bool
	// Plain switches capitals and spelling help off.
	Plain bool
	// DescribedBy lists the ids of hint and error.
	DescribedBy string
	MaxLength   int // zero for none: what is pasted would be cut without a word
	// MinLength is for a new password; its hint says it.
	MinLength int
	// Length and SMS are for the code field: digits of a whole code, and
	// whether it comes by text message.
	Length int
	SMS    bool
	// App says that the code is an authenticator app's, which has a length of its
	// own.
	App bool
}

// The longest values people may type. The server has the last word.
const (
	maxAddress = 254 // RFC 5321 4.5.3.1.3, less the angle brackets
	maxNumber  = 40
	maxName    = 100
)

// identifierInput is the one field of the sign-in page. It takes whatever kinds
// of identifier are on.
func identifierInput(s *Site, v *View) input {
	in := input{Name: ParamIdentifier, Plain: true, Value: v.Identifier, MaxLength: maxAddress}
	switch {
	case s.Email && s.Phone:
		in.Type, in.Mode, in.Autocomplete = "text", "email", "username"
		in.Label, in.Hint = "field.identifier", regionHint(s, "field.identifier")
	case s.Phone:
		in.Type, in.Autocomplete, in.MaxLength = "tel", "username", maxNumber
		in.Label, in.Hint = "field.phone_number", regionHint(s, "field.phone_number")
	default:
		in.Type, in.Autocomplete = "email", "username"
		in.Label = "field.email_address"
	}
	if v.Passkey != "" {
		in.Autocomplete += " webauthn" // browsers offer passkeys in the field
	}
	return in
}

func regionHint(s *Site, key string) string {
	if s.Region != "" {
		return key + ".hint_region"
	}
	return key + ".hint"
}

// signUpInput turns a field of a sign-up into an input. Unknown names become
// plain text fields, so that a new field is never silently lost.
func signUpInput(s *Site, v *View, f Field) input {
	if f.Name == ParamPassword {
		in := newPasswordInput(f.Name, "field.password", v.MinLength)
		in.Optional = !f.Required
		return in
	}
	in := input{Name: f.Name, Type: "text", Label: "field." + f.Name, Value: f.Value, Optional: !f.Required, MaxLength: maxName}
	switch f.Name {
	case "email_address":
		in.Type, in.Autocomplete, in.Plain, in.MaxLength = "email", "email", true, maxAddress
	case "phone_number":
		in.Type, in.Autocomplete, in.Plain, in.MaxLength = "tel", "tel", true, maxNumber
		in.Hint = regionHint(s, in.Label)
	case "first_name":
		in.Autocomplete = "given-name"
	case "last_name":
		in.Autocomplete = "family-name"
	}
	return in
}

// codeInput is the one field for the code. It is text, because a number field
// drops leading zeros, and loose about length, because people paste "123 456".
func codeInput(s *Site, v *View) input {
	return input{
		Name: ParamCode, Label: "code.label", MaxLength: 40, DescribedBy: "lead",
		Length: s.CodeLength, SMS: v.Channel == ChannelSMS,
	}
}

// totpInput is the one field for the code of an authenticator app (RFC 6238):
// six digits, whatever the length of codes that are sent.
func totpInput() input {
	const digits = 6
	return input{Name: ParamCode, Label: "code.label", MaxLength: 40, DescribedBy: "lead", Length: digits, App: true}
}

func backupCodeInput() input {
	return input{
		Name: ParamCode, Type: "text", Label: "backup_code.label", MaxLength: 60, DescribedBy: "lead",
		Autocomplete: "off", Plain: true,
	}
}

// passwordInput is the field for the password that somebody has.
func passwordInput() input {
	return input{Name: ParamPassword, Type: "password", Label: "field.password", Autocomplete: "current-password", Plain: true}
}

// newPasswordInput is the field for a new password, with the rule in words and
// in the form that password managers read.
func newPasswordInput(name, label string, least int) input {
	return input{
		Name: name, Type: "password", Label: label, Autocomplete: "new-password", Plain: true,
		Hint: "field.password.hint", MinLength: least,
	}
}

// inputs returns what the page asks for, with the refusal at its field and the
// focus where the visitor has to act.
func inputs(s *Site, v *View) []input {
	ins := pageInputs(s, v)
	for i := range ins {
		describe(&ins[i], v)
	}
	focus(ins, v)
	return ins
}

func pageInputs(s *Site, v *View) []input {
	switch v.Page {
	case PageSignIn:
		return []input{identifierInput(s, v)}
	case PageCode:
		return []input{codeInput(s, v)}
	case PageSignUp, PageCreate, PageDetails:
		ins := make([]input, 0, len(v.Fields))
		for _, f := range v.Fields {
			ins = append(ins, signUpInput(s, v, f))
		}
		return ins
	case PageAccountForm, PageAccountCode, PageAccountPassword, PageAccountTOTP:
		return accountInputs(s, v)
	case PageNewPassword:
		return []input{newPasswordInput(ParamPassword, "field.new_password", v.MinLength)}
	default:
		return ownInputs(v)
	}
}

// ownInputs are what pages of ways that need no message ask for. When all tries
// are spent there is nothing left to ask: no answer would be right.
func ownInputs(v *View) []input {
	if v.Refusal != nil && v.Refusal.Code == gatelatch.CodeFailed {
		return nil
	}
	switch v.Page {
	case PagePassword:
		return []input{passwordInput()}
	case PageTOTP:
		return []input{totpInput()}
	case PageBackupCode:
		return []input{backupCodeInput()}
	default:
		return nil
	}
}

func describe(in *input, v *View) {
	if in.Hint != "" {
		in.DescribedBy = joinIDs(in.DescribedBy, in.Name+"-hint")
	}
	if v.Refusal != nil && v.Refusal.Param == in.Name {
		in.Error = v.Refusal.Message
		in.DescribedBy = joinIDs(in.Name+"-error", in.DescribedBy)
	}
}

func joinIDs(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// focus picks the field at fault, or the first one when nothing is wrong. A
// refusal that belongs to no field takes the focus to the summary instead.
func focus(ins []input, v *View) {
	for i := range ins {
		if ins[i].Error != "" {
			ins[i].Autofocus = true
			return
		}
	}
	if len(ins) > 0 && v.Refusal == nil && v.Page != PageCreate {
		ins[firstToFill(ins, v)].Autofocus = true
	}
}

// firstToFill leaves out the address that an invitation has filled in.
func firstToFill(ins []input, v *View) int {
	if v.Notice == NoticeInvited {
		for i := range ins {
			if ins[i].Value == "" {
				return i
			}
		}
	}
	return 0
}
