// SPDX-License-Identifier: Apache-2.0

package password

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/alexedwards/argon2id"

	"github.com/gatelatch/gatelatch"
)

// ErrBusy says that too many passwords are being hashed. The same request works
// a moment later.
var ErrBusy = errors.New("too many passwords at once")

// DefaultWaiting is how many requests may wait for a core.
const DefaultWaiting = 32

// turnsPerCore is how many requests at a time have a turn for each core: while one
// hashes, the others write down what comes before and after.
const turnsPerCore = 4

// Hasher hashes passwords, as many at once as it has workers, and lets a
// bounded number of requests wait for one. It is safe for concurrent use.
type Hasher struct {
	params Params
	places chan struct{} // those who hash, and those who wait
	turns  chan struct{} // those of them who are next
	cores  chan struct{} // those who hash
	// hash and compare are what takes time and memory; tests count them.
	hash    func(plain string, p *argon2id.Params) (string, error)
	compare func(r reading, forms []string) bool
}

// NewHasher returns a hasher. Zero workers means one for each core, zero waiting
// a queue of [DefaultWaiting]; a negative number lets nobody wait. Zero params
// are [DefaultParams].
func NewHasher(p Params, workers, waiting int) *Hasher {
	if p == (Params{}) {
		p = DefaultParams()
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if waiting == 0 {
		waiting = DefaultWaiting
	}
	return &Hasher{
		params:  p,
		places:  make(chan struct{}, workers+max(waiting, 0)),
		turns:   make(chan struct{}, workers*turnsPerCore),
		cores:   make(chan struct{}, workers),
		hash:    argon2id.CreateHash,
		compare: reading.matchesAny,
	}
}

// Enter takes a place among those who hash or wait to, or returns ErrBusy at
// once. Call leave when done; a second call does nothing.
func (h *Hasher) Enter() (leave func(), err error) {
	select {
	case h.places <- struct{}{}:
		return sync.OnceFunc(func() { <-h.places }), nil
	default:
		return nil, ErrBusy
	}
}

// Turn waits until the caller, who has entered, is one of the next to hash. Whoever
// must write something down before the hash, and could not take it back, does so
// in a turn: from then on a core comes for certain, after the few who are before
// it, and need not be waited for with a limit. Turn is ErrBusy when ctx has run
// out of time, and then nothing was taken. Call done after the hash; a second call
// does nothing.
func (h *Hasher) Turn(ctx context.Context) (done func(), err error) {
	if err := wait(ctx, h.turns); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { <-h.turns }), nil
}

// Hash returns a PHC string of argon2id (RFC 9106) over the NFKC form of a
// password, with 16 random bytes of salt. The caller has entered. It fails when
// ctx ends before a core is free, with ErrBusy when it has run out of time; a hash
// that has begun is finished.
func (h *Hasher) Hash(ctx context.Context, plain gatelatch.Secret) (string, error) {
	if err := wait(ctx, h.cores); err != nil {
		return "", err
	}
	defer h.release()
	return h.hash(normal(plain), h.params.library())
}

// Verdict is what became of a comparison.
type Verdict struct {
	Match bool
	// Outdated says that the hash is of another form, or cheaper, than one made
	// now: hash the password anew.
	Outdated bool
}

// Verify compares a password with a stored hash. An empty one costs the same as
// one made now and matches nothing; so do hashes made here. One that was
// imported costs what its maker chose until its owner first signs in. The
// caller has entered. It fails when ctx ends before a core is free, with ErrBusy
// when it has run out of time, and when the hash cannot be read.
func (h *Hasher) Verify(ctx context.Context, stored string, plain gatelatch.Secret) (Verdict, error) {
	r := h.dummy()
	if stored != "" {
		var err error
		if r, err = read(stored); err != nil {
			return Verdict{}, err
		}
	}
	if err := wait(ctx, h.cores); err != nil {
		return Verdict{}, err
	}
	defer h.release()
	matches := h.compare(r, spellings(plain)) && stored != ""
	return Verdict{Match: matches, Outdated: r.outdated(h.params)}, nil
}

// wait takes one of what is free, first come, first served. Nothing is taken for a
// request that is over.
func wait(ctx context.Context, free chan struct{}) error {
	if ctx.Err() != nil {
		return gaveUp(ctx)
	}
	select {
	case free <- struct{}{}:
		return nil
	case <-ctx.Done():
		return gaveUp(ctx)
	}
}

// gaveUp tells who was not served in time from who did not stay.
func gaveUp(ctx context.Context) error {
	err := ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

func (h *Hasher) release() { <-h.cores }

// dummy is a comparison that costs the same as a real one.
func (h *Hasher) dummy() reading {
	return argon2Reading(argon2idKey, h.params, make([]byte, saltSize), make([]byte, keySize))
}

// spellings are the forms in which a password may have been hashed: ours is
// normalised, while other programs mostly took the bytes as they came.
func spellings(plain gatelatch.Secret) []string {
	return slices.Compact([]string{normal(plain), plain.Reveal()})
}
