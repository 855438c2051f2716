// SPDX-License-Identifier: Apache-2.0

// Runs @clerk/testing's helpers as a suite of Playwright tests does. Of a browser they
// need no more than a context that routes requests, which is played here.
import assert from 'node:assert/strict'

import { clerkSetup, setupClerkTestingToken } from '@clerk/testing/playwright'

import { input, tell } from './steps.mjs'

const { gate, publishableKey, secretKey, host, starts } = input

let routed // what the helper has registered: a pattern and a handler

const context = {
  route: async (pattern, handler) => {
    assert.ok(!routed, 'registered twice')
    routed = { pattern, handler }
  },
}

/** Begins a sign-in as a page does, through the helper, or without it. */
async function begin(identifier, helped) {
  const asked = `https://${host}/v1/client/sign_ins?_clerk_js_version=6`
  const send = url =>
    fetch(url.replace(`https://${host}`, `${gate}/.auth`), {
      method: 'POST',
      headers: { Origin: gate, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ identifier }),
    })
  if (!helped) return await send(asked)
  assert.match(asked, routed.pattern)
  let given
  await routed.handler({
    request: () => ({ url: () => asked }),
    fetch: async ({ url }) => {
      const response = await send(url)
      const text = await response.text()
      return {
        status: () => response.status,
        headers: () => Object.fromEntries(response.headers),
        text: async () => text,
        json: async () => JSON.parse(text),
      }
    },
    fulfill: async ({ response, json }) => (given = { status: response.status(), json: json ?? (await response.json()) }),
    continue: async () => assert.fail('the helper has given up'),
  })
  return given
}

await tell({
  'the set-up brings a testing token': async () => {
    await clerkSetup({ publishableKey, secretKey, apiUrl: `${gate}/.auth/backend`, dotenv: false })
    assert.equal(process.env.CLERK_FAPI, host)
    assert.ok(process.env.CLERK_TESTING_TOKEN)
  },
  'the token is sent along, and lifts the limits': async () => {
    await setupClerkTestingToken({ context })
    await setupClerkTestingToken({ context }) // which does nothing
    for (let i = 0; i < 3 * starts; i++) {
      const { status, json } = await begin(`jo${i}+clerk_test@example.org`, true)
      assert.equal(status, 200, JSON.stringify(json))
      assert.equal(json.response.status, 'needs_first_factor')
    }
  },
  'without it the limits hold': async () => {
    const statuses = []
    for (let i = 0; i <= starts; i++) statuses.push((await begin(`al${i}+clerk_test@example.org`, false)).status)
    assert.equal(statuses.at(-1), 429, String(statuses))
  },
  'a wrong key is told at once': async () => {
    delete process.env.CLERK_TESTING_TOKEN
    const setup = clerkSetup({ publishableKey, secretKey: `${secretKey}x`, apiUrl: `${gate}/.auth/backend`, dotenv: false })
    await assert.rejects(setup, error => error.status === 401 && error.errors[0].code === 'clerk_key_invalid')
  },
})
