// SPDX-License-Identifier: Apache-2.0

// The globals that React Native has and Node lacks. There is no document.
globalThis.window = globalThis
globalThis.navigator ??= {}
for (const [name, value] of Object.entries({ product: 'ReactNative', userAgent: 'ReactNative', onLine: true })) {
  Object.defineProperty(globalThis.navigator, name, { value, configurable: true })
}
globalThis.addEventListener ??= () => {}
globalThis.removeEventListener ??= () => {}
