// SPDX-License-Identifier: Apache-2.0

// What a page is told by the server: publishable key, proxy URL and what to
// show. Bundles are built once and know none of it.
export const config = JSON.parse(document.getElementById('config').textContent)

/** The two options that every SDK takes. */
export const keys = { publishableKey: config.publishableKey, proxyUrl: config.proxyUrl }
