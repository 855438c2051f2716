// SPDX-License-Identifier: Apache-2.0

// The parts that a new Expo project has beside react-native's.
import { createElement } from 'react'

export const ThemedText = props => createElement('text', props)
export const ThemedView = props => createElement('view', props)

const colors = { background: '#fff', icon: '#000' }
export const Colors = { light: colors, dark: colors }
export const useColorScheme = () => 'light'
