// SPDX-License-Identifier: Apache-2.0

// A page without a framework, over clerk-js of either major version. Its names
// for methods are those that both have.
import { Clerk } from '@clerk/clerk-js'

import { config, keys } from './config.js'

const clerk = new Clerk(keys.publishableKey, { proxyUrl: keys.proxyUrl })
const at = id => document.getElementById(id)
window.clerk = clerk

document.getElementById('root').innerHTML = `
  <p>Signed in: <output id="who">loading</output></p>
  <p id="error" data-code="" data-param=""></p>
  <form id="start">
    <input id="identifier" name="identifier" aria-label="Address">
    <input id="password" name="password" type="password" aria-label="Password">
    <button id="go">Continue</button>
  </form>
  <form id="verify" hidden>
    <input id="code" name="code" aria-label="Code">
    <button id="check">Verify</button>
  </form>
  <button id="resend">New code</button>
  <button id="leave">Sign out</button>
`

/** Shows what went wrong, with the machine's words for the tests. */
function complain(error) {
  const first = error.errors?.[0]
  at('error').textContent = first?.longMessage ?? String(error)
  at('error').dataset.code = first?.code ?? error.code ?? 'unknown'
  at('error').dataset.param = first?.meta?.paramName ?? ''
}

async function attempt(work) {
  at('error').textContent = ''
  at('error').dataset.code = ''
  try {
    await work()
  } catch (error) {
    complain(error)
  }
}

const isPhone = identifier => identifier.startsWith('+')

const signUp = {
  async begin({ identifier, password }) {
    const address = isPhone(identifier) ? { phoneNumber: identifier } : { emailAddress: identifier }
    await clerk.client.signUp.create(password ? { ...address, password } : address)
    await this.send()
  },
  send() {
    const { signUp } = clerk.client
    return signUp.unverifiedFields.includes('phone_number')
      ? signUp.preparePhoneNumberVerification()
      : signUp.prepareEmailAddressVerification({ strategy: 'email_code' })
  },
  check(code) {
    const { signUp } = clerk.client
    return signUp.unverifiedFields.includes('phone_number')
      ? signUp.attemptPhoneNumberVerification({ code })
      : signUp.attemptEmailAddressVerification({ code })
  },
}

const signIn = {
  async begin({ identifier, password }) {
    const attempt = await clerk.client.signIn.create(password ? { identifier, password } : { identifier })
    if (attempt.status === 'complete') return attempt
    await this.send()
  },
  // The second factor of a password is a code as well: clerk-js 6 says
  // needs_client_trust, clerk-js 5 needs_second_factor.
  second: () => clerk.client.signIn.status !== 'needs_first_factor',
  send() {
    const { signIn } = clerk.client
    const factors = this.second() ? signIn.supportedSecondFactors : signIn.supportedFirstFactors
    const factor = factors.find(f => f.strategy === 'phone_code' || f.strategy === 'email_code')
    const choice = factor.phoneNumberId
      ? { strategy: factor.strategy, phoneNumberId: factor.phoneNumberId }
      : { strategy: factor.strategy, emailAddressId: factor.emailAddressId }
    this.strategy = factor.strategy
    return this.second() ? signIn.prepareSecondFactor(choice) : signIn.prepareFirstFactor(choice)
  },
  check(code) {
    const { signIn } = clerk.client
    const proof = { strategy: this.strategy ?? signIn.firstFactorVerification.strategy, code }
    return this.second() ? signIn.attemptSecondFactor(proof) : signIn.attemptFirstFactor(proof)
  },
}

const flow = config.show === 'sign-up' ? signUp : signIn

function askForCode() {
  at('start').hidden = true
  at('verify').hidden = false
}

async function finish(done) {
  if (done?.status === 'complete') await clerk.setActive({ session: done.createdSessionId })
}

function show() {
  at('who').textContent = clerk.user?.id ?? 'nobody'
  at('who').dataset.session = clerk.session?.id ?? ''
  at('who').dataset.token = clerk.session?.lastActiveToken?.getRawString() ?? ''
}

await clerk.load()
clerk.addListener(show)
show()

at('start').addEventListener('submit', event => {
  event.preventDefault()
  const fields = Object.fromEntries(new FormData(event.target))
  attempt(async () => {
    const done = await flow.begin(fields)
    if (done) return finish(done)
    askForCode()
  })
})

at('verify').addEventListener('submit', event => {
  // A careless page lets the browser submit the form as well, which throws the
  // answer away while it is on its way.
  if (!config.careless) event.preventDefault()
  const code = new FormData(event.target).get('code')
  attempt(async () => finish(await flow.check(code)))
})

at('resend').addEventListener('click', () => attempt(() => flow.send()))
at('leave').addEventListener('click', () => attempt(() => clerk.signOut({ redirectUrl: location.href })))

const pending = config.show === 'sign-up' ? clerk.client.signUp : clerk.client.signIn
if (!clerk.user && (pending.status === 'missing_requirements' || pending.status?.startsWith('needs_')) && pending.status !== 'needs_identifier') {
  askForCode()
}
document.documentElement.dataset.ready = 'yes'
