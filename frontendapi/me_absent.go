// SPDX-License-Identifier: Apache-2.0

package frontendapi

import "github.com/gatelatch/gatelatch/wire"

// NoneOfMany is a page of a list that is always empty.
type NoneOfMany struct {
	Data       []wire.Nothing `json:"data"`
	TotalCount int            `json:"total_count"`
}

// showNoneOfMany answers programs that look for organizations.
func (c *call) showNoneOfMany() {
	if _, ok := c.acting(); ok {
		c.read(NoneOfMany{Data: []wire.Nothing{}})
	}
}

// showNone answers programs that look for accounts elsewhere.
func (c *call) showNone() {
	if _, ok := c.acting(); ok {
		c.read([]wire.Nothing{})
	}
}

// absent refuses what is not offered.
func (c *call) absent() {
	if _, ok := c.acting(); ok {
		c.refuse(notOffered())
	}
}
