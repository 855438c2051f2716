// SPDX-License-Identifier: Apache-2.0

// Command plaincaddy is Caddy with its standard modules and nothing else: what
// the gate is measured against.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

func main() { caddycmd.Main() }
