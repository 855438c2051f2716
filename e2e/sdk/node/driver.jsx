// SPDX-License-Identifier: Apache-2.0

// Runs a screen of an Expo app in Node: a test sends one command a line and gets
// one answer a line, both JSON.
import './phone.js'

import { InternalClerkProvider } from '@clerk/react/internal'
import { act } from 'react'
import { createInterface } from 'node:readline'
import { create } from 'react-test-renderer'

import { nativeClerk } from './clerk.js'

globalThis.IS_REACT_ACT_ENVIRONMENT = true

// Words of React for people who test components; clerk-js changes state on its
// own here, as it does on a phone.
const ofTests = /not wrapped in act|react-test-renderer is deprecated/

const complaints = []
console.error = (...args) => {
  const text = args.map(String).join(' ')
  if (!ofTests.test(text)) complaints.push(text)
}
console.warn = console.error

/** Everything that a person could read on the screen. */
function textOf(node) {
  if (node === null || node === undefined) return ''
  if (typeof node === 'string') return node
  if (Array.isArray(node)) return node.map(textOf).join('\n')
  return textOf(node.children)
}

const flat = instance => (typeof instance === 'string' ? instance : instance.children.map(flat).join(''))

function createScreen(Page, clerk, keys) {
  const metadata = { name: '@clerk/expo', version: '4.6.6' }
  return create(
    <InternalClerkProvider
      {...keys}
      Clerk={clerk}
      sdkMetadata={metadata}
      standardBrowser={false}
      experimental={{ runtimeEnvironment: 'headless' }}
    >
      <Page />
    </InternalClerkProvider>,
  )
}

/** The commands; each answers with something that JSON can hold. */
function commands(screen, clerk, vault) {
  const one = (type, test) => screen.root.findAllByType(type).find(test)
  return {
    state: () => ({
      text: textOf(screen.toJSON()),
      loaded: clerk.loaded,
      user: clerk.user?.id ?? '',
      session: clerk.session?.id ?? '',
      task: clerk.session?.currentTask?.key ?? '',
      vault: vault.token ?? '',
      complaints,
    }),
    fill: ({ placeholder, value }) => {
      const input = one('input', i => i.props.placeholder === placeholder)
      if (!input) throw new Error(`no field ${placeholder}`)
      input.props.onChangeText(value)
    },
    press: ({ text }) => {
      const button = one('pressable', p => flat(p) === text)
      if (!button) throw new Error(`no button ${text}`)
      if (button.props.disabled) return { disabled: true }
      return button.props.onPress()
    },
    token: async () => ({ token: await clerk.session?.getToken({ skipCache: true }) }),
    signOut: () => clerk.signOut(),
    reload: async () => {
      await clerk.user?.reload()
    },
  }
}

/** Reads the configuration from the first line, then serves commands until the input ends. */
export async function drive(Pages) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const answer = value => process.stdout.write(`${JSON.stringify(value ?? {})}\n`)
  const { publishableKey, proxyUrl, token, page } = JSON.parse((await lines.next()).value)
  const vault = { token }
  const keys = { publishableKey, proxyUrl }
  const clerk = nativeClerk(keys, vault)
  let screen
  await act(async () => {
    screen = createScreen(Pages[page], clerk, keys)
  })
  const can = commands(screen, clerk, vault)
  answer({})
  for await (const line of lines) {
    const { do: name, ...args } = JSON.parse(line)
    try {
      let result
      await act(async () => {
        result = await can[name](args)
      })
      answer(name === 'press' && !result?.disabled ? {} : result)
    } catch (problem) {
      answer({ error: problem.stack })
    }
  }
  process.exit(0)
}
