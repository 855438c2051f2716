// SPDX-License-Identifier: Apache-2.0

// Custom flows over the hooks of Core 2, as @clerk/react/legacy keeps them.
import { useAuth } from '@clerk/react'
import { useSignIn, useSignUp } from '@clerk/react/legacy'
import { useState } from 'react'

import { Field, isPhone } from './parts.jsx'

/** Runs one step and turns what it throws into something to show. */
function useStep() {
  const [error, setError] = useState()
  const step = work => async event => {
    event.preventDefault()
    setError(undefined)
    try {
      await work(Object.fromEntries(new FormData(event.target)))
    } catch (problem) {
      if (!problem.errors) throw problem
      setError({ ...problem.errors[0], param: problem.errors[0].meta?.paramName })
    }
  }
  return [error, step]
}

export function LegacySignIn() {
  const { isLoaded, signIn, setActive } = useSignIn()
  const { isSignedIn } = useAuth()
  const [sent, setSent] = useState('')
  const [error, step] = useStep()
  if (!isLoaded || isSignedIn) return null

  const begin = step(async ({ identifier }) => {
    const { supportedFirstFactors } = await signIn.create({ identifier })
    const strategy = isPhone(identifier) ? 'phone_code' : 'email_code'
    const { phoneNumberId, emailAddressId } = supportedFirstFactors.find(f => f.strategy === strategy)
    await signIn.prepareFirstFactor(phoneNumberId ? { strategy, phoneNumberId } : { strategy, emailAddressId })
    setSent(strategy)
  })

  const check = step(async ({ code }) => {
    const done = await signIn.attemptFirstFactor({ strategy: sent, code })
    if (done.status === 'complete') await setActive({ session: done.createdSessionId })
  })

  const name = sent ? 'code' : 'identifier'
  return (
    <form onSubmit={sent ? check : begin} data-param={error?.param}>
      <Field key={name} name={name} label={name} error={error} />
      <button id="go">Continue</button>
    </form>
  )
}

export function LegacySignUp() {
  const { isLoaded, signUp, setActive } = useSignUp()
  const { isSignedIn } = useAuth()
  const [sent, setSent] = useState('')
  const [error, step] = useStep()
  if (!isLoaded || isSignedIn) return null

  const begin = step(async ({ address }) => {
    if (isPhone(address)) {
      await signUp.create({ phoneNumber: address })
      await signUp.preparePhoneNumberVerification()
    } else {
      await signUp.create({ emailAddress: address })
      await signUp.prepareEmailAddressVerification({ strategy: 'email_code' })
    }
    setSent(isPhone(address) ? 'phone' : 'email')
  })

  const check = step(async ({ code }) => {
    const done =
      sent === 'phone'
        ? await signUp.attemptPhoneNumberVerification({ code })
        : await signUp.attemptEmailAddressVerification({ code })
    if (done.status === 'complete') await setActive({ session: done.createdSessionId })
  })

  const name = sent ? 'code' : 'address'
  return (
    <form onSubmit={sent ? check : begin} data-param={error?.param}>
      <Field key={name} name={name} label={name} error={error} />
      <button id="go">Continue</button>
    </form>
  )
}
