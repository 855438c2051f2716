// SPDX-License-Identifier: Apache-2.0

// Command gatelatch is Caddy with the gate built in, the operator's commands,
// and a demonstration of the gate.
package main

import (
	_ "time/tzdata" // mails name times

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	"github.com/gatelatch/gatelatch/caddymodule"
)

func init() {
	caddy.CustomBinaryName = "gatelatch"
	for _, cmd := range caddymodule.Commands() {
		register(cmd)
	}
}

// register makes an operator's command one of the program's own: "gatelatch
// users" here is "caddy gatelatch users" in another build.
func register(cmd *cobra.Command) {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name: cmd.Name(), Short: cmd.Short,
		CobraFunc: func(own *cobra.Command) {
			own.Use, own.Long, own.Args, own.RunE = cmd.Use, cmd.Long, cmd.Args, cmd.RunE
			own.Flags().AddFlagSet(cmd.Flags())
			own.PersistentFlags().AddFlagSet(cmd.PersistentFlags())
			own.AddCommand(cmd.Commands()...)
		},
	})
}

func main() { caddycmd.Main() }
