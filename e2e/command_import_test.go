// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// foreign are hashes that other programs have made: libcrypt, the reference code
// of argon2, and Python's hashlib.
var foreign = []struct{ name, hash, password string }{
	{"bcrypt", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"},
	{"scrypt", "$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$6g3umF+uVrJsObaTZhIbbTlgrvOEFcCItdwSjtPF67M", "correct horse"},
	{"pbkdf2", "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M", "correct horse"},
	{"django", "pbkdf2_sha256$1000$NaClNaCl$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=", "correct horse"},
	{"argon2id", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
	{"argon2i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"},
}

// ours is a hash as the gate makes it with its defaults.
var ours = regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$`)

// badLines are what an import refuses, with a word of the reason.
var badLines = []struct{ line, says string }{
	{`{"email":"m0@example.org"`, "JSON"},
	{`not json at all`, "JSON"},
	{`{"email":"m1@example.org","pasword_hash":"x"}`, "unknown field"},
	{`{"first_name":"Nobody"}`, "no email address"},
	{`{"email":"nonsense"}`, ""},
	{`{"email":"bcrypt@example.org"}`, "already"},
	{`{"email":"m2@example.org","password_hash":"$1$abc$def"}`, "cannot be taken over"},
	{`{"email":"m3@example.org","password_hash":"$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"}`, "cannot be taken over"},
	{`{"email":"m4@example.org","password_hash":"hunter2"}`, "cannot be taken over"},
	{`{"email":"m5@example.org","created_at":"yesterday"}`, "time"},
	{`{"email":["m6@example.org","M6@Example.org"]}`, "twice"},
	{`{"id":"user_1","email":"m7@example.org"}`, "id"},
	{`["m8@example.org"]`, ""},
}

// TestImport takes over two hundred users of another program.
func TestImport(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, everythingSite())
	file, bad := importFile(t, 200)
	r := g.Operate("users", "import", file)
	made := 200 - len(badLines)
	if r.Status != 1 || r.Err != fmt.Sprintf("Error: %d lines were refused, %d users made\n", len(badLines), made) {
		t.Errorf("%d %s", r.Status, r.Err)
	}
	report := lines(r.Out)
	if len(report) != 200 {
		t.Fatalf("%d lines were reported", len(report))
	}
	for i, line := range report {
		says, refused := bad[i+1]
		switch want := fmt.Sprintf("line %d made user_", i+1); {
		case refused && (!strings.HasPrefix(line, fmt.Sprintf("line %d refused: ", i+1)) || !contains(line, says)):
			t.Errorf("%q, want %q", line, says)
		case !refused && !strings.HasPrefix(line, want):
			t.Errorf("%q", line)
		}
		if contains(line, "hunter2") || contains(line, "@example.org") && !contains(line, "•••@") {
			t.Errorf("the report tells too much: %s", line)
		}
	}
	var list struct{ Total int }
	if err := operates(t, g, "users", "list", "--json").Into(&list); err != nil || list.Total != made {
		t.Errorf("%+v %v", list, err)
	}
	again := g.Operate("users", "import", file, "--json") // refuses what is there
	for i, line := range lines(again.Out) {
		var l struct {
			Line      int
			ID, Error string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Line != i+1 || l.ID != "" || l.Error == "" {
			t.Errorf("again: %s %v", line, err)
		}
	}
	if again.Status != 1 || !contains(again.Err, "200 lines were refused, 0 users made") {
		t.Errorf("%d %s", again.Status, again.Err)
	}
	for _, f := range foreign {
		signsInAsBefore(t, g, f.name, f.hash, f.password)
	}
	v := g.NewVisitor() // has to set another one
	p := page(t)(v.Follow(v.Password("/home", "must@example.org", "correct horse")))
	page(t)(v.Enter(p, g.Outbox.Code(t, "must@example.org", 1)))
	pending(t, v, "new_password", "This account needs a new password")
}

// importFile writes n lines, with bad ones all over, and returns by their numbers
// why they are bad.
func importFile(t *testing.T, n int) (string, map[int]string) {
	t.Helper()
	var all []string
	for _, f := range foreign {
		all = append(all, fmt.Sprintf(`{"email_addresses":["%s@example.org"],"first_name":"Jo","password_hash":%s,"created_at":"2024-05-01T09:00:00Z"}`, f.name, quoted(f.hash)))
	}
	all = append(all, `{"email":"must@example.org","password_reset":true,"password_hash":`+quoted(foreign[0].hash)+`}`)
	bad := map[int]string{}
	for i, b := range badLines {
		for range 9 {
			all = append(all, fmt.Sprintf(`{"email_addresses":["fill%d@example.org"],"phone_numbers":["+1202%07d"]}`, len(all), 5550000+len(all)))
		}
		all = append(all, b.line)
		bad[len(all)] = badLines[i].says
	}
	for len(all) < n {
		all = append(all, fmt.Sprintf(`{"email":"fill%d@example.org"}`, len(all)))
	}
	path := filepath.Join(t.TempDir(), "users.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(all, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, bad
}

// signsInAsBefore gives the password that somebody had elsewhere, twice: at the
// first time the hash is made anew.
func signsInAsBefore(t *testing.T, g *harness.Gate, name, hash, password string) {
	t.Helper()
	address := name + "@example.org"
	if p := page(t)(g.NewVisitor().Password("/home", address, password+"x")); !p.Contains("That password is incorrect") {
		t.Errorf("%s: a wrong password got %d", name, p.Status)
	}
	if got := hashOf(t, g, address); got != hash {
		t.Errorf("%s: the hash is %q before the first sign-in", name, got)
	}
	var upgraded string
	for n := range 2 {
		v := g.NewVisitor()
		p := page(t)(v.Follow(v.Password("/home", address, password)))
		if !p.Contains("Confirm this new device") {
			t.Fatalf("%s, time %d: %d %.600s", name, n+1, p.Status, p.Body)
		}
		page(t)(v.Enter(p, g.Outbox.Code(t, address, n+1)))
		inside(t, v, name)
		switch now := hashOf(t, g, address); {
		case !ours.MatchString(now):
			t.Errorf("%s, time %d: the hash is %q", name, n+1, now)
		case n == 1 && now != upgraded:
			t.Errorf("%s: the hash was made anew without need", name)
		default:
			upgraded = now
		}
		v.Close()
	}
}

// hashOf reads a hash from an export.
func hashOf(t *testing.T, g *harness.Gate, address string) string {
	t.Helper()
	for _, line := range lines(operates(t, g, "users", "export", "--secrets").Out) {
		var p struct {
			EmailAddresses []string `json:"email_addresses"`
			PasswordHash   string   `json:"password_hash"`
		}
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		if len(p.EmailAddresses) > 0 && p.EmailAddresses[0] == address {
			return p.PasswordHash
		}
	}
	return ""
}

// TestMoveToAnotherGate exports from one gate and imports into another: ids,
// passwords and authenticator apps go along.
func TestMoveToAnotherGate(t *testing.T) {
	t.Parallel()
	from, to := harness.Start(t, everythingSite()), harness.Start(t, everythingSite())
	v, app, _ := withApp(t, from, jo, horse)
	if err := v.AddSecondNumber(second); err != nil {
		t.Fatal(err)
	}
	does(t, v, at("/name"), "save", map[string]string{"first_name": "Jo", "last_name": "Doe"}, "Your name is saved.")
	before := inside(t, v, "before the move")
	without := operates(t, from, "users", "export").Out
	if contains(without, "argon2") || contains(without, app.Secret()) || contains(without, "password_hash") {
		t.Errorf("secrets that were not asked for: %s", without)
	}
	out := operates(t, from, "users", "export", "--secrets").Out
	if r := to.OperateOn(out, "users", "import", "-"); r.Status != 0 || !contains(r.Out, "1 users made.") {
		t.Fatalf("%+v", r)
	}
	if round := operates(t, to, "users", "export", "--secrets").Out; round != out {
		t.Errorf("out:\n%s\nback:\n%s", out, round)
	}
	w := to.NewVisitor()
	p := page(t)(w.Follow(w.Password("/home", jo, horse)))
	outside(t, w, "before the second step")
	if p = page(t)(w.Submit(p, "verify", map[string]string{"code": app.Next()})); !w.Admitted(p) {
		t.Fatalf("the app got %d %.900s", p.Status, p.Body)
	}
	if after := inside(t, w, "after the move"); after.User != before.User || after.Name != before.Name {
		t.Errorf("%+v was %+v", after, before)
	}
}
