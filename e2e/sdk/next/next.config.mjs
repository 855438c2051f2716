// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url)) // where the packages are

/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  outputFileTracingRoot: root,
  turbopack: { root },
}
