// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

// What is wrong with a new user is said in two ways. Commands and imports are read
// by people, who look for their line, and programs know Clerk's codes and fields.

// readAddress reads an address that a new user brings. A line that has it under the
// wrong heading hears of that.
func (s *Service) readAddress(n NewAddress, line bool) (identifier.Parsed, *gatelatch.Refusal) {
	if !line {
		return s.parseAs(n.Kind, n.Typed)
	}
	to, no := s.parse(n.Typed)
	if no == nil && to.Kind != n.Kind {
		no = refuse(gatelatch.CodeFormat, string(n.Kind), "What stands for an %s is none.", strings.ReplaceAll(string(n.Kind), "_", " "))
	}
	return to, no
}

func refuseTwice(id gatelatch.Identifier, line bool) *gatelatch.Refusal {
	if line {
		return refuse(gatelatch.CodeDuplicate, string(id.Kind), "The address %s is there twice.", identifier.Mask(id))
	}
	return refuse(gatelatch.CodeExists, string(id.Kind), "The same address is there twice.")
}

func refuseNoAddresses(line bool) *gatelatch.Refusal {
	if line {
		return refuse(gatelatch.CodeMissing, "email_addresses", "There is no email address and no phone number to sign in with.")
	}
	return refuse(gatelatch.CodeNoData, paramEmail, "A user needs an email address or a phone number to sign in with.")
}

// refuseTaken is said to whom somebody was quicker than.
func refuseTaken(line bool) *gatelatch.Refusal {
	if line {
		return refuse(gatelatch.CodeDuplicate, "", "Somebody has that address, or that id, already.")
	}
	return refuse(gatelatch.CodeExists, "", "Somebody has that address, or that external id, already.")
}
