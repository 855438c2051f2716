// SPDX-License-Identifier: Apache-2.0

// Clerk's own components, in the place of which any others may stand that use its
// hooks. clerk-js and the components come from the gate, below <base_path>/npm.
import { ClerkFailed, ClerkLoading, ClerkProvider, Show, SignIn, UserButton, useAuth, useUser } from '@clerk/react'
import { dark } from '@clerk/ui/themes'
import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createPortal } from 'react-dom'

import { proxyUrl, publishableKey } from './settings.js'
import { claimsOf } from './token.js'

function Inside() {
  const { user } = useUser()
  const { getToken, signOut } = useAuth()
  const [token, setToken] = useState()
  const ask = async options => setToken(await getToken(options))
  useEffect(() => {
    ask()
  }, [])
  return (
    <section>
      <h2>Signed in as {user?.primaryEmailAddress?.emailAddress ?? user?.id}</h2>
      <p>The button at the top opens the account: addresses, password, a second step, devices.</p>
      {token && <pre tabIndex="0">{claimsOf(token)}</pre>}
      <nav>
        <button onClick={() => ask({ skipCache: true })}>Ask for a new token</button>
        <button onClick={() => signOut()}>Sign out</button>
      </nav>
    </section>
  )
}

function App() {
  return (
    <>
      <ClerkLoading>
        <section>
          <p>Loading</p>
        </section>
      </ClerkLoading>
      <ClerkFailed>
        <section>
          <p>The scripts of the SDK could not be loaded.</p>
        </section>
      </ClerkFailed>
      <Show when="signed-out">
        <div className="center">
          <SignIn routing="hash" withSignUp fallbackRedirectUrl={location.pathname} signUpFallbackRedirectUrl={location.pathname} />
        </div>
      </Show>
      <Show when="signed-in">
        {createPortal(<UserButton />, document.getElementById('menu'))}
        <Inside />
      </Show>
    </>
  )
}

const appearance = matchMedia('(prefers-color-scheme: dark)').matches ? { theme: dark } : undefined

createRoot(document.getElementById('root')).render(
  <ClerkProvider
    publishableKey={publishableKey}
    proxyUrl={proxyUrl}
    appearance={appearance}
    telemetry={false}
    afterSignOutUrl={location.pathname}
  >
    <App />
  </ClerkProvider>,
)
