// SPDX-License-Identifier: Apache-2.0

package flow

import "context"

// Waits reports whether the proven address of a sign-in that is transferable
// would be put on the waitlist: for words alone, the step itself decides anew. It
// is to be told to whoever has proven the address, and to nobody else.
func (s *Service) Waits(ctx context.Context, si SignIn) (bool, error) {
	if !si.Transferable() {
		return false, nil
	}
	admitted := Refused
	err := s.look(ctx, func(ctx context.Context, o *operation) (err error) {
		admitted, err = o.admit(ctx, si.First.To)
		return err
	})
	return admitted == Waits, err
}
