// SPDX-License-Identifier: Apache-2.0

// Command gatelatch is Caddy with the gate built in, and a demonstration of it.
package main

import (
	_ "time/tzdata" // mails name times

	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/gatelatch/gatelatch/caddymodule"
)

func main() { caddycmd.Main() }
