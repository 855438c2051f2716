// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"strconv"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "gatelatch",
		Usage: "<command>",
		Short: "Works on the users, sessions and lists of a running gate",
		Long: "Works on the users, sessions and lists of a running gate, over Caddy's admin endpoint.\n" +
			"A user is named by id, email address or phone number.",
		CobraFunc: func(cmd *cobra.Command) { cmd.AddCommand(Commands()...) },
	})
}

// Commands returns the operator's commands: users, invite, invitations,
// waitlist, sessions, allow, block and sign-up. Each talks to the running gate
// over Caddy's admin endpoint, and prints a table or, with --json, what the gate
// has answered. They stand below "gatelatch"; a program that is named so itself
// may register them anew.
func Commands() []*cobra.Command {
	all := []*cobra.Command{
		usersCommand(), inviteCommand(), invitationsCommand(), waitlistCommand(), sessionsCommand(),
		listCommand("allow", "Lists who may sign up, and changes the list"),
		listCommand("block", "Lists who may not sign up, and changes the list"),
		signUpCommand(),
	}
	for _, cmd := range all {
		cmd.PersistentFlags().String("address", caddy.DefaultAdminListen, "Caddy's admin endpoint: host:port, or unix//path")
		cmd.PersistentFlags().String("store", "", "which of several stores: its label, or the origin of a site that uses it")
		cmd.PersistentFlags().Bool("json", false, "print what the gate answers, as JSON")
	}
	return all
}

// group is a command that only has others below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return cmd.Help()
	}}
	cmd.AddCommand(below...)
	return cmd
}

// leaf is a command that does something.
func leaf(use, short string, args cobra.PositionalArgs, run func(*caller, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		cmd.SilenceUsage = true
		return run(&caller{Command: cmd}, args)
	}}
}

// paged adds the flags of a listing.
func paged(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String("after", "", "go on after this id")
	cmd.Flags().Var(new(limitFlag), "limit", "how many at most (default 100)")
	return cmd
}

// limitFlag is how many lines a listing has at most; zero while nothing is said.
type limitFlag int

// String implements [pflag.Value].
func (l *limitFlag) String() string { return strconv.Itoa(int(*l)) }

// Set implements [pflag.Value].
func (l *limitFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errUsage("expected a number of at least 1")
	}
	*l = limitFlag(n)
	return nil
}

// Type implements [pflag.Value].
func (l *limitFlag) Type() string { return "int" }

func (c *caller) page() pageInput {
	after, _ := c.Flags().GetString("after")
	limit, _ := c.Flags().GetInt("limit")
	return pageInput{after, limit}
}

func inviteCommand() *cobra.Command {
	cmd := leaf("invite <address>", "Invites somebody to sign up, and tells them", cobra.ExactArgs(1), func(c *caller, args []string) error {
		word, _ := c.Flags().GetString("expires")
		expires, err := caddy.ParseDuration(word)
		if err != nil {
			return errUsage("--expires %q; expected a duration such as 7d or 12h", word)
		}
		return c.show("invitations/create", addressInput{args[0], duration(expires)}, invitationRows)
	})
	cmd.Flags().String("expires", "7d", "how long the invitation is good, an hour to 365d")
	return cmd
}

func invitationsCommand() *cobra.Command {
	return group("invitations", "Lists invitations, and takes them back",
		paged(leaf("list", "Lists invitations, the newest first", cobra.NoArgs, func(c *caller, _ []string) error {
			return c.show("invitations/list", c.page(), invitationRows)
		})),
		leaf("revoke <invitation>", "Takes an invitation back", cobra.ExactArgs(1), func(c *caller, args []string) error {
			return c.show("invitations/revoke", idInput{args[0]}, invitationRows)
		}),
	)
}

func waitlistCommand() *cobra.Command {
	list := paged(leaf("list", "Lists who waits, the longest first", cobra.NoArgs, func(c *caller, _ []string) error {
		all, _ := c.Flags().GetBool("all")
		return c.show("waitlist/list", waitlistInput{all, c.page()}, waitingRows)
	}))
	list.Flags().Bool("all", false, "also who was approved")
	return group("waitlist", "Lists who waits to be let in, and approves them", list,
		leaf("approve <address>", "Lets somebody in, named by address or by the id of the entry, and tells them", cobra.ExactArgs(1),
			func(c *caller, args []string) error {
				return c.show("waitlist/approve", addressInput{Address: args[0]}, waitingRows)
			}),
	)
}

func sessionsCommand() *cobra.Command {
	return group("sessions", "Lists live sessions, and ends them",
		paged(leaf("list [<user>]", "Lists live sessions, the newest first", cobra.MaximumNArgs(1), func(c *caller, args []string) error {
			in := userInput{pageInput: c.page()}
			if len(args) > 0 {
				in.User = args[0]
			}
			return c.show("sessions/list", in, sessionRows)
		})),
		leaf("revoke <session>", "Ends a session at once", cobra.ExactArgs(1), func(c *caller, args []string) error {
			return c.show("sessions/revoke", idInput{args[0]}, sessionRows)
		}),
	)
}

func listCommand(name, short string) *cobra.Command {
	change := func(verb, short string) *cobra.Command {
		return leaf(verb+" <pattern>", short, cobra.ExactArgs(1), func(c *caller, args []string) error {
			return c.show(name+"/"+verb, lineInput{args[0]}, restrictionRows)
		})
	}
	return group(name, short,
		leaf("list", "Lists the patterns", cobra.NoArgs, func(c *caller, _ []string) error {
			return c.show(name+"/list", nothing{}, restrictionRows)
		}),
		change("add", "Adds an address, a domain, *.domain, a number, or a country such as US"),
		change("remove", "Removes a pattern that a command has added"),
	)
}

func signUpCommand() *cobra.Command {
	run := func(verb, short string) *cobra.Command {
		return leaf(verb, short, cobra.NoArgs, func(c *caller, _ []string) error {
			return c.show("sign-up/"+verb, nothing{}, signUpRows)
		})
	}
	return group("sign-up", "Says who may sign up, and changes it",
		run("show", "Shows the mode in force"),
		leaf("set <mode>", "Sets the mode: open, invite, waitlist or closed", cobra.ExactArgs(1), func(c *caller, args []string) error {
			return c.show("sign-up/set", map[string]string{"mode": args[0]}, signUpRows)
		}),
		run("reset", "Has the configured mode in force again"),
	)
}
