// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/gatelatch/gatelatch"
)

func instanceRoutes() []Route {
	return []Route{
		route("GET", "/instance", "The site", func(c *call, _ Nothing) (Instance, *gatelatch.Refusal, error) { return c.instance(), nil, nil }),
		route("PATCH", "/instance", "Refused for all that stands in the Caddyfile", changeInstance),
		route("PATCH", "/instance/restrictions", "Refused but for what is so already", changeRestrictions),
	}
}

// Instance is the site.
type Instance struct {
	Object          string   `json:"object"` // "instance"
	ID              string   `json:"id"`
	EnvironmentType string   `json:"environment_type"` // production or development
	AllowedOrigins  []string `json:"allowed_origins"`  // or null
}

// instanceID is the same as long as the publishable key is.
func (c *call) instanceID() string {
	sum := sha256.Sum256([]byte(c.PublishableKey))
	return "ins_" + hex.EncodeToString(sum[:12])
}

func (c *call) instance() Instance {
	i := Instance{Object: "instance", ID: c.instanceID(), EnvironmentType: "development", AllowedOrigins: c.Allowed}
	if c.PublishableKey.Live() {
		i.EnvironmentType = "production"
	}
	return i
}

// changedInstance is the body of PATCH /instance.
type changedInstance struct {
	TestMode                    *bool     `json:"test_mode"`
	HIBP                        *bool     `json:"hibp"`
	SupportEmail                *string   `json:"support_email"`
	ClerkJSVersion              *string   `json:"clerk_js_version"`
	DevelopmentOrigin           *string   `json:"development_origin"`
	AllowedOrigins              *[]string `json:"allowed_origins"`
	EnhancedEmailDeliverability *bool     `json:"enhanced_email_deliverability"`
	URLBasedSessionSyncing      *bool     `json:"url_based_session_syncing"`
	PreferredSignInStrategy     *string   `json:"preferred_sign_in_strategy_when_password_required"`
}

// changeInstance refuses: what the Caddyfile says is changed there, and pretending
// would be worse. What is so already may be asked for.
func changeInstance(c *call, in changedInstance) (Done, *gatelatch.Refusal, error) {
	flow := c.Admin.Flow
	for _, f := range []struct {
		param string
		other bool
	}{
		{"test_mode", in.TestMode != nil && *in.TestMode != flow.Policy.TestMode},
		{"hibp", in.HIBP != nil && *in.HIBP != (flow.PasswordRules.Breached != nil)},
		{"allowed_origins", in.AllowedOrigins != nil && !slices.Equal(*in.AllowedOrigins, c.Allowed)},
		{"support_email", in.SupportEmail != nil},
		{"clerk_js_version", in.ClerkJSVersion != nil},
		{"development_origin", in.DevelopmentOrigin != nil},
		{"enhanced_email_deliverability", in.EnhancedEmailDeliverability != nil && *in.EnhancedEmailDeliverability},
		{"url_based_session_syncing", in.URLBasedSessionSyncing != nil && *in.URLBasedSessionSyncing},
		{"preferred_sign_in_strategy_when_password_required", in.PreferredSignInStrategy != nil},
	} {
		if f.other {
			return Done{}, refuseConfigured(f.param), nil
		}
	}
	return Done{}, nil, nil
}

func refuseConfigured(param string) *gatelatch.Refusal {
	return &gatelatch.Refusal{
		Code: gatelatch.CodeForbidden, Param: param, Message: "That stands in the configuration of the server; change it there and reload.",
	}
}

// Restrictions say which lists are in force.
type Restrictions struct {
	Object                      string `json:"object"` // "instance_restrictions"
	Allowlist                   bool   `json:"allowlist"`
	Blocklist                   bool   `json:"blocklist"`
	BlockEmailSubaddresses      bool   `json:"block_email_subaddresses"`
	BlockDisposableEmailDomains bool   `json:"block_disposable_email_domains"`
	IgnoreDotsForGmailAddresses bool   `json:"ignore_dots_for_gmail_addresses"`
}

type changedRestrictions struct {
	Allowlist                   *bool `json:"allowlist"`
	Blocklist                   *bool `json:"blocklist"`
	BlockEmailSubaddresses      *bool `json:"block_email_subaddresses"`
	BlockDisposableEmailDomains *bool `json:"block_disposable_email_domains"`
	IgnoreDotsForGmailAddresses *bool `json:"ignore_dots_for_gmail_addresses"`
}

// changeRestrictions tells what is in force. A list is in force as long as it has a
// line, so there is nothing to switch.
func changeRestrictions(c *call, in changedRestrictions) (Restrictions, *gatelatch.Refusal, error) {
	rules, err := c.Admin.Admission(c.ctx())
	if err != nil {
		return Restrictions{}, nil, err
	}
	is := Restrictions{
		Object: "instance_restrictions", Allowlist: len(rules.Allow) > 0, Blocklist: len(rules.Block) > 0,
		BlockDisposableEmailDomains: rules.Disposable != nil,
	}
	for _, f := range []struct {
		param string
		wants *bool
		is    bool
	}{
		{"allowlist", in.Allowlist, is.Allowlist},
		{"blocklist", in.Blocklist, is.Blocklist},
		{"block_email_subaddresses", in.BlockEmailSubaddresses, is.BlockEmailSubaddresses},
		{"block_disposable_email_domains", in.BlockDisposableEmailDomains, is.BlockDisposableEmailDomains},
		{"ignore_dots_for_gmail_addresses", in.IgnoreDotsForGmailAddresses, is.IgnoreDotsForGmailAddresses},
	} {
		if f.wants != nil && *f.wants != f.is {
			return Restrictions{}, refuseConfigured(f.param), nil
		}
	}
	return is, nil, nil
}
