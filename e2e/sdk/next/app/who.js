// SPDX-License-Identifier: Apache-2.0

'use client'

import { useAuth, useClerk, useUser } from '@clerk/nextjs'

/** What the browser believes, beside what the server has rendered. */
export default function Who() {
  const { isLoaded, userId, getToken } = useAuth()
  const { user } = useUser()
  const clerk = useClerk()

  const ask = async () => {
    const token = await getToken({ skipCache: true })
    document.getElementById('token').textContent = token ?? ''
  }

  return (
    <section>
      <p id="browser-user">{isLoaded ? (userId ?? 'nobody') : 'loading'}</p>
      <p id="browser-email">{user?.primaryEmailAddress?.emailAddress ?? ''}</p>
      <p id="token"></p>
      <button id="ask" onClick={ask}>
        Ask for a token
      </button>
      <button id="leave" onClick={() => clerk.signOut({ redirectUrl: '/open' })}>
        Sign out
      </button>
    </section>
  )
}
