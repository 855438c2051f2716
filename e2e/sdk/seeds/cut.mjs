// SPDX-License-Identifier: Apache-2.0

// Cuts the programs out of the documents they are printed in. The documents were
// saved by different tools: some keep fences, some have lost them, one has a
// number before every line.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Programs between fences, freed of the indentation of the list they stand in. */
function fenced(text) {
  return [...text.matchAll(/^( *)```tsx[^\n]*\n([\s\S]*?)^ *```/gm)].map(([, indent, body]) =>
    body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

const begins = /(?='use client'\n)|(?=import \{ ThemedText \})|(?=<!doctype html>)|(?=import \{ Clerk \})/
const ends = /(?<=[})])(?=(?:Sign-in flow|Configure application settings|Feedback)\n)[\s\S]*$/

/** Programs that follow one another, and prose, without anything between them. */
function runTogether(text) {
  return text
    .split(begins)
    .slice(1)
    .map(program => program.replace(ends, ''))
}

/**
 * Programs whose every line stands after its number, on a line of its own. Empty
 * lines have a number only; the first line without one is prose again.
 */
function numbered(text) {
  const programs = []
  let next = 0
  let expected = false
  for (const line of text.split('\n')) {
    if (line === '1') {
      programs.push([])
      next = 1
    }
    if (next > 0 && line === String(next)) {
      next++
      expected = true
    } else if (expected) {
      programs.at(-1).push(line)
      expected = false
    } else {
      next = 0
    }
  }
  return programs.map(lines => lines.join('\n'))
}

const documents = [
  ['custom-flow-otp-current.txt', fenced, ['current-sign-up.tsx', 'current-sign-in.tsx']],
  ['custom-flow-otp-legacy.txt', fenced, ['legacy-sign-up.tsx', 'legacy-sign-in.tsx']],
  [
    'custom-flow-client-trust.txt',
    runTogether,
    ['trust-email.tsx', 'trust-email-expo.tsx', 'trust-phone.tsx', 'trust-phone-expo.tsx'],
  ],
  [
    'custom-flow-otp-legacy-all-platforms.txt',
    runTogether,
    [
      'all-sign-up.tsx',
      'vanilla-sign-up.html',
      'vanilla-sign-up.js',
      'expo-sign-up.tsx',
      'all-sign-in.tsx',
      'vanilla-sign-in.html',
      'vanilla-sign-in.js',
      'expo-sign-in.tsx',
    ],
  ],
  ['otp-2023.txt', numbered, ['old-sign-up.tsx', 'old-sign-up-vanilla.js', 'old-sign-in.tsx', 'old-sign-in-vanilla.js']],
]

/** Returns all programs by name. Fails when a document no longer holds what it did. */
export function programs(directory) {
  const all = {}
  for (const [file, cut, names] of documents) {
    const found = cut(readFileSync(join(directory, file), 'utf8'))
    if (found.length !== names.length) throw new Error(`${file}: ${found.length} programs, not ${names.length}`)
    names.forEach((name, i) => (all[name] = found[i]))
  }
  return all
}
