// SPDX-License-Identifier: Apache-2.0

package sqlite

// WithPragmas returns options whose writer runs pragmas of a test.
func WithPragmas(o Options, pragmas ...string) Options {
	o.pragmas = pragmas
	return o
}
