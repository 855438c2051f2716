// SPDX-License-Identifier: Apache-2.0

import { text } from 'node:stream/consumers'

/** What a test has written to the program. */
export const input = JSON.parse(await text(process.stdin))

/** Runs named steps one after another and tells of each on a line of its own. */
export async function tell(steps) {
  for (const [name, step] of Object.entries(steps)) {
    let fault = ''
    try {
      await step()
    } catch (problem) {
      fault = problem.errors ? `${problem.status} ${JSON.stringify(problem.errors)} ${problem.stack}` : problem.stack
    }
    console.log(JSON.stringify({ name, fault }))
  }
}

/** Remembers which methods of a client were called, as "users.getUser". */
export function watched(client, called = new Set()) {
  const api = name =>
    new Proxy(client[name], {
      get: (target, method) => {
        const value = target[method]
        if (typeof value !== 'function') return value
        return (...args) => {
          called.add(`${name}.${method}`)
          return value.apply(target, args)
        }
      },
    })
  return [new Proxy({}, { get: (_, name) => api(name) }), called]
}

/** The methods that an API of the client has, by its own prototype. */
export function methods(client, name) {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(client[name]))
    .filter(method => method !== 'constructor')
    .map(method => `${name}.${method}`)
}

/** Resolves to the error that a call ends with. */
export async function refusal(call) {
  try {
    await call
  } catch (error) {
    return { status: error.status, code: error.errors?.[0]?.code, param: error.errors?.[0]?.meta?.paramName, error }
  }
  throw new Error('the call was not refused')
}
