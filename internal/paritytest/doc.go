// SPDX-License-Identifier: Apache-2.0

// Package paritytest shows that the pages and the API for programs are two views
// of one thing: a script of what people do, done over the one and over the other,
// ends in equal states after every step.
package paritytest
