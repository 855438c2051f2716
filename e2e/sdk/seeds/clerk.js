// SPDX-License-Identifier: Apache-2.0

// What an app's bundler would answer to '@clerk/clerk-js' where the proxy URL is
// a setting of the project: the class, with that setting.
import { Clerk as Real } from 'real-clerk-js'

import { keys } from '../src/config.js'

// The page of a Vite project reads its key from import.meta.env.
window.publishableKey = keys.publishableKey

export class Clerk extends Real {
  constructor(key, options) {
    super(key, { proxyUrl: keys.proxyUrl, ...options })
    window.clerk = this
  }
}
