// SPDX-License-Identifier: Apache-2.0

import { ClerkFailed, ClerkProvider } from '@clerk/react'
import { createRoot } from 'react-dom/client'

import { config, keys } from '../config.js'
import { CodeSignIn, CodeSignUp, NewPassword, PasswordSignIn } from './current.jsx'
import { LegacySignIn, LegacySignUp } from './legacy.jsx'
import { Who } from './parts.jsx'
import { Prebuilt } from './prebuilt.jsx'

const pages = {
  'sign-in': CodeSignIn,
  'sign-up': CodeSignUp,
  password: PasswordSignIn,
  'new-password': NewPassword,
  'legacy-sign-in': LegacySignIn,
  'legacy-sign-up': LegacySignUp,
  account: () => null,
  ...Prebuilt,
}

/** Starts the page that the server has named; bundled holds Clerk and ui, or neither. */
export function start(bundled) {
  const Page = pages[config.show]
  createRoot(document.getElementById('root')).render(
    <ClerkProvider {...keys} {...bundled} telemetry={false} afterSignOutUrl={location.pathname}>
      <ClerkFailed>
        <p id="failed">Clerk has failed to load.</p>
      </ClerkFailed>
      <Who />
      <Page />
    </ClerkProvider>,
  )
}
