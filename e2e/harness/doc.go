// SPDX-License-Identifier: Apache-2.0

// Package harness runs a real gate in front of a real upstream, and visits it
// with a raw HTTP client or a real browser. It knows nothing of the gate's
// insides: it reads pages, cookies and the outbox file as anybody could.
package harness
