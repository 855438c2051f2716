// SPDX-License-Identifier: Apache-2.0

// Package limit is the arithmetic of budgets: how many events in how much time,
// how many are left, and how long until the next one fits. It keeps nothing and
// reads no clock. The caller stores a [Budget] under a key of its own, one for
// each rate, and saves it in the transaction of the event that it counts, so
// that neither a crash nor a refusal gives anything back.
//
// Everything here is pure and safe for concurrent use.
package limit
