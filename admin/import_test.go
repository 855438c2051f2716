// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
)

// bcryptHash is "correct horse", as another program has hashed it.
const bcryptHash = "$2b$04$abcdefghijklmnopqrstuuLrIgIPZyC.lc7ErcTxKsOSBRUZXWUMK"

func TestImportReportsEachLine(t *testing.T) {
	w := newWorld(t)
	w.user("taken@example.com")
	for _, row := range []struct{ line, reason string }{
		{`{"email":"ada@example.com"}`, ""},
		{`{"email_addresses":["bob@example.com","bob@example.org"],"phone_numbers":["+12015550123"],"first_name":"Bob"}`, ""},
		{`{"phone":"+442079460958","banned":true}`, ""},
		{`{"id":"user_29w83sxmDNGwOuEthce5gg56FcC","email":"cyd@example.com"}`, ""},
		{`{"email":"hash@example.com","password_hash":"` + bcryptHash + `","password_reset":true}`, ""},
		{`{"email":"totp@example.com","totp_secret":"JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"}`, ""},
		{`{"email":"old@example.com","created_at":"2020-01-02T03:04:05Z","terms_version":"1"}`, ""},
		{`{"email":"second@example.com","second_factor_phone_numbers":["+12015550124"]}`, ""},

		{`{"email":"ADA@example.com"}`, "Somebody has a•••@example.com already."},
		{`{"email":["dan@example.com","Dan@example.com"]}`, "The address d•••@example.com is there twice."},
		{`{"email":"taken@example.com"}`, "Somebody has t•••@example.com already."},
		{`{"id":"user_29w83sxmDNGwOuEthce5gg56FcC","email":"dan@example.com"}`, "There is a user with that id already."},
		{`{"id":"1","email":"dan@example.com"}`, "An id is user_ and 8 to 48 letters or digits."},
		{`{"first_name":"Dan"}`, "There is no email address and no phone number to sign in with."},
		{`{"second_factor_phone_numbers":["+12015550125"]}`, "There is no email address and no phone number to sign in with."},
		{`{"email":"+12015550125"}`, "What stands for an email address is none."},
		{`{"email":"dan"}`, "*"},
		{`{"email":"dan@example.com","first_name":"D\u0007an"}`, "A name is one line of at most 100 characters."},
		{`{"email":"dan@example.com","password_hash":"secret-text"}`, "*"},
		{`{"email":"dan@example.com","totp_secret":"AAAA"}`, "The authenticator's secret is not 16 to 64 bytes in base32."},
		{`{"email":"dan@example.com","password":"secret-text"}`, `There is an unknown field "password".`},
		{`{"email":5}`, "*"},
		{`{"email":"dan@example.com","created_at":"yesterday"}`, "A time is not of the form 2026-01-31T12:00:00Z."},
		{`{"email":"dan@example.com"} {}`, "There is something behind the JSON object."},
		{`dan@example.com`, "The line is no JSON object."},
		{`["dan@example.com"]`, "*"},
		{`{"email":"` + strings.Repeat("a", 70_000) + `"}`, "The line is longer than 65536 bytes."},
	} {
		got := w.imported(row.line)
		if len(got) != 1 || got[0].Line != 1 || (got[0].ID == "") == (got[0].Reason == "") {
			t.Fatalf("%.80s: %+v", row.line, got)
		}
		if got[0].Reason != row.reason && row.reason != "*" || (row.reason == "") != (got[0].Reason == "") {
			t.Errorf("%.80s: %q", row.line, got[0].Reason)
		}
		for _, secret := range []string{"secret-text", "dan@example.com", "AAAA"} {
			if strings.Contains(got[0].Reason, secret) {
				t.Errorf("the reason tells too much: %s", got[0].Reason)
			}
		}
	}
}

func TestImportNumbersLinesOfTheFile(t *testing.T) {
	w := newWorld(t)
	got := w.imported(`{"email":"ada@example.com"}`, "", "  \r", `{`, strings.Repeat("x", 200_000), `{"email":"bob@example.com"}`+"\r\n")
	var lines []int
	for _, g := range got {
		lines = append(lines, g.Line)
	}
	if fmt.Sprint(lines) != "[1 4 5 6]" || got[0].ID == "" || got[1].Reason == "" || got[2].Reason == "" || got[3].ID == "" {
		t.Errorf("%+v", got)
	}
	if w.imported() != nil {
		t.Error("an empty file has no lines")
	}
}

// TestImportTwice: a second run makes nobody twice.
func TestImportTwice(t *testing.T) {
	w := newWorld(t)
	lines := make([]string, 1234)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"email":"user%d@example.com","password_hash":%q}`, i, bcryptHash)
	}
	for i, line := range w.imported(lines...) {
		if line.ID == "" || line.Line != i+1 {
			t.Fatalf("%+v", line)
		}
	}
	for _, line := range w.imported(lines...) {
		if line.ID != "" {
			t.Fatalf("made again: %+v", line)
		}
	}
	list, err := w.ListUsers(t.Context(), admin.UserQuery{})
	if err != nil || list.Total != len(lines) {
		t.Errorf("%d %v", list.Total, err)
	}
	if !list.Users[0].Password {
		t.Error("the password is not known to be there")
	}
}

// TestImportMakesWhatItSays reads back what a line has made.
func TestImportMakesWhatItSays(t *testing.T) {
	w := newWorld(t)
	w.imported(`{"id":"user_12345678","email":["Ada@example.com","a@example.org"],"second_factor_phone_numbers":"+12015550124",` +
		`"password_hash":"` + bcryptHash + `","totp_secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP","created_at":"2020-01-02T03:04:05Z","terms_version":"2"}`)
	w.tx(func(tx flow.Tx) error {
		u, err := tx.User(t.Context(), "user_12345678")
		if err != nil {
			return err
		}
		if !u.TwoStep() || u.Factors != (gatelatch.Factors{Password: true, TOTP: true}) || u.CreatedAt.Year() != 2020 || u.TermsVersion != "2" {
			t.Errorf("%+v", u)
		}
		if primary, _ := u.Primary(gatelatch.EmailAddress); primary.Display != "Ada@example.com" {
			t.Errorf("%+v", primary)
		}
		if _, ok := u.Primary(gatelatch.PhoneNumber); ok {
			t.Error("a number for the second step is primary")
		}
		c, err := tx.Credentials(t.Context(), u.ID)
		if err != nil {
			return err
		}
		hash, err := w.Flow.Keys.Encrypt.Open("password "+u.ID, c.Password.Hash)
		if err != nil || string(hash) != bcryptHash {
			t.Errorf("%s %v", hash, err)
		}
		secret, err := w.Flow.Keys.Encrypt.Open("totp "+u.ID, c.TOTP.Secret)
		if err != nil || len(secret) != 20 || c.TOTP.ConfirmedAt.IsZero() {
			t.Errorf("%d bytes, %v", len(secret), err)
		}
		return nil
	})
}

// TestExportIsAnImport moves users to another gate.
func TestExportIsAnImport(t *testing.T) {
	from := newWorld(t)
	from.imported(
		`{"email":["ada@example.com","a@example.org"],"phone":"+12015550123","second_factor_phone_numbers":"+12015550124","first_name":"Ada",`+
			`"password_hash":"`+bcryptHash+`","totp_secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}`,
		`{"email":"bob@example.com","banned":true,"created_at":"2020-01-02T03:04:05Z","external_id":"crm-1","locale":"de-CH",`+
			`"locked_until":"2030-01-01T00:00:00Z","keeps_account":true,"unverified_email_addresses":["bob@work.example"],`+
			`"unverified_phone_numbers":["+12015550125"],"public_metadata":{"a":{"b":[1]}},"private_metadata":{"c":1},"unsafe_metadata":{"d":null}}`)
	exported := func(w *world, secrets bool) string {
		people, err := w.Export(t.Context(), secrets, admin.Page{})
		if err != nil || people.Next != "" {
			t.Fatalf("%v %v", people, err)
		}
		var lines []string
		for _, p := range people.People {
			line, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(line))
		}
		return strings.Join(lines, "\n")
	}
	if text := exported(from, false); strings.Contains(text, "hash") || strings.Contains(text, "totp") || !strings.Contains(text, "ada@example.com") {
		t.Errorf("without secrets: %s", text)
	}
	text := exported(from, true)
	if !strings.Contains(text, "$2b$") || !strings.Contains(text, "JBSWY3DP") {
		t.Errorf("with secrets: %s", text)
	}
	to := newWorld(t)
	for _, line := range to.imported(strings.Split(text, "\n")...) {
		if line.Reason != "" {
			t.Errorf("%+v", line)
		}
	}
	if again := exported(to, true); again != text {
		t.Errorf("came as\n%s\nwent as\n%s", again, text)
	}
}

func TestPersonPrintsNoSecret(t *testing.T) {
	var p admin.Person
	if err := json.Unmarshal([]byte(`{"password_hash":"`+bcryptHash+`","totp_secret":"JBSWY3DP"}`), &p); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, p); strings.Contains(text, "$2b$") || strings.Contains(text, "JBSW") || strings.Contains(text, "243262") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

// TestImportBesideImports has many imports take the same addresses: each address
// gets one user, and every line is answered.
func TestImportBesideImports(t *testing.T) {
	w := newWorld(t)
	lines := make([]string, 40)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"email":"user%d@example.com"}`, i)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	made, answered := 0, 0
	for range 8 {
		wg.Go(func() {
			done := w.imported(lines...)
			mu.Lock()
			defer mu.Unlock()
			for _, line := range done {
				answered++
				if line.ID != "" {
					made++
				}
			}
		})
	}
	wg.Wait()
	if made != len(lines) || answered != 8*len(lines) {
		t.Errorf("%d made, %d answered", made, answered)
	}
}

// contested is a store in which somebody is always quicker to take one address.
type contested struct {
	admin.Repo
	address string
}

func (c contested) InTx(ctx context.Context, fn func(flow.Tx) error) error {
	return c.Repo.InTx(ctx, func(tx flow.Tx) error { return fn(contestedTx{tx, c.address}) })
}

type contestedTx struct {
	flow.Tx
	address string
}

func (c contestedTx) CreateUser(ctx context.Context, u gatelatch.User) error {
	if u.Addresses[0].Value == c.address {
		return gatelatch.ErrConflict
	}
	return c.Tx.CreateUser(ctx, u)
}

// TestImportLosesOneLine: who is quicker takes one address, and no other line of
// the file with it.
func TestImportLosesOneLine(t *testing.T) {
	w := newWorld(t)
	w.Repo = contested{w.Repo, "user3@example.com"}
	lines := make([]string, 10)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"email":"user%d@example.com"}`, i)
	}
	for _, line := range w.imported(lines...) {
		if (line.ID == "") != (line.Line == 4) {
			t.Errorf("%+v", line)
		}
	}
	_, no, err := w.Create(t.Context(), admin.Person{EmailAddresses: []string{"user3@example.com"}})
	w.refused(gatelatch.CodeDuplicate, no, err)
}

func TestImportStopsWhenNobodyListens(t *testing.T) {
	w := newWorld(t)
	gone := errors.New("gone")
	err := w.Import(t.Context(), strings.NewReader(`{"email":"ada@example.com"}`), func(admin.Imported) error { return gone })
	if !errors.Is(err, gone) {
		t.Error(err)
	}
	broken := io.MultiReader(strings.NewReader("{}\n"), badReader{})
	if err := w.Import(t.Context(), broken, func(admin.Imported) error { return nil }); !errors.Is(err, errBad) {
		t.Error(err)
	}
}

var errBad = errors.New("bad disk")

type badReader struct{}

func (badReader) Read([]byte) (int, error) { return 0, errBad }

// FuzzImport feeds lines to the reader of imports: each line that is not empty is
// answered once, and no answer repeats a secret.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		`{"email":"ada@example.com"}`, `{"email":["a@b.example"],"password_hash":"$2b$"}`, "{}\n\n[]\n", `{"email":null}`,
		`{"phone":"+12015550123","created_at":"2020-01-02T03:04:05Z"}`, "\xff\xfe", `{"id":"user_12345678","email":"a@b.example"}{}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := newWorld(t)
		want := 0
		for line := range strings.SplitSeq(text, "\n") {
			if strings.TrimSpace(line) != "" {
				want++
			}
		}
		got := w.imported(text)
		if len(got) != want {
			t.Errorf("%d lines, %d answers", want, len(got))
		}
		for _, line := range got {
			if (line.ID == "") == (line.Reason == "") {
				t.Errorf("%+v", line)
			}
		}
	})
}
