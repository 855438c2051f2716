// SPDX-License-Identifier: Apache-2.0

package backendapi

import "slices"

// routes are all calls of the API.
var routes = slices.Concat(
	userRoutes(), securityRoutes(), addressRoutes(), sessionRoutes(), clientRoutes(), signUpRoutes(), invitationRoutes(), listRoutes(), waitlistRoutes(),
	tokenRoutes(), instanceRoutes(), absentRoutes(),
)

// Routes returns the table of all calls, for whoever describes the API.
func Routes() []Route { return slices.Clone(routes) }
