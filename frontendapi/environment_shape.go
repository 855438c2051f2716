// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/wire"
)

// Environment is how a site is set up. Everything that Clerk has and this gate has
// not is there and off: SDKs read it without asking whether it is.
type Environment struct {
	Object               string               `json:"object"` // "environment"
	ID                   string               `json:"id"`
	AuthConfig           AuthConfig           `json:"auth_config"`
	DisplayConfig        DisplayConfig        `json:"display_config"`
	UserSettings         UserSettings         `json:"user_settings"`
	OrganizationSettings OrganizationSettings `json:"organization_settings"`
	CommerceSettings     CommerceSettings     `json:"commerce_settings"`
	APIKeysSettings      APIKeysSettings      `json:"api_keys_settings"`
	ProtectConfig        ProtectConfig        `json:"protect_config"`
	MaintenanceMode      bool                 `json:"maintenance_mode"`
	ClientDebugMode      bool                 `json:"client_debug_mode"`
	PartitionedCookies   bool                 `json:"partitioned_cookies"`
}

// AuthConfig says how sessions are held.
type AuthConfig struct {
	Object            string            `json:"object"` // "auth_config"
	ID                string            `json:"id"`
	SingleSessionMode bool              `json:"single_session_mode"`
	ClaimedAt         *wire.Millis      `json:"claimed_at"`
	Reverification    bool              `json:"reverification"`
	SessionMinter     bool              `json:"session_minter"`
	PreferredChannels map[string]string `json:"preferred_channels"`
}

// DisplayConfig is what components show, and where they lead.
type DisplayConfig struct {
	Object                       string       `json:"object"` // "display_config"
	ID                           string       `json:"id"`
	ApplicationName              string       `json:"application_name"`
	InstanceEnvironmentType      string       `json:"instance_environment_type"`
	HomeURL                      string       `json:"home_url"`
	SignInURL                    string       `json:"sign_in_url"`
	SignUpURL                    string       `json:"sign_up_url"`
	UserProfileURL               string       `json:"user_profile_url"`
	WaitlistURL                  string       `json:"waitlist_url"`
	AfterSignInURL               string       `json:"after_sign_in_url"`
	AfterSignUpURL               string       `json:"after_sign_up_url"`
	AfterSignOutOneURL           string       `json:"after_sign_out_one_url"`
	AfterSignOutAllURL           string       `json:"after_sign_out_all_url"`
	AfterSwitchSessionURL        string       `json:"after_switch_session_url"`
	AfterJoinWaitlistURL         string       `json:"after_join_waitlist_url"`
	OrganizationProfileURL       string       `json:"organization_profile_url"`
	CreateOrganizationURL        string       `json:"create_organization_url"`
	AfterLeaveOrganizationURL    string       `json:"after_leave_organization_url"`
	AfterCreateOrganizationURL   string       `json:"after_create_organization_url"`
	LogoImageURL                 string       `json:"logo_image_url"`
	FaviconImageURL              string       `json:"favicon_image_url"`
	SupportEmail                 *string      `json:"support_email"`
	TermsURL                     string       `json:"terms_url"`
	PrivacyPolicyURL             string       `json:"privacy_policy_url"`
	PreferredSignInStrategy      string       `json:"preferred_sign_in_strategy"` // otp or password
	Branded                      bool         `json:"branded"`
	ShowDevmodeWarning           bool         `json:"show_devmode_warning"`
	Theme                        DisplayTheme `json:"theme"`
	CaptchaPublicKey             *string      `json:"captcha_public_key"`
	CaptchaPublicKeyInvisible    *string      `json:"captcha_public_key_invisible"`
	CaptchaWidgetType            string       `json:"captcha_widget_type"`
	CaptchaProvider              string       `json:"captcha_provider"`
	CaptchaOAuthBypass           []string     `json:"captcha_oauth_bypass"`
	CaptchaHeartbeat             bool         `json:"captcha_heartbeat"`
	CaptchaHeartbeatIntervalInMs *int64       `json:"captcha_heartbeat_interval_ms,omitempty"`
	GoogleOneTapClientID         *string      `json:"google_one_tap_client_id"`
}

// DisplayTheme holds the colours and letters that old components begin with.
type DisplayTheme struct {
	General  ThemeGeneral  `json:"general"`
	Buttons  ThemeButtons  `json:"buttons"`
	Accounts ThemeAccounts `json:"accounts"`
}

// ThemeGeneral is how everything looks.
type ThemeGeneral struct {
	Color           string `json:"color"`
	BackgroundColor string `json:"background_color"`
	FontFamily      string `json:"font_family"`
	FontColor       string `json:"font_color"`
	LabelFontWeight string `json:"label_font_weight"`
	Padding         string `json:"padding"`
	BorderRadius    string `json:"border_radius"`
	BoxShadow       string `json:"box_shadow"`
}

// ThemeButtons is how buttons look.
type ThemeButtons struct {
	FontColor  string `json:"font_color"`
	FontFamily string `json:"font_family"`
	FontWeight string `json:"font_weight"`
}

// ThemeAccounts is how the pages of an account look.
type ThemeAccounts struct {
	BackgroundColor string `json:"background_color"`
}

// UserSettings are what people have, and may do.
type UserSettings struct {
	Object           string                  `json:"object"` // "user_settings"
	ID               string                  `json:"id"`
	Attributes       Attributes              `json:"attributes"`
	Actions          Actions                 `json:"actions"`
	Social           map[string]wire.Nothing `json:"social"`
	EnterpriseSSO    EnterpriseSSO           `json:"enterprise_sso"`
	SAML             Enabled                 `json:"saml"`
	SignIn           SignInSettings          `json:"sign_in"`
	SignUp           SignUpSettings          `json:"sign_up"`
	PasswordSettings PasswordSettings        `json:"password_settings"`
	PasskeySettings  PasskeySettings         `json:"passkey_settings"`
	UsernameSettings UsernameSettings        `json:"username_settings"`
	AttackProtection AttackProtection        `json:"attack_protection"`
}

// Attributes are the ten that components ask for by name.
type Attributes struct {
	EmailAddress     Attribute `json:"email_address"`
	PhoneNumber      Attribute `json:"phone_number"`
	Username         Attribute `json:"username"`
	FirstName        Attribute `json:"first_name"`
	LastName         Attribute `json:"last_name"`
	Password         Attribute `json:"password"`
	Web3Wallet       Attribute `json:"web3_wallet"`
	AuthenticatorApp Attribute `json:"authenticator_app"`
	BackupCode       Attribute `json:"backup_code"`
	Passkey          Attribute `json:"passkey"`
}

// Attribute is one thing that people may have.
type Attribute struct {
	Enabled             bool                 `json:"enabled"`
	Required            bool                 `json:"required"`
	Verifications       []gatelatch.Strategy `json:"verifications"`
	UsedForFirstFactor  bool                 `json:"used_for_first_factor"`
	FirstFactors        []gatelatch.Strategy `json:"first_factors"`
	UsedForSecondFactor bool                 `json:"used_for_second_factor"`
	SecondFactors       []gatelatch.Strategy `json:"second_factors"`
	VerifyAtSignUp      bool                 `json:"verify_at_sign_up"`
	Channels            []string             `json:"channels,omitempty"`
}

// Actions are what users may do by themselves.
type Actions struct {
	DeleteSelf         bool `json:"delete_self"`
	CreateOrganization bool `json:"create_organization"`
}

// Enabled is a switch.
type Enabled struct {
	Enabled bool `json:"enabled"`
}

// Disabled is a switch the other way round.
type Disabled struct {
	Disabled bool `json:"disabled"`
}

// Requirement says whether something must be.
type Requirement struct {
	Required bool `json:"required"`
}

// EnterpriseSSO is off.
type EnterpriseSSO struct {
	Enabled                bool `json:"enabled"`
	SelfServeSSO           bool `json:"self_serve_sso"`
	SelfServeDirectorySync bool `json:"self_serve_directory_sync"`
}

// SignInSettings and SecondFactorSettings are about sign-ins.
type SignInSettings struct {
	SecondFactor SecondFactorSettings `json:"second_factor"`
}

// SecondFactorSettings say whether users may, or must, take a second step.
type SecondFactorSettings struct {
	Required bool `json:"required"`
	Enabled  bool `json:"enabled"`
}

// SignUpSettings are about sign-ups.
type SignUpSettings struct {
	AllowlistOnly        bool        `json:"allowlist_only"`
	Progressive          bool        `json:"progressive"`
	CaptchaEnabled       bool        `json:"captcha_enabled"`
	CustomActionRequired bool        `json:"custom_action_required"`
	DisableHIBP          bool        `json:"disable_hibp"`
	Mode                 string      `json:"mode"` // public, restricted or waitlist
	LegalConsentEnabled  bool        `json:"legal_consent_enabled"`
	MFA                  Requirement `json:"mfa"`
}

// PasswordSettings are what SDKs tell of a password while it is typed. The gate
// judges it itself.
type PasswordSettings struct {
	MinLength                int    `json:"min_length"`
	MaxLength                int    `json:"max_length"`
	DisableHIBP              bool   `json:"disable_hibp"`
	RequireSpecialChar       bool   `json:"require_special_char"`
	RequireNumbers           bool   `json:"require_numbers"`
	RequireUppercase         bool   `json:"require_uppercase"`
	RequireLowercase         bool   `json:"require_lowercase"`
	ShowZXCVBN               bool   `json:"show_zxcvbn"`
	MinZXCVBNStrength        int    `json:"min_zxcvbn_strength"`
	AllowedSpecialCharacters string `json:"allowed_special_characters"`
}

// PasskeySettings say where passkeys are offered.
type PasskeySettings struct {
	AllowAutofill    bool `json:"allow_autofill"`
	ShowSignInButton bool `json:"show_sign_in_button"`
}

// UsernameSettings are Clerk's defaults: there are no user names here.
type UsernameSettings struct {
	MinLength int `json:"min_length"`
	MaxLength int `json:"max_length"`
}

// AttackProtection says whether answers tell who has an account.
type AttackProtection struct {
	EnumerationProtection Enabled `json:"enumeration_protection"`
}

// OrganizationSettings are off.
type OrganizationSettings struct {
	Object                       string              `json:"object"` // "organization_settings"
	ID                           string              `json:"id"`
	Enabled                      bool                `json:"enabled"`
	MaxAllowedMemberships        int                 `json:"max_allowed_memberships"`
	ForceOrganizationSelection   bool                `json:"force_organization_selection"`
	Actions                      OrganizationActions `json:"actions"`
	Domains                      OrganizationDomains `json:"domains"`
	Slug                         Disabled            `json:"slug"`
	OrganizationCreationDefaults Enabled             `json:"organization_creation_defaults"`
}

// OrganizationActions are off.
type OrganizationActions struct {
	AdminDelete bool `json:"admin_delete"`
}

// OrganizationDomains are off.
type OrganizationDomains struct {
	Enabled         bool     `json:"enabled"`
	EnrollmentModes []string `json:"enrollment_modes"`
	DefaultRole     *string  `json:"default_role"`
}

// CommerceSettings are off. SDKs fail without the two inside.
type CommerceSettings struct {
	Object  string  `json:"object"` // "commerce_settings"
	ID      string  `json:"id"`
	Billing Billing `json:"billing"`
}

// Billing is off.
type Billing struct {
	StripePublishableKey *string      `json:"stripe_publishable_key"`
	Organization         BillingPlans `json:"organization"`
	User                 BillingPlans `json:"user"`
}

// BillingPlans are off.
type BillingPlans struct {
	Enabled      bool `json:"enabled"`
	HasPaidPlans bool `json:"has_paid_plans"`
}

// APIKeysSettings are off.
type APIKeysSettings struct {
	Object             string `json:"object"` // "api_keys_settings"
	ID                 string `json:"id"`
	Enabled            bool   `json:"enabled"`
	UserAPIKeysEnabled bool   `json:"user_api_keys_enabled"`
	OrgsAPIKeysEnabled bool   `json:"orgs_api_keys_enabled"`
	ShowInUserProfile  bool   `json:"show_in_user_profile"`
	ShowInOrgProfile   bool   `json:"show_in_org_profile"`
}

// ProtectConfig is empty.
type ProtectConfig struct {
	Object string `json:"object"` // "protect_config"
	ID     string `json:"id"`
}
