// SPDX-License-Identifier: Apache-2.0

import { ClerkProvider } from '@clerk/nextjs'

export const dynamic = 'force-dynamic'
export const metadata = { title: 'Next app', icons: 'data:,' }

export default function Layout({ children }) {
  return (
    <ClerkProvider
      publishableKey={process.env.APP_PUBLISHABLE_KEY}
      proxyUrl={process.env.APP_PROXY_URL}
      signInUrl="/sign-in"
      telemetry={false}
    >
      <html lang="en">
        <body>{children}</body>
      </html>
    </ClerkProvider>
  )
}
