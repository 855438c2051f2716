// SPDX-License-Identifier: Apache-2.0

import { Clerk } from '@clerk/clerk-js'
import { ClerkProvider } from '@clerk/react'
import { createRoot } from 'react-dom/client'

import { keys } from '../src/config.js'
import { Who } from '../src/react/parts.jsx'

import './given.js'
import './router.jsx'

/** Shows one page of the documents, as an app would that has all of its settings from elsewhere. */
export function mount(Page) {
  createRoot(document.getElementById('root')).render(
    <ClerkProvider {...keys} Clerk={Clerk} prefetchUI={false} telemetry={false}>
      <Page />
      <Who />
    </ClerkProvider>,
  )
}
