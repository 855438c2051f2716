// SPDX-License-Identifier: Apache-2.0

// A form without a framework, over the methods of clerk-js: an address, a code,
// and an account for whoever has none.
import { Clerk } from '@clerk/clerk-js'

import { proxyUrl, publishableKey } from './settings.js'
import { claimsOf } from './token.js'

const clerk = new Clerk(publishableKey, { proxyUrl })
const at = id => document.getElementById(id)

/** Shows one of the sections. */
function show(id) {
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== id
  at(id).querySelector('input')?.focus()
}

/** Runs something, and shows why it did not work. */
async function attempt(work) {
  at('error').textContent = ''
  try {
    await work()
  } catch (error) {
    at('error').textContent = error.errors?.[0]?.longMessage ?? error.message
  }
}

/** Sends a code. Whether the address has an account shows only once it is proven. */
async function begin(identifier) {
  const signIn = await clerk.client.signIn.create({ identifier })
  const factor = signIn.supportedFirstFactors.find(f => f.strategy === 'email_code')
  await signIn.prepareFirstFactor({ strategy: 'email_code', emailAddressId: factor.emailAddressId })
  at('sent').textContent = identifier
  show('proof')
}

/** Makes an account for an address that was proven and has none. */
function orSignUp(error) {
  if (error.errors?.[0]?.code !== 'sign_up_if_missing_transfer') throw error
  return clerk.client.signUp.create({ transfer: true })
}

async function prove(code) {
  const done = await clerk.client.signIn.attemptFirstFactor({ strategy: 'email_code', code }).catch(orSignUp)
  if (done.status !== 'complete') throw new Error('This account asks for more than a code. The React page knows how.')
  await clerk.setActive({ session: done.createdSessionId })
}

async function showToken(options) {
  const token = await clerk.session.getToken(options)
  at('claims').textContent = claimsOf(token)
}

/** Follows whoever signs in or out, here or in another tab. */
let shown
function follow() {
  const id = clerk.session?.id ?? ''
  if (id === shown) return
  shown = id
  if (!id) return show('address')
  at('who').textContent = clerk.user.primaryEmailAddress?.emailAddress ?? clerk.user.id
  show('inside')
  attempt(() => showToken())
}

function onSubmit(section, work) {
  at(section).querySelector('form').addEventListener('submit', event => {
    event.preventDefault()
    attempt(() => work(event.target.querySelector('input').value.trim()))
  })
}

onSubmit('address', begin)
onSubmit('proof', prove)
at('again').addEventListener('click', () => show('address'))
at('fresh').addEventListener('click', () => attempt(() => showToken({ skipCache: true })))
at('leave').addEventListener('click', () => attempt(() => clerk.signOut()))

await attempt(async () => {
  await clerk.load()
  clerk.addListener(follow)
  follow()
})
