// SPDX-License-Identifier: Apache-2.0

package flow

// Names of sign-up fields on the wire.
const (
	FieldEmail     = "email_address"
	FieldPhone     = "phone_number"
	FieldFirstName = "first_name"
	FieldLastName  = "last_name"
)

// field is one thing a sign-up may ask for.
type field struct {
	name string
	need Need
}

func (f Fields) all() []field {
	return []field{
		{FieldEmail, f.Email},
		{FieldPhone, f.Phone},
		{FieldFirstName, f.FirstName},
		{FieldLastName, f.LastName},
	}
}

func (f Fields) named(need Need) []string {
	names := []string{}
	for _, x := range f.all() {
		if x.need == need {
			names = append(names, x.name)
		}
	}
	return names
}

// Required returns the names of the fields that every sign-up must give.
func (f Fields) Required() []string { return f.named(Required) }

// Optional returns the names of the fields that a sign-up may give.
func (f Fields) Optional() []string { return f.named(Optional) }

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
	}
	return false
}

// MissingFields returns what still has to be given, never nil. Where neither
// address is required, one of the optional ones is; the first that is offered
// stands for both.
func (s SignUp) MissingFields(f Fields) []string {
	missing := []string{}
	if s.Email == nil && s.Phone == nil && f.Email != Required && f.Phone != Required {
		missing = append(missing, f.firstAddress())
	}
	for _, name := range f.Required() {
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
