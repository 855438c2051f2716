// SPDX-License-Identifier: Apache-2.0

package caddymodule

// Elsewhere returns the allowed origins of another site.
func (g *Gate) Elsewhere() []string { return g.elsewhere() }
