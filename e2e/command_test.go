// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestCommandsOfTheManual asks the program about every command that the manual
// names, and about the flags that it gives them.
func TestCommandsOfTheManual(t *testing.T) {
	t.Parallel()
	g := harness.Prepare(t, harness.Config{})
	text, err := os.ReadFile(filepath.Join("..", "docs", "operating.md"))
	if err != nil {
		t.Fatal(err)
	}
	word, flag := regexp.MustCompile(`^[a-z][a-z-]+$`), regexp.MustCompile(`--[a-z-]+`)
	found := 0
	for _, line := range lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		rest, ok := strings.CutPrefix(line, "gatelatch ")
		if !ok || contains(line, "{") || contains(line, "demo") {
			continue
		}
		words := strings.Fields(rest)
		until := slices.IndexFunc(words, func(w string) bool { return !word.MatchString(w) })
		if until >= 0 {
			words = words[:until]
		}
		r := g.OperateBare(append(words, "--help")...)
		known := len(words) // the last may be what the command is about
		if contains(r.Out, " <") && known > 2 {
			known = 2
		}
		if r.Status != 0 || !contains(r.Out, "gatelatch "+strings.Join(words[:known], " ")) {
			t.Errorf("%s: %d %s%s", line, r.Status, r.Out, r.Err)
		}
		for _, f := range append(flag.FindAllString(line, -1), "--json", "--address", "--store") {
			if !contains(r.Out, f) {
				t.Errorf("%s: the help does not know %s", line, f)
			}
		}
		found++
	}
	if found < 20 {
		t.Errorf("the manual names %d commands", found)
	}
	// In a Caddy of somebody's own they stand below one word.
	if r := g.OperateBare("gatelatch", "users", "--help"); r.Status != 0 || !contains(r.Out, "reset-password") {
		t.Errorf("%+v", r)
	}
}

// TestCommandsThatFail wants a sentence on the error stream, nothing else, and a
// status that scripts can see.
func TestCommandsThatFail(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous + "name Acme\nblock email *@config.example\n"})
	operates(t, g, "users", "create", "--email", jo)
	for _, c := range []struct{ line, says string }{
		{"users show nobody@example.org", ""},
		{"users show user_06gzwgjjzcryfj42sjf6djzyf4", ""},
		{"users ban nobody@example.org", ""},
		{"users unban nobody@example.org", ""},
		{"users delete nobody@example.org", ""},
		{"users sign-out nobody@example.org", ""},
		{"users unlock nobody@example.org", ""},
		{"users reset-password nobody@example.org", ""},
		{"users reset-password " + jo, ""}, // passwords are off
		{"users show %", ""},
		{"users show", "arg"},
		{"users show a b", "arg"},
		{"users frobnicate", "unknown command"},
		{"frobnicate", "unknown command"},
		{"users list --limit many", "limit"},
		{"users list --frobnicate", "unknown flag"},
		{"users create", "no email address"},
		{"users create --email nonsense", ""},
		{"users create --email " + jo, "already"},
		{"users import /nowhere/users.jsonl", "no such file"},
		{"invite nonsense", ""},
		{"invite " + jo, "already"},
		{"invite new@example.org --expires soon", "7d"},
		{"invite new@example.org --expires 1s", "hour"},
		{"invite new@config.example", "block list"},
		{"invitations revoke inv_never", ""},
		{"waitlist approve nobody@example.org", "waitlist"},
		{"waitlist approve nonsense", ""},
		{"sessions revoke sess_never", ""},
		{"sessions list nobody@example.org", ""},
		{"allow add ???", ""},
		{"block add @", ""},
		{"block remove never.example", ""},
		{"block remove config.example", "configuration"},
		{"sign-up set sometimes", "open, invite, waitlist, closed"},
		{"users list --store elsewhere", "There is no store of that name"},
	} {
		r := g.Operate(strings.Fields(c.line)...)
		if r.Status != 1 || r.Out != "" || !strings.HasPrefix(r.Err, "Error: ") || !contains(r.Err, c.says) || len(lines(r.Err)) > 2 {
			t.Errorf("%s: %d, %q, %q", c.line, r.Status, r.Out, r.Err)
		}
	}
	for what, address := range map[string]string{
		"nobody": "127.0.0.1:1", "no socket": "unix//nowhere/admin.sock", "no Caddy": g.Upstream.Addr(), "the site itself": g.Addr(), "no address": "::::",
	} {
		r := g.OperateBare("users", "list", "--address", address)
		if r.Status != 1 || r.Out != "" || len(lines(r.Err)) != 1 || !contains(r.Err, address) {
			t.Errorf("%s: %+v", what, r)
		}
	}
	if rows := operates(t, g, "users", "list").Table(); len(rows) != 2 { // jo, and the line below
		t.Errorf("%v", rows)
	}
}

// TestCommandsOverASocket talks to an admin endpoint that only this machine's
// operator can reach.
func TestCommandsOverASocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "gl") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	g := harness.Prepare(t, harness.Config{Directive: generous})
	g.Admin = "unix/" + filepath.Join(dir, "admin.sock")
	g.Write(g.Caddyfile())
	if err := g.Run(); err != nil {
		t.Fatal(err)
	}
	operates(t, g, "users", "create", "--email", jo)
	if rows := operates(t, g, "users", "list").Table(); len(rows) != 2 {
		t.Errorf("%v", rows)
	}
}

// TestCommandsOnTwoStores wants to be told which.
func TestCommandsOnTwoStores(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Whole: func(g *harness.Gate) string {
		block := func(origin, db string) string {
			return fmt.Sprintf("%s {\n\tbind 127.0.0.1\n\tgatelatch {\n\t\temail outbox %s\n\t\tstore sqlite %s\n\t}\n\treverse_proxy %s\n}\n",
				origin, g.Outbox, filepath.Join(g.Dir, db), g.Upstream.Addr())
		}
		return "{\n\tadmin " + g.Admin + "\n\tpersist_config off\n}\n\n" + block(g.URL(), "one.db") +
			"\n" + block(replaceAll(g.URL(), "localhost", "two.localhost"), "two.db")
	}})
	r := g.Operate("users", "list")
	if r.Status != 1 || !contains(r.Err, "--store") && !contains(r.Err, "store") || !contains(r.Err, "one.db") && !contains(r.Err, g.URL()) {
		t.Errorf("%+v", r)
	}
	two := replaceAll(g.URL(), "localhost", "two.localhost")
	operates(t, g, "users", "create", "--email", jo, "--store", two)
	for store, n := range map[string]int{g.URL(): 0, two: 1} {
		var list struct{ Total int }
		if err := operates(t, g, "users", "list", "--json", "--store", store).Into(&list); err != nil || list.Total != n {
			t.Errorf("%s: %+v %v", store, list, err)
		}
	}
}

// TestListingsGoOn reads a listing in pieces, as the line below it says.
func TestListingsGoOn(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	var input strings.Builder
	for i := range 7 {
		fmt.Fprintf(&input, "{\"email\":\"u%d@example.org\"}\n", i)
	}
	if r := g.OperateOn(input.String(), "users", "import", "-"); r.Status != 0 || !contains(r.Out, "7 users made.") {
		t.Fatalf("%+v", r)
	}
	var seen []string
	after := ""
	for range 10 {
		var list struct {
			Users []struct{ Addresses []struct{ Address string } }
			Next  string
			Total int
		}
		args := []string{"users", "list", "--json", "--limit", "3"}
		if after != "" {
			args = append(args, "--after", after)
		}
		if err := operates(t, g, args...).Into(&list); err != nil || list.Total != 7 {
			t.Fatalf("%+v %v", list, err)
		}
		for _, u := range list.Users {
			seen = append(seen, u.Addresses[0].Address)
		}
		if after = list.Next; after == "" {
			break
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 7 {
		t.Errorf("%v", seen)
	}
	out := operates(t, g, "users", "export").Out
	for i, line := range lines(out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("line %d: %s", i+1, line)
		}
	}
	if n := len(lines(out)); n != 7 {
		t.Errorf("%d lines", n)
	}
}
