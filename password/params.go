// SPDX-License-Identifier: Apache-2.0

package password

import (
	"errors"

	"github.com/alexedwards/argon2id"
)

// The sizes of what is made here, in bytes.
const (
	saltSize = 16
	keySize  = 32
)

// Params are the costs of argon2id (RFC 9106).
type Params struct {
	Memory      uint32 // in KiB
	Iterations  uint32
	Parallelism uint8
}

// DefaultParams are 19 MiB, two passes and one lane (OWASP, Password Storage
// Cheat Sheet).
func DefaultParams() Params { return Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1} }

// errCost says that a hash costs more than a sign-in may.
var errCost = errors.New("the hash costs more than a sign-in may: at most 256 MiB and about a second")

// The most that one comparison may cost. A hash of this cost takes about a
// second of one core.
const (
	maxMemory      = 256 << 10 // KiB
	maxWork        = 1 << 20   // KiB times passes
	maxParallelism = 16
)

// Check returns why hashes of these costs cannot be made or compared, or nil.
func (p Params) Check() error {
	if p.Memory < 8*uint32(p.Parallelism) || p.Iterations < 1 || p.Parallelism < 1 {
		return errors.New("argon2 takes at least one pass, one lane, and 8 KiB of memory for each lane")
	}
	if p.Memory > maxMemory || p.Parallelism > maxParallelism || uint64(p.Memory)*uint64(p.Iterations) > maxWork {
		return errCost
	}
	return nil
}

// below reports whether p costs an attacker less than q in any way.
func (p Params) below(q Params) bool {
	return p.Memory < q.Memory || p.Iterations < q.Iterations || p.Parallelism < q.Parallelism
}

func (p Params) library() *argon2id.Params {
	return &argon2id.Params{
		Memory: p.Memory, Iterations: p.Iterations, Parallelism: p.Parallelism, SaltLength: saltSize, KeyLength: keySize,
	}
}
