// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/caddymodule"
)

func decode(r io.Reader, v any) error { return json.NewDecoder(r).Decode(v) }

func TestOrigins(t *testing.T) {
	const gate = " {\n\tgatelatch {\n\t\temail outbox /tmp/outbox\n\t}\n}\n"
	for name, row := range map[string]struct{ sites, want, err string }{
		"plain localhost":   {"http://localhost:8080" + gate, "http://localhost:8080", ""},
		"localhost":         {"localhost" + gate, "https://localhost", ""},
		"localhost, port":   {"localhost:8443" + gate, "https://localhost:8443", ""},
		"public name":       {"app.example.com" + gate, "https://app.example.com", ""},
		"several names":     {"app.example.com, www.example.com" + gate, "https://app.example.com https://www.example.com", ""},
		"capitals":          {"App.Example.com" + gate, "https://app.example.com", ""},
		"other port":        {"app.example.com:8443" + gate, "https://app.example.com:8443", ""},
		"loopback address":  {"http://127.0.0.1:8080" + gate, "http://127.0.0.1:8080", ""},
		"loopback IPv6":     {"http://[::1]:8080" + gate, "http://[::1]:8080", ""},
		"subdomain":         {"http://app.localhost:8080" + gate, "http://app.localhost:8080", ""},
		"no name":           {":8080" + gate, "", "write origin"},
		"no name, loopback": {":8080 {\n\tbind 127.0.0.1\n\tgatelatch\n}\n", "http://localhost:8080 http://127.0.0.1:8080", ""},
		"pattern":           {"*.example.com" + gate, "", "stands for many"},
		"pattern, handled": {
			"*.example.com {\n\t@a host a.example.com\n\thandle @a {\n\t\tgatelatch {\n\t\t\temail outbox /tmp/outbox\n\t\t}\n\t}\n}\n",
			"https://a.example.com", "",
		},
		"unencrypted": {"http://app.example.com" + gate, "", "not encrypted"},
		"unencrypted, written": {
			"http://app.example.com {\n\tgatelatch {\n\t\torigin http://app.example.com\n\t\temail outbox /tmp/outbox\n\t}\n}\n",
			"http://app.example.com", "",
		},
		"behind a proxy": {
			":8080 {\n\tgatelatch {\n\t\torigin HTTPS://App.example.com:443\n\t\temail outbox /tmp/outbox\n\t}\n}\n",
			"https://app.example.com", "",
		},
		"mixed": {
			":8080 {\n\tgatelatch {\n\t\torigin https://app.example.com http://app.example.com\n\t\temail outbox /tmp/outbox\n\t}\n}\n",
			"", "mix http and https",
		},
		"matcher":     {"app.example.com {\n\tgatelatch /a/* {\n\t\temail outbox /tmp/outbox\n\t}\n}\n", "https://app.example.com", ""},
		"second site": {"one.example.com {\n\trespond one\n}\napp.example.com" + gate, "https://app.example.com", ""},
		"in a route":  {"app.example.com {\n\troute {\n\t\tgatelatch {\n\t\t\temail outbox /tmp/outbox\n\t\t}\n\t}\n}\n", "https://app.example.com", ""},
		"no sender":   {"app.example.com {\n\tgatelatch\n}\n", "", "has no sender for email"},
		"a public name behind the origin of another": {"app.example.com {\n\tgatelatch {\n\t\torigin https://localhost\n\t}\n}\n", "", "has no sender for email"},
		"no sender for sms":                          {"app.example.com {\n\tgatelatch {\n\t\tidentifiers phone\n\t}\n}\n", "", "has no sender for sms"},
		"cookie domain":                              {"app.example.com {\n\tgatelatch {\n\t\temail outbox /tmp/outbox\n\t\tsession {\n\t\t\tcookie_domain example.org\n\t\t}\n\t}\n}\n", "", "does not hold"},
		"postgres, no secret":                        {"localhost {\n\tgatelatch {\n\t\tstore postgres postgres://u@127.0.0.1/x\n\t}\n}\n", "", "needs the option secret"},
		"short secret":                               {"localhost {\n\tgatelatch {\n\t\tsecret short\n\t}\n}\n", "", "at least 32 bytes"},
		"secret not set":                             {"localhost {\n\tgatelatch {\n\t\tsecret {env.GATELATCH_NOT_SET}\n\t}\n}\n", "", "{env.GATELATCH_NOT_SET} cannot be resolved"},
		"templates not there":                        {"localhost {\n\tgatelatch {\n\t\tbranding {\n\t\t\ttemplates /not/there\n\t\t}\n\t}\n}\n", "", "is no directory"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := provision(t, row.sites)
			switch {
			case row.err == "" && err != nil, row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)):
				t.Errorf("error is %v", err)
			case strings.Join(got, " ") != row.want:
				t.Errorf("origins are %v", got)
			}
		})
	}
}

// provision returns the origins that the gates of a configuration find.
func provision(t *testing.T, sites string) ([]string, error) {
	t.Helper()
	gates, err := provisionGates(t, sites)
	var origins []string
	for _, g := range gates {
		origins = append(origins, g.SiteOrigins()...)
	}
	return origins, err
}

// provisionGates returns the gates of a configuration that is not started.
func provisionGates(t *testing.T, sites string) ([]*caddymodule.Gate, error) {
	t.Helper()
	ctx, err := caddy.ProvisionContext(parse(t, sites))
	if err != nil {
		return nil, err
	}
	app, err := ctx.App("http")
	if err != nil {
		return nil, err
	}
	web, ok := app.(*caddyhttp.App)
	if !ok {
		t.Fatalf("%T", app)
	}
	var gates []*caddymodule.Gate
	for _, server := range web.Servers {
		for _, g := range caddymodule.GatesIn(server.Routes) {
			gates = append(gates, g)
			if err := g.Cleanup(); err != nil {
				t.Error(err)
			}
		}
	}
	return gates, nil
}

// TestValidateTouchesNothing runs what caddy validate runs.
func TestValidateTouchesNothing(t *testing.T) {
	before := files(t, dataHome)
	p := newPlace(t)
	for _, sites := range []string{
		p.site(), "http://localhost:8080 {\n\tgatelatch\n}\n",
		"localhost {\n\tgatelatch {\n\t\tstore postgres postgres://u@127.0.0.1:1/x\n\t\tsecret " + strings.Repeat("a", 64) + "\n\t}\n}\n",
	} {
		if err := caddy.Validate(parse(t, sites)); err != nil {
			t.Error(err)
		}
	}
	if after := files(t, dataHome); !slices.Equal(before, after) {
		t.Errorf("before: %v, after: %v", before, after)
	}
	if left := files(t, filepath.Dir(p.database)); len(left) != 0 {
		t.Errorf("made %v", left)
	}
	if keys := caddymodule.PoolKeys(); len(keys) != 0 {
		t.Errorf("databases in use: %v", keys)
	}
}

// files lists the gate's files below a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, "pki") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestJSONIsCheckedToo gives as JSON what the Caddyfile would refuse.
func TestJSONIsCheckedToo(t *testing.T) {
	for options, want := range map[string]string{
		`"base_path":"/"`:                                "base_path",
		`"code":{"length":4}`:                            "code length",
		`"code":{"attempts":-1}`:                         "code attempts",
		`"session":{"lifetime":"1s"}`:                    "session lifetime",
		`"password":{"mode":"always"}`:                   "password",
		`"password":{"mode":"off","memory":"19MiB"}`:     "password has options",
		`"password":{"mode":"optional","iterations":-1}`: "password iterations",
		`"sign_up":{"mode":"friends"}`:                   "sign_up",
		`"require":[{}]`:                                 "require needs",
		`"require":[null]`:                               "require is empty",
		`"allow":["@"]`:                                  "allow",
		`"terms":{"url":"/x"}`:                           "terms",
		`"headers":{"Remote-User":"user.pass"}`:          "headers",
		`"token":{"algorithm":"none"}`:                   "token algorithm",
		`"senders":{"fax":{"sender":"outbox"}}`:          "senders",
		`"senders":{"email":{"sender":"twilio","account_sid":"AC1","auth_token":"x","from":"+15005550006"}}`: "expected one of smtp, webhook, outbox",
		`"limits":{"sends_per_network":["often"]}`:                                                           "rate",
		`"identifiers":["email","email"]`:                                                                    "twice",
		`"branding":{"accent":"red"}`:                                                                        "accent",
		`"cors_preflight":"yes"`:                                                                             "cors_preflight",
		`"frontend_api":{"publishable_key":"pk_x"}`:                                                          "publishable_key",
		`"frontend_api":{"allowed_origins":["https://x.example/y"]}`:                                         "allowed_origins",
		`"frontend_api":{"enumeration":"yes"}`:                                                               "enumeration",
		`"frontend_api":{"multi_session":"yes"}`:                                                             "multi_session",
		`"frontend_api":{"native":"yes"}`:                                                                    "native",
		`"frontend_api":{"sdk_files":"ftp://x"}`:                                                             "sdk_files",
		`"frontend_api":{},"token":{"algorithm":"ES256"}`:                                                    "RS256 alone",
		`"backend_api":{}`:                                                                                   "at least one secret_key",
		`"backend_api":{"secret_keys":[{"name":"a"}]}`:                                                       "is empty",
		`"backend_api":{"secret_keys":[{"name":"a","value":"{env.A}"},{"name":"a","value":"{env.B}"}]}`:      "listed twice",
		`"backend_api":{"base_path":"/","secret_keys":[{"value":"{env.A}"}]}`:                                "backend_api base_path",
		`"backend_api":{"base_path":"/.auth","secret_keys":[{"value":"{env.A}"}]}`:                           "collides",
		`"token_templates":{"a":null}`:                                                                       "token_template a needs",
		`"token_templates":{"a":{"lifetime":"1s","claims":{"x":"y"}}}`:                                       "expected 30s to 1d",
		`"token_templates":{"a":{"claims":{"sub":"y"}}}`:                                                     "claim \"sub\"",
		`"token_templates":{"a":{"claims":{"x":"y"}}}`:                                                       "neither frontend_api nor backend_api",
		`"test_mode":"maybe"`:                                                                                "test_mode",
		`"unknown":1`:                                                                                        "unknown field",
	} {
		t.Run(options, func(t *testing.T) {
			var c caddy.Config
			text := `{"apps":{"http":{"servers":{"s":{"listen":[":8080"],"routes":[{"match":[{"host":["localhost"]}],` +
				`"handle":[{"handler":"gatelatch",` + options + `}]}]}}}}}`
			if err := json.Unmarshal([]byte(text), &c); err != nil {
				t.Fatal(err)
			}
			if err := caddy.Validate(&c); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestReadSecret(t *testing.T) {
	raw := make([]byte, 32)
	for i := range raw {
		raw[i] = byte(i * 7)
	}
	for name, row := range map[string]struct {
		text string
		want []byte
	}{
		"hexadecimal":   {hex.EncodeToString(raw), raw},
		"base64":        {base64.StdEncoding.EncodeToString(raw), raw},
		"base64url":     {base64.RawURLEncoding.EncodeToString(raw), raw},
		"line feed":     {hex.EncodeToString(raw) + "\n", raw},
		"text":          {strings.Repeat("pass phrase ", 3), []byte(strings.TrimSpace(strings.Repeat("pass phrase ", 3)))},
		"32 characters": {strings.Repeat("a", 32), []byte(strings.Repeat("a", 32))},
		"too short":     {strings.Repeat("a", 31), nil},
		"empty":         {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := caddymodule.ReadSecret(gatelatch.Secret(row.text))
			if (row.want == nil) != errors.Is(err, gatelatch.ErrShortSecret) || !slices.Equal(got, row.want) {
				t.Errorf("%x %v", got, err)
			}
		})
	}
}
