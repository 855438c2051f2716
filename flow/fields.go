// SPDX-License-Identifier: Apache-2.0

package flow

// Names of sign-up fields on the wire.
const (
	FieldEmail     = "email_address"
	FieldPhone     = "phone_number"
	FieldFirstName = "first_name"
	FieldLastName  = "last_name"
	FieldPassword  = "password"
)

// field is one thing a sign-up may ask for.
type field struct {
	name string
	need Need
}

func (p Policy) fields() []field {
	return []field{
		{FieldEmail, p.Fields.Email},
		{FieldPhone, p.Fields.Phone},
		{FieldFirstName, p.Fields.FirstName},
		{FieldLastName, p.Fields.LastName},
		{FieldPassword, p.Password},
	}
}

func (p Policy) named(need Need) []string {
	names := []string{}
	for _, x := range p.fields() {
		if x.need == need {
			names = append(names, x.name)
		}
	}
	return names
}

// RequiredFields returns the names of the fields that every sign-up must give,
// never nil.
func (p Policy) RequiredFields() []string { return p.named(Required) }

// OptionalFields returns the names of the fields that a sign-up may give, never
// nil.
func (p Policy) OptionalFields() []string { return p.named(Optional) }

// has reports whether the sign-up holds a field.
func (s SignUp) has(name string) bool {
	switch name {
	case FieldEmail:
		return s.Email != nil
	case FieldPhone:
		return s.Phone != nil
	case FieldFirstName:
		return s.FirstName != ""
	case FieldLastName:
		return s.LastName != ""
	case FieldPassword:
		return len(s.Password) > 0
	}
	return false
}

// MissingFields returns what still has to be given, never nil. Where neither
// address is required, one of the optional ones is; the first that is offered
// stands for both.
func (s SignUp) MissingFields(p Policy) []string {
	missing := []string{}
	if f := p.Fields; s.Email == nil && s.Phone == nil && f.Email != Required && f.Phone != Required {
		missing = append(missing, f.firstAddress())
	}
	for _, name := range p.RequiredFields() {
		if !s.has(name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func (f Fields) firstAddress() string {
	if f.Email != Off {
		return FieldEmail
	}
	return FieldPhone
}

// UnverifiedFields returns the given addresses that are not proven, never nil.
func (s SignUp) UnverifiedFields() []string {
	unverified := []string{}
	if s.Email != nil && !s.EmailProof.Proven() {
		unverified = append(unverified, FieldEmail)
	}
	if s.Phone != nil && !s.PhoneProof.Proven() {
		unverified = append(unverified, FieldPhone)
	}
	return unverified
}
