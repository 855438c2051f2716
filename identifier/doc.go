// SPDX-License-Identifier: Apache-2.0

// Package identifier turns what a visitor typed into the one canonical form of
// an e-mail address or phone number by which the gate looks people up and
// counts. Every spelling of an address has the same canonical form, and the
// canonical form of a canonical form is itself; what has none is refused before
// anything is stored or sent.
//
// It also makes the masked forms, the only ones that may reach a page or a log.
// Everything here is pure and safe for concurrent use.
package identifier
