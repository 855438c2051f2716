// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// seen is what shows. Random values are left out and only their kind and
// length kept; so are the three fields that no view shows: who holds the
// address, whether the attempt is a decoy, and the stored form of the address.
type seen struct {
	attempt    string
	status     string
	transfer   bool
	factors    []string
	challenge  string
	repeated   bool // a wire name of an address came a second time
	refusal    gatelatch.Refusal
	issued     bool
	abandonAt  time.Time
	identifier gatelatch.Identifier
	allows     string
	rest       string
	written    []string
}

func (w *twin) see(out flow.Outcome, writes []flowtest.Write) seen {
	var s seen
	if out.Refusal != nil {
		s.refusal = *out.Refusal
	}
	s.issued = out.Issued != nil
	if si := out.SignIn; si != nil {
		s.attempt, s.status, s.transfer, s.abandonAt = shape(si.ID), string(si.Status), si.Transferable(), si.AbandonAt
		s.identifier, s.challenge, s.allows = si.Identifier, w.challenge(&s, si.First), fmt.Sprint(si.Allows())
		s.rest = fmt.Sprint(si.Tries, si.SecondTries, si.Trust, si.FirstBy, si.SecondFactors, si.Second, si.SessionID, si.Again)
		for _, f := range si.Factors {
			w.factor(&s, si.ID, f)
		}
	}
	if su := out.SignUp; su != nil {
		s.attempt, s.status, s.transfer, s.abandonAt = shape(su.ID), string(su.Status), su.Transferable(), su.AbandonAt
		s.challenge, s.allows = w.challenge(&s, su.EmailProof), fmt.Sprint(su.Allows(), su.UnverifiedFields())
		if su.Email != nil {
			w.factor(&s, su.ID, *su.Email)
		}
	}
	for _, x := range writes {
		s.written = append(s.written, written(x, w.g.Policy.SignUp == flow.SignUpOpen)...)
	}
	return s
}

func shape(id string) string {
	kind, random, _ := strings.Cut(id, "_")
	return fmt.Sprint(kind, " ", len(random))
}

// factor notes a factor. A name that is not new would be a stored one.
func (w *twin) factor(s *seen, id string, f flow.Factor) {
	s.factors = append(s.factors, fmt.Sprint(f.Strategy, f.To, shape(f.AddressID)))
	if f.AddressID == "" {
		return
	}
	other, known := w.names[f.AddressID]
	s.repeated = s.repeated || known && other != id
	w.names[f.AddressID] = id
}

func (w *twin) challenge(s *seen, v *flow.Verification) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(v.Strategy, v.To, shape(v.AddressID), v.Status, v.StatusAt(w.g.Clock.Now()), len(v.Nonce),
		v.Attempts, v.Sends, v.SentAt, v.ExpireAt, v.VerifiedAt, s.attempt)
}

// written is one write as its kind and its weight. No message is queued for a
// decoy, which only the queue shows, and the queue is nobody's to see.
func written(x flowtest.Write, open bool) []string {
	if x.What == "Enqueue" && !open {
		return nil
	}
	key, _, _ := strings.Cut(x.Key, " ")
	key, _, _ = strings.Cut(key, "_")
	if text, ok := x.Value.(string); ok {
		return []string{x.What + " " + key + " " + text}
	}
	return []string{x.What + " " + key}
}
