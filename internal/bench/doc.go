// SPDX-License-Identifier: Apache-2.0

// Package bench holds benchmarks of the whole, put together as the Caddy
// module puts it together but without Caddy: pages, flow, a real database and
// the delivery queue.
package bench
