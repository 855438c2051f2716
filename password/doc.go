// SPDX-License-Identifier: Apache-2.0

// Package password hashes and judges passwords. Hashing is bounded: it never
// takes more memory than a hash for each core, and a request that finds the
// queue full is told so at once.
package password
