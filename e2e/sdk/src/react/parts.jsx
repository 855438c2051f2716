// SPDX-License-Identifier: Apache-2.0

import { useAuth, useClerk, useUser } from '@clerk/react'
import { useEffect, useState } from 'react'

/** Who is signed in, and what tests ask of a session. */
export function Who() {
  const { isLoaded, userId, sessionId, getToken, signOut } = useAuth()
  const { user } = useUser()
  const clerk = useClerk()
  const [token, setToken] = useState('')
  useEffect(() => {
    window.clerk = clerk
  }, [clerk])
  return (
    <section>
      <p>
        Signed in: <output id="who" data-session={sessionId ?? ''}>{isLoaded ? (userId ?? 'nobody') : 'loading'}</output>
      </p>
      <p id="mail">{user?.primaryEmailAddress?.emailAddress ?? ''}</p>
      <p id="phone">{user?.primaryPhoneNumber?.phoneNumber ?? ''}</p>
      <p id="token">{token}</p>
      <button id="ask" onClick={async () => setToken((await getToken({ skipCache: true })) ?? '')}>
        Ask for a token
      </button>
      <button id="leave" onClick={() => signOut()}>
        Sign out
      </button>
    </section>
  )
}

/** Hands a form's fields to a step. React does not empty the form afterwards, as it does with actions. */
export const submit = work => event => {
  event.preventDefault()
  return work(new FormData(event.target))
}

/** One field with the error that belongs to it. */
export function Field({ name, label, type = 'text', error }) {
  return (
    <p>
      <label htmlFor={name}>{label}</label>
      <input id={name} name={name} type={type} />
      {error && (
        <strong id={`${name}-error`} data-code={error.code}>
          {error.longMessage ?? error.message}
        </strong>
      )}
    </p>
  )
}

/** Errors that belong to no field. */
export function General({ errors }) {
  return errors?.global?.map(error => (
    <strong key={error.code ?? error.message} className="general-error" data-code={error.code ?? ''}>
      {error.longMessage ?? error.message}
    </strong>
  ))
}

export const isPhone = address => address.startsWith('+')
