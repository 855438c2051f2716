// SPDX-License-Identifier: Apache-2.0

// Makes a user with a sign-in token, and an invitation, as an operator's program
// would.
import { createClerkClient } from '@clerk/backend'
import { text } from 'node:stream/consumers'

const { apiUrl, secretKey, page } = JSON.parse(await text(process.stdin))
const clerk = createClerkClient({ apiUrl, secretKey, telemetry: { disabled: true } })

const user = await clerk.users.createUser({ emailAddress: ['made@example.org'], skipPasswordRequirement: true })
const { token } = await clerk.signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 600 })
const invitation = await clerk.invitations.createInvitation({
  emailAddress: 'invited@example.org',
  publicMetadata: { role: 'guest' },
  redirectUrl: page,
  notify: false,
})

console.log(JSON.stringify({ user: user.id, token, invitation: invitation.url }))
