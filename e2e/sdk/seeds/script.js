// SPDX-License-Identifier: Apache-2.0

// A page where window.Clerk is loaded before the program runs.
import { Clerk } from '@clerk/clerk-js'

import { keys } from '../src/config.js'

import './given.js'

const clerk = new Clerk(keys.publishableKey, { proxyUrl: keys.proxyUrl })
await clerk.load()
window.Clerk = window.clerk = clerk
