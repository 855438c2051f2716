// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

func (g *Gate) parseFrontendAPI(d *caddyfile.Dispenser) error {
	f := new(FrontendAPI)
	g.FrontendAPI = f
	options := []option{
		{"publishable_key", text(&f.PublishableKey, checkPublishableKey)},
		{"allowed_origins", texts(&f.AllowedOrigins, "frontend_api allowed_origins", checkAllowed)},
		{"enumeration", text(&f.Enumeration, checkEnumeration)},
		{"multi_session", text(&f.MultiSession, checkSwitch("frontend_api multi_session"))},
		{"native", text(&f.Native, checkSwitch("frontend_api native"))},
		{"sdk_files", text(&f.SDKFiles, checkSDKFiles)},
	}
	if d.NextArg() {
		return d.Errf("unexpected %q after frontend_api; the word alone is enough, and its options stand in a block: %s",
			d.Val(), names(options))
	}
	return parseBlock(d, options)
}

func (g *Gate) parseBackendAPI(d *caddyfile.Dispenser) error {
	b := new(BackendAPI)
	g.BackendAPI = b
	options := []option{
		{"secret_key", b.parseSecretKey},
		{"base_path", text(&b.BasePath, checkBackendPath)},
	}
	if d.NextArg() { // not quoted: it may be a key in the wrong place
		return d.Errf("unexpected word after backend_api; its options stand in a block: %s", names(options))
	}
	if err := parseBlock(d, options); err != nil {
		return err
	}
	if len(b.SecretKeys) == 0 {
		return d.WrapErr(errNoSecretKey)
	}
	return nil
}

// parseSecretKey reads
//
//	secret_key [<name>] <value>
//
// No error quotes the value.
func (b *BackendAPI) parseSecretKey(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) == 0 || len(words) > 2 {
		return d.Err("secret_key needs a value of at least 32 characters, or a name and a value, for example " +
			"secret_key deploy {env.GATELATCH_SECRET_KEY}")
	}
	k := SecretKey{Value: words[len(words)-1]}
	if k.Value == "" {
		return d.WrapErr(errEmptySecretKey)
	}
	if len(words) == 2 {
		k.Name = words[0]
	}
	if err := checkKeyName(k.name()); err != nil {
		return d.WrapErr(err)
	}
	for _, other := range b.SecretKeys {
		if other.name() == k.name() {
			return d.Errf("backend_api secret_key: two keys are named %s; write secret_key <name> <value>", k.name())
		}
	}
	b.SecretKeys = append(b.SecretKeys, k)
	return nil
}

// parseTemplate reads
//
//	token_template <name> [<lifetime>] {
//		<claim> <value>
//	}
func (g *Gate) parseTemplate(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Err("token_template needs a name and a block: token_template <name> [<lifetime>] { <claim> <value> }")
	}
	name, t := d.Val(), &TokenTemplate{Claims: make(map[string]string)}
	if _, again := g.TokenTemplates[name]; again {
		return d.Errf("token_template %s is given twice", name)
	}
	if d.NextArg() {
		v, err := parseDuration(d.Val())
		if err != nil {
			return d.Errf("token_template %s %q; expected a lifetime such as 60s or 10m, or a block", name, d.Val())
		}
		t.Lifetime = duration(v)
		if err := checkTemplateLife(name, t.Lifetime); err != nil {
			return d.WrapErr(err)
		}
	}
	if d.NextArg() {
		return d.Errf("unexpected %q after token_template %s; its claims stand in a block: <claim> <value>", d.Val(), name)
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := t.parseClaim(d, name); err != nil {
			return err
		}
	}
	if g.TokenTemplates == nil {
		g.TokenTemplates = make(map[string]*TokenTemplate)
	}
	g.TokenTemplates[name] = t
	return located(d, checkTemplate(name, t))
}

func (t *TokenTemplate) parseClaim(d *caddyfile.Dispenser, template string) error {
	claim, value := d.Val(), ""
	if _, again := t.Claims[claim]; again {
		return d.Errf("token_template %s %s is given twice", template, claim)
	}
	if !d.AllArgs(&value) {
		return d.Errf("token_template %s %s needs one value such as {user.id}; put it in quotes when it holds spaces", template, claim)
	}
	if err := checkClaim(template, claim, value); err != nil {
		return d.WrapErr(err)
	}
	t.Claims[claim] = value
	return nothingLeft(d, claim)
}
