// SPDX-License-Identifier: Apache-2.0

// Package sqlstore holds every query of Gatelatch once. The same text runs on
// SQLite and on PostgreSQL; the few places where the two differ are in
// [Dialect], and how a transaction is run is up to an [Engine].
//
// At rest times are Unix microseconds in UTC (0 for the zero time), hashes are
// bytes, and an attempt is one JSON document, so that a new field of an attempt
// needs no migration. Addresses, tokens and keys never stand in an error.
package sqlstore
