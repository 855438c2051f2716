// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"

	"github.com/gatelatch/gatelatch/caddymodule"
)

// operator runs commands against one admin endpoint.
type operator struct {
	t       *testing.T
	address string
}

// run runs a command, and returns what it has printed.
func (o operator) run(args ...string) (string, error) {
	var out strings.Builder
	root := &cobra.Command{Use: "gatelatch", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(caddymodule.Commands()...)
	root.SetArgs(append(args, "--address", o.address))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(o.t.Context())
	return out.String(), err
}

// does runs a command that must go well.
func (o operator) does(args ...string) string {
	o.t.Helper()
	out, err := o.run(args...)
	if err != nil {
		o.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// fails runs a command that must be refused with a sentence that holds a text.
func (o operator) fails(want string, args ...string) {
	o.t.Helper()
	out, err := o.run(args...)
	if err == nil || !strings.Contains(err.Error(), want) {
		o.t.Errorf("%v: %v\n%s", args, err, out)
	}
}

// asks runs a command with --json.
func (o operator) asks(v any, args ...string) {
	o.t.Helper()
	if err := json.Unmarshal([]byte(o.does(append(args, "--json")...)), v); err != nil {
		o.t.Fatal(err)
	}
}

func TestCommands(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("password optional", "allow email example.com"))}
	var made struct {
		ID        string `json:"id"`
		FirstName string `json:"first_name"`
	}
	o.fails("A name is one line", "users", "create", "--email", "ada@example.com", "--first-name", "\x1b[31mAda")
	o.asks(&made, "users", "create", "--email", "ada@example.com", "--first-name", "Ada")
	t.Run("users", func(t *testing.T) { userCommands(operator{t, o.address}, made.ID) })
	t.Run("lists", func(t *testing.T) { listCommands(operator{t, o.address}) })
	t.Run("invitations", func(t *testing.T) { invitationCommands(operator{t, o.address}) })
	t.Run("import", func(t *testing.T) { importCommands(operator{t, o.address}) })
}

func userCommands(o operator, id string) {
	for _, want := range []string{"ADDRESSES", id, "ada@example.com", "of 1 users"} {
		if out := o.does("users", "list"); !strings.Contains(out, want) {
			o.t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out := o.does("users", "show", "ada@example.com"); !strings.Contains(out, id) || !strings.Contains(out, "(main)") {
		o.t.Error(out)
	}
	if out := o.does("users", "ban", id); !strings.Contains(out, "banned") {
		o.t.Error(out)
	}
	if out := o.does("users", "list", "--banned=false"); strings.Contains(out, id) {
		o.t.Error(out)
	}
	if out := o.does("users", "lock", id); !strings.Contains(out, "locked") {
		o.t.Error(out)
	}
	if out := o.does("users", "show", id); !strings.Contains(out, "locked until") {
		o.t.Error(out)
	}
	if out := o.does("users", "unlock", id); strings.Contains(out, "locked") {
		o.t.Error(out)
	}
	for _, verb := range []string{"unban", "sign-out", "reset-password", "reset-mfa"} {
		if out := o.does("users", verb, "ada@example.com"); !strings.Contains(out, id) {
			o.t.Errorf("%s: %s", verb, out)
		}
	}
	o.fails("No user has that address.", "users", "ban", "bob@example.com")
	o.fails("Somebody has a•••@example.com already.", "users", "create", "--email", "ada@example.com")
	o.fails("accepts 1 arg", "users", "ban")
	o.fails("unknown command", "users", "prune")
	o.fails("unknown flag", "users", "list", "--all")
	o.fails("expected a number of at least 1", "users", "list", "--limit", "x")
	o.fails("expected a number of at least 1", "users", "list", "--limit", "0")
	for _, list := range [][]string{{"--limit", "1"}, {"--after", "user_zzz"}} {
		if out := o.does(append([]string{"users", "list"}, list...)...); strings.Contains(out, id) != (list[0] == "--limit") ||
			strings.Contains(out, "of 1 users, after user_zzz.") != (list[0] == "--after") {
			o.t.Errorf("%v: %s", list, out)
		}
	}
}

func listCommands(o operator) {
	if out := o.does("allow", "list"); !strings.Contains(out, "example.com") || !strings.Contains(out, "config") {
		o.t.Error(out)
	}
	o.does("block", "add", "*@Example.ORG")
	o.fails("has example.org already", "block", "add", "example.org")
	o.does("block", "remove", "example.org")
	o.fails("stands in the configuration", "allow", "remove", "example.com")
	if out := o.does("sign-up", "show"); !strings.Contains(out, "open") || !strings.Contains(out, "config") {
		o.t.Error(out)
	}
	if out := o.does("sign-up", "set", "closed"); !strings.Contains(out, "command") {
		o.t.Error(out)
	}
	o.fails("The modes are open, invite, waitlist, closed.", "sign-up", "set", "friends")
	if out := o.does("sign-up", "reset"); !strings.Contains(out, "config") {
		o.t.Error(out)
	}
}

func invitationCommands(o operator) {
	var i struct{ ID, Status string }
	o.asks(&i, "invite", "bob@example.com", "--expires", "2d")
	if i.Status != "pending" {
		o.t.Errorf("%+v", i)
	}
	if out := o.does("invitations", "list"); !strings.Contains(out, i.ID) {
		o.t.Error(out)
	}
	if out := o.does("invitations", "revoke", i.ID); !strings.Contains(out, "revoked") {
		o.t.Error(out)
	}
	o.fails("expected a duration", "invite", "bob@example.com", "--expires", "soon")
	o.fails("hour to 365 days", "invite", "bob@example.com", "--expires", "1m")
	o.fails("Nobody like that", "waitlist", "approve", "bob@example.com")
	if out := o.does("waitlist", "list"); !strings.Contains(out, "WAITS SINCE") {
		o.t.Error(out)
	}
}

func importCommands(o operator) {
	var lines []string
	for i := range 1200 {
		lines = append(lines, fmt.Sprintf(`{"email":"import%d@example.com"}`, i))
	}
	lines[700] = `{"email":"import7@example.com"}`
	file := filepath.Join(o.t.TempDir(), "users.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		o.t.Fatal(err)
	}
	out, err := o.run("users", "import", file)
	if err == nil || err.Error() != "1 lines were refused, 1199 users made" ||
		!strings.Contains(out, "line 701 refused: Somebody has i•••@example.com already.\n") || !strings.Contains(out, "line 1200 made user_") {
		o.t.Errorf("%v\n%.300s", err, out)
	}
	exported := strings.Split(strings.TrimSpace(o.does("users", "export")), "\n")
	if len(exported) != 1200 { // one was there before
		o.t.Errorf("%d users exported", len(exported))
	}
	for _, line := range exported {
		if !json.Valid([]byte(line)) || strings.Contains(line, "hash") {
			o.t.Fatal(line)
		}
	}
	o.fails("no such file", "users", "import", file+".gone")
}

func TestCommandsWithoutAGate(t *testing.T) {
	global, address := withAdmin(t)
	o := operator{t, address}
	o.fails("no answer from Caddy's admin endpoint at "+address, "users", "list")
	if err := caddy.Load(configWith(t, global, ""), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	o.fails("No gate is running here.", "users", "list")
	operator{t, "localhost:0-9"}.fails("expected host:port", "users", "list")
}

func TestCommandsOverASocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "gl") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	address := "unix/" + filepath.Join(dir, "admin.sock")
	p := newPlace(t)
	global := strings.Replace(globalOptions, "admin off", "admin "+address, 1)
	if err := caddy.Load(configWith(t, global, p.site()), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	if out := (operator{t, address}).does("users", "list"); !strings.Contains(out, "0 of 0 users.") {
		t.Error(out)
	}
}

// TestSeveralStores: a command says which one is meant.
func TestSeveralStores(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	o := operator{t, loadAdmin(t, one.site()+two.site())}
	o.does("users", "create", "--email", "ada@example.com", "--store", one.origin())
	o.fails("There are several stores", "users", "list")
	o.fails(two.origin(), "users", "list")
	o.fails("There is no store of that name", "users", "list", "--store", "sqlite nowhere")
	if out := o.does("users", "list", "--store", "sqlite "+one.database); !strings.Contains(out, "ada@example.com") {
		t.Error(out)
	}
	if out := o.does("users", "list", "--store", two.origin()); !strings.Contains(out, "0 of 0") {
		t.Error(out)
	}
}

// TestSitesOfOneStore: who is invited is invited in the name of one site.
func TestSitesOfOneStore(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	two.database = one.database
	o := operator{t, loadAdmin(t, one.site()+two.site())}
	o.does("users", "create", "--email", "ada@example.com")
	o.fails("Several sites share the store", "invite", "bob@example.com")
	o.does("invite", "bob@example.com", "--store", two.origin())
}

// TestAdminEndpoint asks as programs do, and as a page in a browser might.
func TestAdminEndpoint(t *testing.T) {
	p := newPlace(t)
	address := loadAdmin(t, p.site())
	for name, row := range map[string]struct {
		method, path, kind, body, origin string
		status                           int
	}{
		"list":             {"POST", "users/list", "application/json", `{"limit":5}`, "", 200},
		"list, no body":    {"POST", "users/list", "application/json", "", "", 200},
		"reading":          {"GET", "users/list", "", "", "", 200},
		"not to be read":   {"GET", "users/ban", "", "", "", 405},
		"secrets":          {"GET", "users/export", "", "", "", 405},
		"no such":          {"POST", "users/elect", "application/json", "{}", "", 404},
		"form":             {"POST", "users/ban", "application/x-www-form-urlencoded", "user=x", "", 415},
		"no type":          {"POST", "users/ban", "", "{}", "", 415},
		"other page":       {"POST", "users/list", "application/json", "{}", "https://evil.example", 403},
		"no object":        {"POST", "users/list", "application/json", "[]", "", 400},
		"unknown field":    {"POST", "users/list", "application/json", `{"who":"x"}`, "", 400},
		"other kind":       {"POST", "users/show", "application/json", `{"user":5}`, "", 400},
		"no such user":     {"POST", "users/show", "application/json", `{"user":"x@example.com"}`, "", 404},
		"object as lines":  {"POST", "users/import", "application/json", `{}`, "", 415},
		"unknown list":     {"POST", "deny/list", "application/json", `{}`, "", 404},
		"mode":             {"POST", "sign-up/set", "application/json", `{"mode":"x"}`, "", 422},
		"duration as text": {"POST", "invitations/create", "application/json", `{"address":"a@example.com","expires":"2d"}`, "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), row.method, "http://"+address+"/gatelatch/"+row.path, strings.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"Content-Type": row.kind, "Origin": row.origin} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			var answer struct{ Error string }
			if err := json.Unmarshal(body, &answer); err != nil || res.StatusCode != row.status || (answer.Error == "") != (row.status == 200) {
				t.Errorf("%d %s %v", res.StatusCode, body, err)
			}
			if strings.Contains(answer.Error, "@example.com") {
				t.Errorf("the answer repeats an address: %s", answer.Error)
			}
		})
	}
}

// TestOperationsTellNoSecrets looks for addresses, passwords and hashes in what
// the commands print and in what Caddy logs.
func TestOperationsTellNoSecrets(t *testing.T) {
	p := newPlace(t)
	logs := filepath.Join(t.TempDir(), "caddy.log")
	global, address := withAdmin(t)
	global = strings.Replace(global, "output discard", "output file "+logs, 1) // DEBUG has the headers that reverse_proxy sends on
	if err := caddy.Load(configWith(t, global, p.site("password optional")), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	o := operator{t, address}
	newBrowser(t, p.origin()).signUpWith(p, "ada@example.com", horse)
	file := filepath.Join(t.TempDir(), "users.jsonl")
	const hash = "$2b$04$abcdefghijklmnopqrstuuLrIgIPZyC.lc7ErcTxKsOSBRUZXWUMK"
	line := `{"email":"bob@example.com","password_hash":"` + hash + `"}`
	if err := os.WriteFile(file, []byte(line+"\n"+line+"\n"+`{"email":"cyd@example.com","password":"`+horse+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	imported, err := o.run("users", "import", file)
	if err == nil {
		t.Error("all lines were taken")
	}
	o.fails("No user has that address.", "users", "ban", "dan@example.com")
	o.does("block", "add", "fay@example.com")
	o.fails("has fay@example.com already", "block", "add", "fay@example.com")
	printed := []string{imported}
	for _, args := range [][]string{
		{"users", "list"},
		{"users", "list", "--search", "ada@"},
		{"users", "show", "ada@example.com"},
		{"users", "show", "ada@example.com", "--json"},
		{"users", "export"},
		{"sessions", "list"},
		{"sessions", "list", "--json"},
		{"invite", "eve@example.com"},
		{"invitations", "list", "--json"},
	} {
		printed = append(printed, o.does(args...))
	}
	secrets := o.does("users", "export", "--secrets")
	if !strings.Contains(secrets, "$argon2id$") || !strings.Contains(secrets, hash) {
		t.Error("the export was asked for secrets and tells none")
	}
	logged, err := os.ReadFile(logs)
	if err != nil || !strings.Contains(string(logged), "/gatelatch/users/ban") {
		t.Fatalf("%v\n%s", err, logged)
	}
	for _, text := range append(printed, string(logged)) {
		for _, secret := range []string{horse, "$argon2", "$2b$", "?t=", "invitation=inv_"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is told in\n%s", secret, text)
			}
		}
	}
	for _, whole := range []string{"ada@example.com", "bob@example.com", "dan@example.com", "eve@example.com", "fay@example.com"} {
		if strings.Contains(string(logged), whole) {
			t.Errorf("%s is logged", whole)
		}
	}
}
