// SPDX-License-Identifier: Apache-2.0

// Package gatelatch holds the vocabulary of the gate: users and the addresses
// that identify them, clients (browsers), sessions, and the words with which
// the gate says no. It depends on the standard library only; every other
// package of the project speaks in these types.
//
// A domain "no" is a [Refusal], a value that is saved and shown. An error is a
// machine failing; it is logged and answered with 503, never with a pass.
package gatelatch
