// SPDX-License-Identifier: Apache-2.0

import { auth } from '@clerk/nextjs/server'

import Who from './who'

export default async function Home() {
  const { userId, sessionId } = await auth()
  return (
    <main>
      <h1>Home</h1>
      <p id="server-user">{userId ?? 'nobody'}</p>
      <p id="server-session">{sessionId ?? 'none'}</p>
      <Who />
    </main>
  )
}
