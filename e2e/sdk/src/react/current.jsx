// SPDX-License-Identifier: Apache-2.0

// Custom flows over the current hooks of @clerk/react.
import { useAuth, useSignIn, useSignUp } from '@clerk/react'
import { useState } from 'react'

import { Field, General, isPhone, submit } from './parts.jsx'

/** Where a finished attempt leads: the page stays, and tells how it was called. */
const navigate = ({ session, decorateUrl }) => {
  document.documentElement.dataset.arrived = session?.currentTask?.key ?? decorateUrl('/')
}

export function CodeSignIn() {
  const { signIn, errors, fetchStatus } = useSignIn()
  const { isSignedIn } = useAuth()
  const [sent, setSent] = useState('')

  const start = async data => {
    const address = data.get('identifier')
    const { error } = isPhone(address)
      ? await signIn.phoneCode.sendCode({ phoneNumber: address })
      : await signIn.emailCode.sendCode({ emailAddress: address })
    if (!error) setSent(isPhone(address) ? 'phoneCode' : 'emailCode')
  }

  const check = async data => {
    await signIn[sent].verifyCode({ code: data.get('code') })
    if (signIn.status === 'complete') await signIn.finalize({ navigate })
  }

  if (isSignedIn) return null
  const busy = fetchStatus === 'fetching'
  return (
    <form onSubmit={submit(sent ? check : start)} data-status={signIn.status}>
      {sent ? (
        <Field key="code" name="code" label="Code" error={errors.fields.code} />
      ) : (
        <Field key="identifier" name="identifier" label="Address" error={errors.fields.identifier} />
      )}
      <General errors={errors} />
      <button id="go" disabled={busy}>
        Continue
      </button>
      <button id="again" type="button" onClick={() => signIn[sent].sendCode()}>
        New code
      </button>
      <button id="restart" type="button" onClick={() => signIn.reset().then(() => setSent(''))}>
        Start over
      </button>
    </form>
  )
}

export function CodeSignUp() {
  const { signUp, errors, fetchStatus } = useSignUp()
  const { isSignedIn } = useAuth()

  const create = async data => {
    const address = data.get('address')
    const password = data.get('password') || undefined
    const fields = isPhone(address) ? { phoneNumber: address } : { emailAddress: address }
    const { error } = await signUp.create({ ...fields, password })
    if (error) return
    if (isPhone(address)) await signUp.verifications.sendPhoneCode()
    else await signUp.verifications.sendEmailCode()
  }

  const verify = async data => {
    const code = data.get('code')
    if (signUp.unverifiedFields.includes('phone_number')) await signUp.verifications.verifyPhoneCode({ code })
    else await signUp.verifications.verifyEmailCode({ code })
    if (signUp.status === 'complete') await signUp.finalize({ navigate })
  }

  if (isSignedIn) return null
  const waiting = signUp.status === 'missing_requirements' && signUp.unverifiedFields.length > 0
  return (
    <form onSubmit={submit(waiting ? verify : create)} data-status={signUp.status}>
      {waiting ? (
        <Field key="code" name="code" label="Code" error={errors.fields.code} />
      ) : (
        <>
          <Field key="address" name="address" label="Address" error={errors.fields.emailAddress ?? errors.fields.phoneNumber} />
          <Field key="password" name="password" label="Password" type="password" error={errors.fields.password} />
        </>
      )}
      <General errors={errors} />
      <button id="go" disabled={fetchStatus === 'fetching'}>
        Continue
      </button>
    </form>
  )
}

/** What the second step may be, in the order a person would want it. */
const second = {
  email_code: { send: mfa => mfa.sendEmailCode(), check: (mfa, code) => mfa.verifyEmailCode({ code }) },
  phone_code: { send: mfa => mfa.sendPhoneCode(), check: (mfa, code) => mfa.verifyPhoneCode({ code }) },
  totp: { check: (mfa, code) => mfa.verifyTOTP({ code }) },
  backup_code: { check: (mfa, code) => mfa.verifyBackupCode({ code }) },
}

export function PasswordSignIn() {
  const { signIn, errors, fetchStatus } = useSignIn()
  const { isSignedIn } = useAuth()
  const [way, setWay] = useState('')

  const finish = async () => {
    if (signIn.status === 'complete') await signIn.finalize({ navigate })
  }

  const choose = async strategy => {
    setWay(strategy)
    await second[strategy].send?.(signIn.mfa)
  }

  const start = async data => {
    const { error } = await signIn.password({ identifier: data.get('identifier'), password: data.get('password') })
    if (error) return
    if (signIn.status === 'needs_client_trust') await choose(signIn.supportedSecondFactors[0].strategy)
    await finish()
  }

  const check = async data => {
    await second[way].check(signIn.mfa, data.get('code'))
    await finish()
  }

  if (isSignedIn) return null
  const busy = fetchStatus === 'fetching'
  if (signIn.status === 'needs_client_trust' || signIn.status === 'needs_second_factor') {
    return (
      <form onSubmit={submit(check)} data-status={signIn.status}>
        {signIn.supportedSecondFactors.map(({ strategy }) => (
          <button key={strategy} id={strategy} type="button" onClick={() => choose(strategy)}>
            {strategy}
          </button>
        ))}
        <Field key="code" name="code" label={way || 'Choose a way'} error={errors.fields.code} />
        <General errors={errors} />
        <button id="go" disabled={busy || !way}>
          Verify
        </button>
        <button id="restart" type="button" onClick={() => signIn.reset().then(() => setWay(''))}>
          Start over
        </button>
      </form>
    )
  }
  return (
    <form onSubmit={submit(start)} data-status={signIn.status}>
      <Field key="identifier" name="identifier" label="Address" error={errors.fields.identifier} />
      <Field key="password" name="password" label="Password" type="password" error={errors.fields.password} />
      <General errors={errors} />
      <button id="go" disabled={busy}>
        Continue
      </button>
    </form>
  )
}

/** Forgot password: a code, then a new password. */
export function NewPassword() {
  const { signIn, errors } = useSignIn()
  const { isSignedIn } = useAuth()
  const [sent, setSent] = useState(false)

  const start = async data => {
    const { error } = await signIn.create({ identifier: data.get('identifier') })
    if (error) return
    const sending = await signIn.resetPasswordEmailCode.sendCode()
    setSent(!sending.error)
  }
  const check = data => signIn.resetPasswordEmailCode.verifyCode({ code: data.get('code') })
  const save = async data => {
    await signIn.resetPasswordEmailCode.submitPassword({ password: data.get('password') })
    if (signIn.status === 'complete') await signIn.finalize({ navigate })
  }

  if (isSignedIn) return null
  const choosing = signIn.status === 'needs_new_password'
  return (
    <form onSubmit={submit(choosing ? save : sent ? check : start)} data-status={signIn.status}>
      {choosing && <Field key="password" name="password" label="New password" type="password" error={errors.fields.password} />}
      {!choosing && sent && <Field key="code" name="code" label="Code" error={errors.fields.code} />}
      {!choosing && !sent && <Field key="identifier" name="identifier" label="Address" error={errors.fields.identifier} />}
      <General errors={errors} />
      <button id="go">Continue</button>
    </form>
  )
}
