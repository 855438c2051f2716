// SPDX-License-Identifier: Apache-2.0

// An app's server that asks @clerk/backend who sent a request. Reads the request
// and the keys as JSON, tells as JSON what it has found. With a public key there is
// no network in it; without, the key set is loaded with the secret key.
import { createClerkClient } from '@clerk/backend'
import { text } from 'node:stream/consumers'

const { publishableKey, jwtKey, apiUrl, secretKey, url, headers, authorizedParties, at } = JSON.parse(await text(process.stdin))

// It is judged as it was when the app received it: a token is good for a minute,
// and a busy machine may take longer to come here.
const clock = Date.now
const late = clock() - at
Date.now = () => clock() - late

if (jwtKey) globalThis.fetch = () => Promise.reject(new Error('authenticateRequest went to the network'))

const clerk = createClerkClient({ publishableKey, secretKey: secretKey ?? 'sk_live_unused', jwtKey, apiUrl })
const request = new Request(url, { headers })
const state = await clerk.authenticateRequest(request, { jwtKey, authorizedParties })
const auth = state.toAuth()

console.log(
  JSON.stringify({
    status: state.status,
    reason: state.reason ?? '',
    message: state.message ?? '',
    user: auth?.userId ?? '',
    session: auth?.sessionId ?? '',
    claims: auth?.sessionClaims ?? null,
  }),
)
