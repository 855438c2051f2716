// SPDX-License-Identifier: Apache-2.0

// Package archtest holds the project to its shape: which package may import
// which, where each outside module may be used, what the pure files of flow may
// not know, and that the links of the documentation lead somewhere. It consists
// of tests only.
package archtest
