// SPDX-License-Identifier: Apache-2.0

package identifier

import "github.com/gatelatch/gatelatch"

// The sentences shown. Each says what to do next, and none repeats the input.
const (
	sayEitherMissing = "Enter your email address or phone number."
	sayEmailMissing  = "Enter your email address."
	sayPhoneMissing  = "Enter your phone number."

	sayEither = "Enter an email address like name@example.com, or a phone number like +1 201 555 0123."
	sayEmail  = "Enter an email address like name@example.com."
	sayPhone  = "Enter a phone number like +1 201 555 0123."

	sayEmailLocal  = "Check the part before the @. It can hold letters from A to Z, digits, and signs such as - _ + and single dots."
	sayEmailDomain = "Check the part after the @. It should be a domain like example.com."
	sayPhoneDigits = "Enter the phone number in digits, without letters or an extension."
	sayPhonePlus   = "Start the phone number with + and the country code, like +1 201 555 0123."
	sayPhoneWrong  = "This phone number does not exist. Check its digits, and its country code if it has one."

	sayTooLong      = "This is too long. Enter an email address or phone number alone."
	sayEmailTooLong = "This email address is too long. Check it, or use another."
	sayPhoneTooLong = "This phone number is too long. Check it, or use another."

	sayCountry = "Codes cannot be sent to phone numbers of this country. Use a number of another country."
	sayType    = "Codes cannot be sent to this kind of phone number. Use a mobile number."

	sayEmailNotTaken = "Email addresses are not used here. Enter a phone number."
	sayPhoneNotTaken = "Phone numbers are not used here. Enter an email address."
	sayNeither       = "Neither email addresses nor phone numbers are used here."
)

// refusal is a "no" that does not know yet in which field it was typed.
type refusal struct {
	code    gatelatch.Code
	message string
}

func refuse(code gatelatch.Code, message string) *refusal {
	return &refusal{code: code, message: message}
}

// about names the field; the refusal of nothing is nil.
func (r *refusal) about(param string) *gatelatch.Refusal {
	if r == nil {
		return nil
	}
	return &gatelatch.Refusal{Code: r.code, Message: r.message, Param: param}
}

// ask returns the sentence that asks for a kind the policy accepts.
func (p Policy) ask() string {
	return p.pick(sayEither, sayEmail, sayPhone)
}

func (p Policy) askMissing() string {
	return p.pick(sayEitherMissing, sayEmailMissing, sayPhoneMissing)
}

func (p Policy) pick(either, email, phone string) string {
	switch {
	case p.Email && p.Phone:
		return either
	case p.Email:
		return email
	case p.Phone:
		return phone
	default:
		return sayNeither
	}
}
