// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"cmp"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/wire"
)

// environment tells how the site is set up, in the shape from which Clerk's
// components decide what to show.
func (c *call) environment() {
	doors, err := c.Flow.Doors(c.r.Context())
	if err != nil {
		c.fail(err)
		return
	}
	c.plain(c.environmentOf(doors))
}

// environmentOf is the environment while the doors stand like that.
func (c *call) environmentOf(doors flow.Doors) Environment {
	return Environment{
		Object: "environment", ID: "env_gatelatch",
		AuthConfig: AuthConfig{
			Object: "auth_config", ID: "aconf_gatelatch", SingleSessionMode: !c.Site.MultiSession, Reverification: true,
			PreferredChannels: map[string]string{},
		},
		DisplayConfig:        c.display(),
		UserSettings:         c.userSettings(doors),
		OrganizationSettings: noOrganizations(),
		CommerceSettings:     CommerceSettings{Object: "commerce_settings", ID: "cset_gatelatch"},
		APIKeysSettings:      APIKeysSettings{Object: "api_keys_settings", ID: "akset_gatelatch"},
		ProtectConfig:        ProtectConfig{Object: "protect_config", ID: "prot_gatelatch"},
	}
}

func (c *call) display() DisplayConfig {
	home := c.own()
	base := home + c.Site.Base
	d := DisplayConfig{
		Object: "display_config", ID: "dconf_gatelatch", ApplicationName: c.Site.Name, InstanceEnvironmentType: "production",
		HomeURL: home, AfterSignInURL: home, AfterSignUpURL: home, AfterSignOutOneURL: home, AfterSignOutAllURL: home,
		AfterSwitchSessionURL: home, AfterJoinWaitlistURL: home,
		SignInURL: base + "/sign-in", SignUpURL: base + "/sign-up", UserProfileURL: base + "/account",
		WaitlistURL: base + "/sign-up", LogoImageURL: c.absolute(c.Site.Logo), SupportEmail: supportEmail(c.Site.Help),
		TermsURL: c.absolute(c.Site.Terms), PreferredSignInStrategy: "otp", Theme: plainTheme(),
		CaptchaWidgetType: "invisible", CaptchaProvider: "turnstile", CaptchaOAuthBypass: []string{},
	}
	if c.Flow.Policy.Password == flow.Required { // else most people have none, and nothing may tell who has
		d.PreferredSignInStrategy = "password"
	}
	return d
}

// plainTheme is the light one of the gate's own pages.
func plainTheme() DisplayTheme {
	const letters = `system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`
	return DisplayTheme{
		General: ThemeGeneral{
			Color: "#1f4fd8", BackgroundColor: "#ffffff", FontFamily: letters, FontColor: "#16181d", LabelFontWeight: "600",
			Padding: "1em", BorderRadius: "0.5em", BoxShadow: "0 2px 8px rgba(0, 0, 0, 0.2)",
		},
		Buttons:  ThemeButtons{FontColor: "#ffffff", FontFamily: letters, FontWeight: "600"},
		Accounts: ThemeAccounts{BackgroundColor: "#ffffff"},
	}
}

// absolute makes an address out of a path on the site.
func (c *call) absolute(address string) string {
	if strings.HasPrefix(address, "/") {
		return c.own() + address
	}
	return address
}

func supportEmail(help string) *string {
	address, ok := strings.CutPrefix(help, "mailto:")
	if !ok {
		return nil
	}
	return wire.Text(address)
}

func (c *call) userSettings(doors flow.Doors) UserSettings {
	p := c.Flow.Policy
	return UserSettings{
		Object: "user_settings", ID: "uset_gatelatch",
		Attributes: c.attributes(),
		Actions:    Actions{DeleteSelf: p.DeleteSelf},
		Social:     map[string]wire.Nothing{},
		SignIn:     SignInSettings{SecondFactor: SecondFactorSettings{Required: p.SecondFactor == flow.Required, Enabled: p.SecondFactor != flow.Off}},
		SignUp: SignUpSettings{
			Progressive: true, Mode: mode(doors.Mode), LegalConsentEnabled: p.Terms.URL != "" || p.Terms.Version != "",
			AllowlistOnly: doors.Restricted, MFA: Requirement{Required: p.SecondFactor == flow.Required},
		},
		PasswordSettings: PasswordSettings{
			MinLength: c.minPassword(), MaxLength: cmp.Or(c.Flow.PasswordRules.MaxLength, password.DefaultMaxLength),
			DisableHIBP: c.Flow.PasswordRules.Breached == nil, AllowedSpecialCharacters: specialCharacters,
		},
		PasskeySettings:  PasskeySettings{AllowAutofill: c.Flow.Passkeys != nil, ShowSignInButton: c.Flow.Passkeys != nil},
		UsernameSettings: UsernameSettings{MinLength: 4, MaxLength: 64},
		AttackProtection: AttackProtection{EnumerationProtection: Enabled{Enabled: !p.Reveal}},
	}
}

// specialCharacters are those that SDKs count as such; none has to be in a
// password.
const specialCharacters = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"

func (c *call) minPassword() int {
	return cmp.Or(c.Site.PasswordMin, c.Flow.PasswordRules.MinLength, password.DefaultMinLength)
}

// mode says who may sign up in Clerk's words. Whoever was invited comes with a
// ticket, which is good in each of them.
func mode(m flow.SignUpMode) string {
	switch m {
	case flow.SignUpOpen:
		return "public"
	case flow.SignUpWaitlist:
		return "waitlist"
	default:
		return "restricted"
	}
}

// attributes are what people have on this site, under the ten names that Clerk
// knows.
func (c *call) attributes() Attributes {
	p := c.Flow.Policy
	second := p.SecondFactor != flow.Off
	return Attributes{
		EmailAddress:     c.emailAttribute(),
		PhoneNumber:      c.phoneAttribute(second),
		Username:         attribute(false, false),
		FirstName:        attribute(p.Fields.FirstName != flow.Off, p.Fields.FirstName == flow.Required),
		LastName:         attribute(p.Fields.LastName != flow.Off, p.Fields.LastName == flow.Required),
		Password:         attribute(p.TakesPasswords(), p.Password == flow.Required),
		Web3Wallet:       attribute(false, false),
		AuthenticatorApp: attribute(second, false).second(second, gatelatch.TOTPCode),
		BackupCode:       attribute(second, false).second(second, gatelatch.BackupCode),
		Passkey:          attribute(c.Flow.Passkeys != nil, false),
	}
}

func attribute(enabled, required bool) Attribute {
	return Attribute{
		Enabled: enabled, Required: enabled && required,
		Verifications: []gatelatch.Strategy{}, FirstFactors: []gatelatch.Strategy{}, SecondFactors: []gatelatch.Strategy{},
	}
}

// first says that an attribute begins sign-ins, by these strategies.
func (a Attribute) first(yes bool, by ...gatelatch.Strategy) Attribute {
	if yes {
		a.UsedForFirstFactor, a.FirstFactors, a.VerifyAtSignUp = true, by, true
		a.Verifications = by[:1] // a sign-up proves an address by a code alone
	}
	return a
}

// second says that an attribute is a second step, by one strategy.
func (a Attribute) second(yes bool, by gatelatch.Strategy) Attribute {
	if yes {
		a.UsedForSecondFactor, a.SecondFactors = true, []gatelatch.Strategy{by}
	}
	return a
}

// An address that is no field of sign-ups may still be one that signs in: those
// that the site has on are.
func (c *call) emailAttribute() Attribute {
	f := c.Flow.Policy.Fields
	a := attribute(c.Site.Email, f.Email == flow.Required)
	return a.first(c.Site.Email, gatelatch.EmailCode, gatelatch.EmailLink)
}

func (c *call) phoneAttribute(second bool) Attribute {
	f := c.Flow.Policy.Fields
	a := attribute(c.Site.Phone, f.Phone == flow.Required).first(c.Site.Phone, gatelatch.PhoneCode)
	if c.Site.Phone {
		a.Channels = []string{"sms"}
	}
	return a.second(second && c.Site.Phone, gatelatch.PhoneCode)
}

func noOrganizations() OrganizationSettings {
	return OrganizationSettings{
		Object: "organization_settings", ID: "oset_gatelatch",
		MaxAllowedMemberships: 1,
		Domains:               OrganizationDomains{EnrollmentModes: []string{}},
		Slug:                  Disabled{Disabled: true},
	}
}
