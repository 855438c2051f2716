// SPDX-License-Identifier: Apache-2.0

// The routers of Next.js and Expo: they note where they were sent.
import { createElement } from 'react'

const router = {
  push: url => {
    globalThis.arrived = url
    if (globalThis.document) document.documentElement.dataset.arrived = url
  },
}

// One program uses this variable without declaring it.
globalThis.router = router

export const useRouter = () => router

export const Link = props => createElement('link', props)
