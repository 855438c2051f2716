// SPDX-License-Identifier: Apache-2.0

// The app as most are: @clerk/react loads clerk-js and its components from the
// Frontend API.
import { start } from './react/app.jsx'

start({})
