// SPDX-License-Identifier: Apache-2.0

import { clerkMiddleware } from '@clerk/nextjs/server'

// The keys come with the process, not with the build: one build serves every
// test. Clerk's server code reads CLERK_SECRET_KEY by itself.
export default clerkMiddleware(
  async (auth, request) => {
    if (request.nextUrl.pathname.startsWith('/members')) await auth.protect()
  },
  () => ({
    publishableKey: process.env.APP_PUBLISHABLE_KEY,
    jwtKey: process.env.APP_JWT_KEY,
    proxyUrl: process.env.APP_PROXY_URL,
    signInUrl: '/sign-in',
  }),
)

// Node runs it: the edge runtime would have the environment of the build.
export const config = { runtime: 'nodejs', matcher: ['/((?!_next|icon).*)'] }
