// SPDX-License-Identifier: Apache-2.0

// As much of react-native as a sign-in screen needs. The elements are plain host
// elements, which the driver finds and presses.
import { createElement } from 'react'

const element = name => props => createElement(name, props)

export const View = element('view')
export const Text = element('text')
export const TextInput = element('input')
export const Pressable = element('pressable')
export const Platform = { OS: 'ios', select: choices => choices.ios ?? choices.native ?? choices.default }
export const StyleSheet = { create: styles => styles }
