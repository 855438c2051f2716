// SPDX-License-Identifier: Apache-2.0

// Bundles the programs into dist/, once for all tests; "node build.mjs next"
// builds the Next.js app instead.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

import { browser, here, phone } from './settings.mjs'

const bundles = () =>
  Promise.all([
    build({ ...browser, entryPoints: ['src/vanilla.js', 'src/react.jsx', 'src/react-bundled.jsx'] }),
    build({ ...browser, entryPoints: { vanilla5: 'src/vanilla.js' }, alias: { '@clerk/clerk-js': 'clerk-js-5' } }),
    build({ ...phone, entryPoints: ['node/expo.jsx'] }),
  ])

function next() {
  const program = fileURLToPath(import.meta.resolve('next/dist/bin/next'))
  const built = spawnSync(process.execPath, [program, 'build', 'next', '--turbopack'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  })
  process.exitCode = built.status ?? 1
}

await (process.argv[2] === 'next' ? next() : bundles())
