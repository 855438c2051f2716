// SPDX-License-Identifier: Apache-2.0

// Clerk's own components, as an app mounts them.
import { SignIn, SignUp, UserButton, UserProfile, Waitlist } from '@clerk/react'

// Where a finished attempt leads: the page beside this one. These components lead
// away again from a page of their own as long as somebody is signed in.
const account = location.pathname.replace(/[^/]+$/, 'account')
const done = { forceRedirectUrl: account, signUpForceRedirectUrl: account }

export const Prebuilt = {
  'prebuilt-sign-in': () => <SignIn routing="hash" signUpUrl="#" forceRedirectUrl={account} />,
  'prebuilt-sign-in-or-up': () => <SignIn routing="hash" withSignUp {...done} />,
  'prebuilt-sign-up': () => <SignUp routing="hash" signInUrl="#" forceRedirectUrl={account} />,
  'prebuilt-user-button': () => <UserButton />,
  'prebuilt-user-profile': () => <UserProfile routing="hash" />,
  'prebuilt-waitlist': () => <Waitlist />,
}
