// SPDX-License-Identifier: Apache-2.0

'use client'

import { useAuth, useSignIn } from '@clerk/nextjs'
import { useRouter } from 'next/navigation'
import { useState } from 'react'

const submit = work => event => {
  event.preventDefault()
  return work(new FormData(event.target))
}

export default function SignInPage() {
  const { signIn, errors, fetchStatus } = useSignIn()
  const { isLoaded } = useAuth()
  const [sent, setSent] = useState(false)
  const router = useRouter()

  const start = async data => {
    const { error } = await signIn.emailCode.sendCode({ emailAddress: data.get('address') })
    setSent(!error)
  }

  const finish = async data => {
    await signIn.emailCode.verifyCode({ code: data.get('code') })
    if (signIn.status !== 'complete') return
    await signIn.finalize({ navigate: ({ decorateUrl }) => router.push(decorateUrl('/members')) })
  }

  const busy = !isLoaded || fetchStatus === 'fetching'
  return (
    <main>
      <h1>Sign in</h1>
      {sent ? (
        <form onSubmit={submit(finish)}>
          <input id="code" name="code" aria-label="Code" />
          {errors.fields.code && <p id="code-error">{errors.fields.code.message}</p>}
          <button id="go" disabled={busy}>
            Verify
          </button>
        </form>
      ) : (
        <form onSubmit={submit(start)}>
          <input id="address" name="address" type="email" aria-label="E-mail address" />
          {errors.fields.identifier && <p id="identifier-error">{errors.fields.identifier.message}</p>}
          <button id="go" disabled={busy}>
            Continue
          </button>
        </form>
      )}
    </main>
  )
}
