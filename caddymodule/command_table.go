// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
)

// table is what a command prints: rows of cells, the first of them a heading,
// and a line below them.
type table struct {
	rows [][]string
	foot string
}

func (t table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = visible(cell)
		}
		_, _ = fmt.Fprintln(tw, strings.TrimRight(strings.Join(cells, "\t"), "\t")) // Flush tells
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if t.foot == "" {
		return nil
	}
	_, err := fmt.Fprintln(w, visible(t.foot))
	return err
}

// visible replaces what could steer a terminal: names are the visitors' to
// choose.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// tableOf makes the table of an answer: of a list, or of the one thing that an
// operation was about.
func tableOf[List, One any](heading []string, many func(List) ([]One, string), row func(One) []string) func([]byte) (table, error) {
	return func(answer []byte) (table, error) {
		var list List
		if err := json.Unmarshal(answer, &list); err != nil {
			return table{}, err
		}
		things, foot := many(list)
		if things == nil {
			var one One
			if err := json.Unmarshal(answer, &one); err != nil {
				return table{}, err
			}
			things = []One{one}
		}
		t := table{rows: [][]string{heading}, foot: foot}
		for _, thing := range things {
			t.rows = append(t.rows, row(thing))
		}
		return t, nil
	}
}

// goOn tells how to see the rest of a listing.
func goOn(next string) string {
	if next == "" {
		return ""
	}
	return "There are more; go on with --after " + next
}

var usersHeading = []string{"ID", "ADDRESSES", "NAME", "SECURITY", "CREATED", "LAST SIGN-IN"}

// usersRows says how many there are in all, also where a listing goes on after an id.
func usersRows(after string) func([]byte) (table, error) {
	if after != "" {
		after = ", after " + visible(after)
	}
	return tableOf(usersHeading, func(l admin.UserPage) ([]admin.UserView, string) {
		foot := fmt.Sprintf("%d of %d users%s.", len(l.Users), l.Total, after)
		if l.Next != "" {
			foot += " Go on with --after " + l.Next
		}
		return l.Users, foot
	}, userRow)
}

var userRows = tableOf(usersHeading, func(nothing) ([]admin.UserView, string) { return nil, "" }, userRow)

func userRow(u admin.UserView) []string {
	addresses := make([]string, 0, len(u.Addresses))
	for _, a := range u.Addresses {
		addresses = append(addresses, a.Address)
	}
	return []string{
		u.ID, strings.Join(addresses, " "), strings.TrimSpace(u.FirstName + " " + u.LastName), security(u), moment(u.CreatedAt), moment(u.LastSignInAt),
	}
}

// security lists what a user is recognised by, and what an operator has done.
func security(u admin.UserView) string {
	var words []string
	for _, f := range []struct {
		on   bool
		word string
	}{
		{u.Banned, "banned"},
		{u.LockedUntil.After(time.Now()), "locked"},
		{u.PasswordReset, "must-reset"},
		{u.Password, "password"},
		{u.TOTP, "totp"},
		{u.TwoStep && !u.TOTP, "sms"},
		{u.BackupCodes, "backup-codes"},
		{u.Passkey, "passkey"},
	} {
		if f.on {
			words = append(words, f.word)
		}
	}
	return strings.Join(words, ",")
}

func userDetails(answer []byte) (table, error) {
	var u admin.UserView
	if err := json.Unmarshal(answer, &u); err != nil {
		return table{}, err
	}
	t := table{rows: [][]string{
		{"id", u.ID},
		{"name", strings.TrimSpace(u.FirstName + " " + u.LastName)},
		{"security", security(u)},
		{"created", moment(u.CreatedAt)},
		{"changed", moment(u.UpdatedAt)},
		{"last sign-in", moment(u.LastSignInAt)},
	}}
	if u.LockedUntil.After(time.Now()) {
		t.rows = append(t.rows, []string{"locked until", moment(u.LockedUntil)})
	}
	for _, a := range u.Addresses {
		note := ""
		switch {
		case a.Primary:
			note = " (main)"
		case a.SecondFactor:
			note = " (second factor)"
		}
		t.rows = append(t.rows, []string{strings.ReplaceAll(string(a.Kind), "_", " "), a.Address + note})
	}
	if u.TermsVersion != "" {
		t.rows = append(t.rows, []string{"terms", u.TermsVersion + ", accepted " + moment(u.TermsAcceptedAt)})
	}
	return t, nil
}

var sessionRows = tableOf([]string{"ID", "USER", "DEVICE", "NETWORK", "BY", "SINCE", "LAST SEEN"},
	func(l admin.SessionPage) ([]admin.SessionView, string) { return l.Sessions, goOn(l.Next) },
	func(s admin.SessionView) []string {
		by := string(s.Strategy)
		if s.Second != "" {
			by += "+" + string(s.Second)
		}
		if s.Status != gatelatch.SessionActive {
			by = string(s.Status)
		}
		return []string{s.ID, s.UserID, s.Device, s.IP, by, moment(s.CreatedAt), moment(s.LastActiveAt)}
	})

var invitationRows = tableOf([]string{"ID", "ADDRESS", "STATUS", "CREATED", "GOOD UNTIL"},
	func(l admin.InvitationPage) ([]admin.InvitationView, string) { return l.Invitations, goOn(l.Next) },
	func(i admin.InvitationView) []string {
		return []string{i.ID, i.Address, i.Status, moment(i.CreatedAt), moment(i.ExpireAt)}
	})

var waitingRows = tableOf([]string{"ID", "ADDRESS", "WAITS SINCE", "APPROVED"},
	func(l admin.WaitlistPage) ([]admin.WaitlistView, string) { return l.Waitlist, goOn(l.Next) },
	func(w admin.WaitlistView) []string {
		return []string{w.ID, w.Address, moment(w.CreatedAt), moment(w.ApprovedAt)}
	})

var restrictionRows = tableOf([]string{"LIST", "PATTERN", "FROM", "CREATED"},
	func(l restrictions) ([]admin.Restriction, string) { return l.Restrictions, "" },
	func(r admin.Restriction) []string {
		return []string{string(r.List), r.Pattern, r.Source, moment(r.CreatedAt)}
	})

var signUpRows = tableOf([]string{"MODE", "SET BY", "CONFIGURED"},
	func(nothing) ([]admin.SignUp, string) { return nil, "" },
	func(s admin.SignUp) []string { return []string{string(s.Mode), s.Source, string(s.Configured)} })

// moment writes a time for people, in UTC; nothing for never.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}
