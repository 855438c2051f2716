// SPDX-License-Identifier: Apache-2.0

// Faults that the documents were printed with, and placeholders that stand for
// what a person types. Everything else runs as it is printed.

/** In the programs of 2023 number and code are written down; here the test gives them. */
const placeholders = [
  ['"+11111111111"', 'await window.given("number")'],
  ['"123456"', 'await window.given("code")'],
]

/** setActive has lost this name for its parameter since. */
const setActive = ['setActive({sessionId:', 'setActive({session:']

const repairs = {
  // A code as first factor never reaches the status that the form waits for.
  'current-sign-in.tsx': [["signIn.status === 'needs_second_factor'", "signIn.status === 'needs_first_factor'"]],
  'old-sign-up.tsx': [...placeholders, setActive],
  'old-sign-in.tsx': [...placeholders, setActive],
  'old-sign-up-vanilla.js': placeholders,
  // The variable is used without being declared.
  'old-sign-in-vanilla.js': [...placeholders, ['await signIn.', 'await client.signIn.']],
}

/** Returns a program with its faults mended. Fails when a fault is no longer there. */
export function mended(name, program) {
  for (const [fault, repair] of repairs[name] ?? []) {
    if (!program.includes(fault)) throw new Error(`${name}: ${fault} is not in it any more`)
    program = program.replaceAll(fault, repair)
  }
  if (name === 'old-sign-up.tsx') return `${program}\nexport default SignUpPage\n`
  if (name === 'old-sign-in.tsx') return `${program}\nexport default SignInPage\n`
  return program
}
