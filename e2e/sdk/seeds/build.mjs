// SPDX-License-Identifier: Apache-2.0

// "node seeds/build.mjs <directory>" cuts the programs out of the documents in
// the directory and bundles them into dist/seeds/: pages for a browser, and
// screens of an Expo app into one program for Node.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { build } from 'esbuild'

import { browser, here, phone } from '../settings.mjs'
import { programs } from './cut.mjs'
import { mended } from './repairs.mjs'

const out = join(here, 'dist/seeds/cut')
const local = name => join(here, 'seeds', name)
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const all = programs(process.argv[2])
const names = Object.keys(all)
for (const name of names) writeFileSync(join(out, name), mended(name, all[name]))

const stem = name => name.replace(/\.[a-z]+$/, '')
const isScreen = name => name.includes('expo')
const entry = (name, text) => {
  writeFileSync(join(out, name), text)
  return join(out, name)
}

/** A page is mounted; a script is run, after window.Clerk is there where it expects that. */
function page(name) {
  if (name.endsWith('.tsx')) {
    return entry(`${stem(name)}.entry.jsx`, `import Page from './${name}'\nimport { mount } from '${local('web.jsx')}'\nmount(Page)\n`)
  }
  const before = name.startsWith('old') ? local('script.js') : local('clerk.js')
  return entry(`${stem(name)}.entry.jsx`, `import '${before}'\nimport '${local('given.js')}'\nimport './${name}'\n`)
}

const settings = {
  outdir: 'dist/seeds',
  entryNames: '[name]',
  // The documents import types without saying so; only what is used is kept.
  tsconfigRaw: { compilerOptions: { jsx: 'react-jsx' } },
}
const clerk = {
  '@clerk/nextjs': '@clerk/react',
  '@clerk/expo': '@clerk/react',
  '@clerk/clerk-react': '@clerk/react/legacy',
}

await build({
  ...browser,
  ...settings,
  entryPoints: Object.fromEntries(names.filter(n => !isScreen(n) && !n.endsWith('.html')).map(n => [stem(n), page(n)])),
  define: { ...browser.define, 'import.meta.env.VITE_CLERK_PUBLISHABLE_KEY': 'window.publishableKey' },
  plugins: [
    {
      name: 'vanilla',
      setup: plugin => {
        plugin.onResolve({ filter: /^@clerk\/clerk-js$/ }, ({ importer }) =>
          /vanilla-[a-z-]+\.js$/.test(importer) ? { path: local('clerk.js') } : undefined,
        )
      },
    },
  ],
  alias: { ...clerk, 'next/navigation': local('router.jsx'), 'real-clerk-js': '@clerk/clerk-js' },
})

const screens = names.filter(isScreen)
const screensEntry = [
  `import { drive } from '${join(here, 'node/driver.jsx')}'`,
  ...screens.map((name, i) => `import Page${i} from './${name}'`),
  `await drive({ ${screens.map((name, i) => `'${stem(name)}': Page${i}`).join(', ')} })`,
].join('\n')

await build({
  ...phone,
  ...settings,
  entryPoints: { screens: entry('screens.entry.jsx', screensEntry) },
  alias: {
    ...phone.alias,
    ...clerk,
    'expo-router': local('router.jsx'),
    '@/components/themed-text': local('themed.jsx'),
    '@/components/themed-view': local('themed.jsx'),
    '@/constants/theme': local('themed.jsx'),
    '@/hooks/use-color-scheme': local('themed.jsx'),
  },
})
