// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// What an SDK may read of an answer its type declarations say: every field that is
// not optional there has to be in the answers, whatever version of it asks.

// shapes are the interfaces of the declarations, by name.
type shapes map[string]declaration

// declaration is one interface: its required fields with their types, and what it extends.
type declaration struct {
	fields map[string]string
	bases  []string
}

var (
	interfaceHead = regexp.MustCompile(`^interface (\w+)(?:<.*>)?(?: extends (.+))? \{$`)
	requiredField = regexp.MustCompile(`^  (\w+): (.+);$`)
	openedField   = regexp.MustCompile(`^  (\w+): \{$`)
	omittedBase   = regexp.MustCompile(`Omit<(\w+), ([^>]+)>`)
)

// declared reads the interfaces of a directory of .d.ts files.
func declared(t *testing.T, dir string) shapes {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.d.ts"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no declarations in %s: %v", dir, err)
	}
	all := shapes{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.read(strings.Split(string(text), "\n"))
	}
	return all
}

func (all shapes) read(lines []string) {
	var name string
	for _, line := range lines {
		head := interfaceHead.FindStringSubmatch(line)
		switch {
		case head != nil:
			name = head[1]
			all[name] = declaration{fields: map[string]string{}, bases: bases(head[2])}
		case line == "}":
			name = ""
		case name == "":
		default:
			if f := requiredField.FindStringSubmatch(line); f != nil {
				all[name].fields[f[1]] = f[2]
			} else if f := openedField.FindStringSubmatch(line); f != nil {
				all[name].fields[f[1]] = "" // what is in it is written out below it
			}
		}
	}
}

// bases are what an interface extends; a base that something is left out of is
// followed by those fields, each behind a minus.
func bases(text string) []string {
	if m := omittedBase.FindStringSubmatch(text); m != nil {
		list := []string{m[1]}
		for name := range strings.SplitSeq(m[2], "|") {
			list = append(list, "-"+strings.Trim(name, " '"))
		}
		return list
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// required are the fields of an interface and of what it extends.
func (all shapes) required(name string) map[string]string {
	fields := map[string]string{}
	for _, base := range all[name].bases {
		if left, ok := strings.CutPrefix(base, "-"); ok {
			delete(fields, left)
			continue
		}
		maps.Copy(fields, all.required(base))
	}
	maps.Copy(fields, all[name].fields)
	return fields
}

// nameless are interfaces whose id Clerk itself leaves out of its answers, whatever
// they declare.
var nameless = []string{"TokenJSON", "VerificationJSON", "SignUpVerificationJSON"}

// lacks names what a value does not have of an interface, and of those inside it.
func (all shapes) lacks(at, name string, value any) []string {
	var missing []string
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			missing = append(missing, all.lacks(at+"[]", name, one)...)
		}
	case map[string]any:
		for field, typed := range all.required(name) {
			inner, ok := v[field]
			if !ok && field == "id" && slices.Contains(nameless, name) {
				continue
			}
			if !ok {
				missing = append(missing, at+"."+field)
				continue
			}
			if t := all.inside(typed); t != "" {
				missing = append(missing, all.lacks(at+"."+field, t, inner)...)
			}
		}
	}
	return missing
}

var typeName = regexp.MustCompile(`\w+`)

// inside returns the interface that a type is made of, empty when it is none, or one
// of several.
func (all shapes) inside(typed string) string {
	found := ""
	for _, word := range typeName.FindAllString(typed, -1) {
		if _, ok := all[word]; !ok {
			continue
		}
		if found != "" {
			return ""
		}
		found = word
	}
	return found
}

// answered is an answer that a real call got, and the interface it is of.
type answered struct{ at, name string }

func TestSDKShapes(t *testing.T) {
	t.Parallel()
	needSDK(t)
	g := startAPI(t, apiSetup{Directive: full + withNames})
	p, address := g.NewProgram(t), someone("shapes")
	seen := map[answered]any{}
	note := func(a *harness.Reply, at, name string) {
		var body any
		if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
			t.Fatal(err)
		}
		v := a.At(at)
		if at == "" {
			v = body
		}
		if v == nil {
			t.Errorf("%s has no %s", a.Call, at)
		}
		seen[answered{fmt.Sprintf("%s %s", a.Call, at), name}] = v
	}
	note(p.Get("/environment").OK(), "", "EnvironmentJSON")
	up := p.Post("/client/sign_ups", "email_address", address).OK()
	note(up, "response", "SignUpJSON")
	up = p.Post("/client/sign_ups/"+up.Str("response.id")+"/prepare_verification", "strategy", "email_code").OK()
	note(up, "client", "ClientJSON")
	up = p.Post("/client/sign_ups/"+up.Str("response.id")+"/attempt_verification", "strategy", "email_code", "code", g.Outbox.Code(t, address, 1)).OK()
	note(up, "response", "SignUpJSON")
	note(up, "client", "ClientJSON")
	session := "/client/sessions/" + up.Str("response.created_session_id")
	note(p.Post(session+"/touch").OK(), "response", "SessionJSON")
	note(p.Post(session+"/tokens").OK(), "", "TokenJSON")
	note(p.Post(session+"/verify", "level", "first_factor").OK(), "response", "SessionVerificationJSON")
	note(p.Get("/me").OK(), "response", "UserJSON")
	mail := p.Post("/me/email_addresses", "email_address", someone("second")).OK()
	note(mail, "response", "EmailAddressJSON")
	note(p.Post("/me/email_addresses/"+mail.Str("response.id")+"/prepare_verification", "strategy", "email_code").OK(), "response", "EmailAddressJSON")
	number := p.Post("/me/phone_numbers", "phone_number", someNumber()).OK()
	note(number, "response", "PhoneNumberJSON")
	p.Post("/me/change_password", "new_password", horse).OK()
	totp := p.Post("/me/totp").OK()
	note(totp, "response", "TOTPJSON")
	app, err := harness.NewApp(totp.Str("response.secret"))
	if err != nil {
		t.Fatal(err)
	}
	note(p.Post("/me/totp/attempt_verification", "code", app.Next()).OK(), "response", "TOTPJSON")
	note(p.Post("/me/backup_codes").OK(), "response", "BackupCodeJSON")
	note(p.Post("/me/passkeys").OK(), "response", "PasskeyJSON")
	note(p.Get("/me").OK(), "response", "UserJSON")
	note(p.Get("/me/sessions/active").OK(), "", "SessionWithActivitiesJSON")
	note(p.SignOut(), "response", "ClientJSON")
	in := p.Post("/client/sign_ins", "identifier", address).OK()
	note(in, "response", "SignInJSON")
	note(p.Post("/client/sign_ins/"+in.Str("response.id")+"/prepare_first_factor", "strategy", "email_code").OK(), "response", "SignInJSON")
	in = p.Post("/client/sign_ins", "identifier", address, "password", horse).OK()
	note(in, "response", "SignInJSON")
	for _, dir := range []string{"sdk/node_modules/@clerk/shared/dist/types", "sdk/node_modules/@clerk/types/node_modules/@clerk/shared/dist/types"} {
		all := declared(t, dir)
		for a, value := range seen {
			if len(all.required(a.name)) == 0 {
				t.Errorf("%s declares no %s", dir, a.name)
			}
			missing := all.lacks("", a.name, value)
			slices.Sort(missing)
			if missing = slices.Compact(missing); len(missing) > 0 {
				t.Errorf("%s as %s of %s lacks %s", a.at, a.name, dir, strings.Join(missing, " "))
			}
		}
	}
}
