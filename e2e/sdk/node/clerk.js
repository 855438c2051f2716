// SPDX-License-Identifier: Apache-2.0

// Clerk as @clerk/expo sets it up (provider/singleton/createClerkInstance): the
// native build, without cookies, with the client's token in a header.
import { Clerk } from '@clerk/clerk-js'

/**
 * Makes an instance whose token is kept in vault.token, as an app keeps it in
 * the device's secure store.
 */
export function nativeClerk({ publishableKey, proxyUrl }, vault) {
  const clerk = new Clerk(publishableKey, { proxyUrl })
  clerk.__internal_onBeforeRequest(async request => {
    request.credentials = 'omit'
    request.url?.searchParams.append('_is_native', '1')
    request.headers.set('authorization', vault.token ?? '')
    request.headers.set('x-mobile', '1')
    request.headers.set('x-expo-sdk-version', '4.6.6')
  })
  clerk.__internal_onAfterResponse(async (_, response) => {
    const token = response.headers.get('authorization')
    if (token) vault.token = token
  })
  return clerk
}
