// SPDX-License-Identifier: Apache-2.0

// The two settings that every SDK takes. The demo tells them, since it may listen
// anywhere; a site of your own has them as constants.
const answer = await fetch('settings.json')

export const { publishableKey, proxyUrl } = await answer.json()
