// SPDX-License-Identifier: Apache-2.0

// Lets a test give what a person would type into programs that ask nobody:
// window.given(name) waits for window.give(name, value).
const promised = {}

function promise(name) {
  promised[name] ??= Promise.withResolvers()
  return promised[name]
}

window.given = name => {
  document.documentElement.dataset.wants = name
  return promise(name).promise
}
window.give = (name, value) => promise(name).resolve(value)
