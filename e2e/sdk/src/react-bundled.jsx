// SPDX-License-Identifier: Apache-2.0

// The app with clerk-js and its components in the bundle: nothing else is loaded.
import { Clerk } from '@clerk/clerk-js'
import { ui } from '@clerk/ui'

import { start } from './react/app.jsx'

start({ Clerk, ui })
