// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gatelatch/gatelatch/admin"
)

func usersCommand() *cobra.Command {
	onOne := func(verb, short string) *cobra.Command {
		return leaf(verb+" <user>", short, cobra.ExactArgs(1), func(c *caller, args []string) error {
			return c.show("users/"+verb, userInput{User: args[0]}, userRows)
		})
	}
	return group("users", "Lists, makes, bans and deletes users",
		usersListCommand(),
		leaf("show <user>", "Shows one user", cobra.ExactArgs(1), func(c *caller, args []string) error {
			return c.show("users/show", userInput{User: args[0]}, userDetails)
		}),
		usersCreateCommand(),
		usersImportCommand(),
		usersExportCommand(),
		onOne("ban", "Ends all sessions of a user at once, and lets nobody in as that user"),
		onOne("unban", "Lets a banned user sign in again"),
		onOne("delete", "Forgets a user and everything that is only theirs, without asking again"),
		onOne("sign-out", "Ends all sessions of a user"),
		onOne("reset-password", "Has a user set a new password before anything else"),
		onOne("lock", "Lets nobody sign in as a user for an hour; sessions go on"),
		onOne("unlock", "Takes a lock off, and forgets the wrong guesses that have closed an account"),
		onOne("reset-mfa", "Takes authenticator app, second-step number and backup codes from a user who has lost them"),
	)
}

func usersListCommand() *cobra.Command {
	cmd := paged(leaf("list", "Lists users, the oldest first", cobra.NoArgs, func(c *caller, _ []string) error {
		in := usersInput{pageInput: c.page()}
		in.Search, _ = c.Flags().GetString("search")
		if c.Flags().Changed("banned") {
			banned, _ := c.Flags().GetBool("banned")
			in.Banned = &banned
		}
		return c.show("users/list", in, usersRows(in.After))
	}))
	cmd.Flags().String("search", "", "only users with this in an address or a name, or with this id")
	cmd.Flags().Bool("banned", false, "only banned users; =false for those who are not")
	return cmd
}

func usersCreateCommand() *cobra.Command {
	cmd := leaf("create", "Makes a user, whose addresses you vouch for", cobra.NoArgs, func(c *caller, _ []string) error {
		var p admin.Person
		p.EmailAddresses, _ = c.Flags().GetStringSlice("email")
		p.PhoneNumbers, _ = c.Flags().GetStringSlice("phone")
		p.FirstName, _ = c.Flags().GetString("first-name")
		p.LastName, _ = c.Flags().GetString("last-name")
		p.PasswordReset, _ = c.Flags().GetBool("password-reset")
		return c.show("users/create", p, userRows)
	})
	cmd.Flags().StringSlice("email", nil, "email address; may be given several times")
	cmd.Flags().StringSlice("phone", nil, "phone number; may be given several times")
	cmd.Flags().String("first-name", "", "first name")
	cmd.Flags().String("last-name", "", "last name")
	cmd.Flags().Bool("password-reset", false, "ask for a new password at the first sign-in")
	return cmd
}

// The most lines and bytes of an import that are sent at once: Caddy's admin
// endpoint waits ten seconds for a body.
const (
	partLines = 500
	partBytes = 1 << 20
)

func usersImportCommand() *cobra.Command {
	return leaf("import <file>", "Makes users of JSON lines, and says of each line what became of it; - reads standard input",
		cobra.ExactArgs(1), func(c *caller, args []string) error {
			in, err := openInput(c.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			return c.importFrom(in)
		})
}

func openInput(stdin io.Reader, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(name)
}

// importFrom sends a file in parts of whole lines.
func (c *caller) importFrom(in io.Reader) error {
	r := bufio.NewReader(in)
	var made, refused int
	for first := 1; ; {
		part, lines, err := nextPart(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if lines > 0 {
			m, n, err := c.importPart(part, first)
			made, refused = made+m, refused+n
			if err != nil {
				return fmt.Errorf("from line %d on: %w", first, err)
			}
			first += lines
		}
		if err != nil {
			break
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d lines were refused, %d users made", refused, made)
	}
	if !c.json() {
		fmt.Fprintf(c.OutOrStdout(), "%d users made.\n", made)
	}
	return nil
}

// nextPart reads whole lines, and io.EOF with the last of them.
func nextPart(r *bufio.Reader) (part []byte, lines int, err error) {
	for lines < partLines && len(part) < partBytes {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			part, lines = append(part, line...), lines+1
		}
		if err != nil {
			return part, lines, err
		}
	}
	return part, lines, nil
}

func (c *caller) importPart(part []byte, first int) (made, refused int, err error) {
	var done imports
	if err := c.ask("users/import", jsonLines, bytes.NewReader(part), &done); err != nil {
		return 0, 0, err
	}
	out := json.NewEncoder(c.OutOrStdout())
	for _, line := range done.Lines {
		line.Line += first - 1
		if line.Reason != "" {
			refused++
		}
		switch {
		case c.json():
			err = out.Encode(line)
		case line.Reason != "":
			_, err = fmt.Fprintf(c.OutOrStdout(), "line %d refused: %s\n", line.Line, visible(line.Reason))
		default:
			_, err = fmt.Fprintf(c.OutOrStdout(), "line %d made %s\n", line.Line, visible(line.ID))
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return len(done.Lines) - refused, refused, nil
}

func usersExportCommand() *cobra.Command {
	cmd := leaf("export", "Writes all users as JSON lines, which import reads", cobra.NoArgs, func(c *caller, _ []string) error {
		secrets, _ := c.Flags().GetBool("secrets")
		for after := ""; ; {
			var part struct {
				People []json.RawMessage `json:"people"`
				Next   string            `json:"next"`
			}
			in := exportInput{secrets, pageInput{After: after, Limit: partLines}}
			if err := c.call("users/export", in, &part); err != nil {
				return err
			}
			for _, line := range part.People {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s\n", line); err != nil {
					return err
				}
			}
			if after = part.Next; after == "" {
				return nil
			}
		}
	})
	cmd.Flags().Bool("secrets", false, "also password hashes and the secrets of authenticator apps")
	return cmd
}
