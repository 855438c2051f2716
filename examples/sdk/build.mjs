// SPDX-License-Identifier: Apache-2.0

// Bundles the two pages into dist/.
import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

process.chdir(fileURLToPath(new URL('.', import.meta.url)))

await build({
  entryPoints: ['src/vanilla.js', 'src/react.jsx'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
})
await cp('public', 'dist', { recursive: true })
