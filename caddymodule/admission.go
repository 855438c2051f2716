// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"fmt"
	"os"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/admission"
)

// resolveAdmission reads whose addresses may sign up. A list that cannot be read
// is an error: without it, those whom it names could sign up.
func (g *Gate) resolveAdmission(caddy.Context) (err error) {
	if g.admission, err = g.admissionRules(); err != nil || g.BlockDisposable == "" {
		return err
	}
	name, err := resolve("block disposable", g.BlockDisposable)
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("block disposable: %w", err)
	}
	defer f.Close()
	if g.admission.Disposable, err = admission.ReadDisposable(f); err != nil {
		return fmt.Errorf("block disposable %s: %w", name, err)
	}
	return nil
}
