// SPDX-License-Identifier: Apache-2.0

package flow

// FirstPurpose is what the first challenge is for.
func (s SignIn) FirstPurpose() Purpose {
	switch {
	case s.First != nil && resets(s.First.Strategy):
		return PurposeReset
	case s.Again != nil:
		return PurposeAgain
	}
	return PurposeSignIn
}

// SecondPurpose is what the second challenge is for.
func (s SignIn) SecondPurpose() Purpose {
	if s.Trust == TrustNew {
		return PurposeTrust
	}
	return PurposeSecond
}

// purpose is what the challenge of the next step is for.
func (s SignIn) purpose() Purpose {
	if s.Status == NeedsSecondFactor || s.Status == NeedsClientTrust {
		return s.SecondPurpose()
	}
	return s.FirstPurpose()
}
