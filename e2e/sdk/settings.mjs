// SPDX-License-Identifier: Apache-2.0

// How programs are bundled: for a browser, and for Node in the place of a phone.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const here = fileURLToPath(new URL('.', import.meta.url))

const clerk = dirname(createRequire(import.meta.url).resolve('@clerk/clerk-js'))

const common = {
  absWorkingDir: here,
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  legalComments: 'none',
  logLevel: 'warning',
  outdir: 'dist',
}

/** Pages for a browser. */
export const browser = {
  ...common,
  target: 'chrome120',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
}

/** Screens of an Expo app, run by Node: clerk-js in its native build. */
export const phone = {
  ...common,
  platform: 'node',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  alias: { '@clerk/clerk-js': join(clerk, 'clerk.native.js'), 'react-native': join(here, 'node/react-native.jsx') },
  // What esbuild finds required by CommonJS packages has to be there in a module.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
}
